#include "federate/transport/expected_answer.hpp"

#include "federate/client/size_report.hpp"
#include "federate/secure/messages.hpp"
#include "federate/wire/chunks.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kMega = 1'000'000;

wire::Fit fit_of(wire::Config config) {
  wire::Fit fit;
  fit.parameters.tensors.push_back(Bytes::from("a tensor"));
  fit.config = std::move(config);
  return fit;
}

std::uint64_t megabytes(const ExpectedAnswer& answer) {
  return answer.bytes / kMega;
}

}  // namespace

TEST_CASE("a model is expected to come back as it went, or as it is encoded") {
  const auto plain = expected_answer(fit_of({}), 100 * kMega, {});
  CHECK_FALSE(plain.at_once);
  CHECK(megabytes(plain) == 101);
  const auto encoded = [](const char* name) {
    return expected_answer(fit_of({{"marvel.encoding", name}, {"marvel.keep", 0.1}}), 100 * kMega,
                           {true, 0});
  };
  CHECK(megabytes(encoded("fp16")) == 50);
  CHECK(megabytes(encoded("int8")) == 25);
  CHECK(megabytes(encoded("top-k")) == 20);
  const auto masked = fit_of({{secure::kSessionSetting, "s"}});
  CHECK(megabytes(expected_answer(masked, 100 * kMega, {true, 0})) == 404);
}

TEST_CASE("a size alone is expected only from those who know the question") {
  const auto question = fit_of({{kReportSetting, "norm"}});
  CHECK(expected_answer(question, 100 * kMega, {true, 0}).at_once);
  CHECK_FALSE(expected_answer(question, 100 * kMega, {false, 0}).at_once);
  wire::Fit upload;
  upload.config = {{kUploadSetting, std::int64_t{1}}};
  CHECK(megabytes(expected_answer(upload, 100, {true, 100 * kMega})) == 101);
}

TEST_CASE("few bytes are read at once, so many are not") {
  const auto evaluate = expected_answer(wire::Evaluate{}, 100 * kMega, {});
  CHECK(evaluate.at_once);
  CHECK(megabytes(evaluate) == 0);
  CHECK(expected_answer(wire::Reconnect{}, 2, {}).at_once);
  CHECK(expected_answer(fit_of({}), 60'000, {}).at_once);
  CHECK_FALSE(expected_answer(fit_of({}), 70'000, {}).at_once);
  const auto first = expected_answer(wire::GetParameters{}, 2, {});
  CHECK(first.at_once);
  CHECK(first.bytes == wire::kLongestMessage);
}

TEST_CASE("a question tells its round") {
  CHECK(round_of(fit_of({{"marvel.round", std::int64_t{7}}})) == 7);
  CHECK(round_of(fit_of({{"marvel.round", std::int64_t{-7}}})) == 0);
  CHECK(round_of(fit_of({})) == 0);
  CHECK(round_of(wire::Evaluate{}) == 0);
}

}  // namespace marvel::federate
