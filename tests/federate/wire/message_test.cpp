// The vectors were serialised by Flower 0.17.0 and 1.8.0 with protobuf 3.21 and numpy 1.24.
#include "federate/wire/message.hpp"

#include "federate/array/npy.hpp"
#include "net/sha256.hpp"

#include <doctest/doctest.h>

namespace marvel::federate::wire {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

Parameters two_by_two() {
  const Tensor tensor{Dtype::kFloat32, {2, 2}, std::vector<float>{1, 2, 3, 4}};
  return {{Bytes::from(npy_text(tensor))}, "numpy.ndarray"};
}

template <class Message>
std::string written(const Message& message, Dialect dialect) {
  return hex(encode(message, dialect).text());
}

struct Vector {
  std::string digest;  // the first 16 digits of its SHA-256
  std::size_t size;
};

template <class Message>
void check_vector(const Message& message, Dialect dialect, const Vector& wanted) {
  const std::string bytes = encode(message, dialect).text();
  CHECK(bytes.size() == wanted.size);
  CHECK(net::sha256_hex(bytes)->substr(0, 16) == wanted.digest);
}

constexpr auto kA = Dialect::kLegacy;
constexpr auto kB = Dialect::kModern;
const Outcome kFine{0, "Success"};

}  // namespace

TEST_CASE("small messages are Flower's, byte for byte, in both dialects") {
  CHECK(written(ServerMessage(GetParameters{}), kA) == "1200");
  CHECK(written(ServerMessage(GetParameters{}), kB) == "1a00");
  CHECK(written(ServerMessage(GetProperties{}), kB) == "1200");
  CHECK(written(ServerMessage(Reconnect{0}), kA) == "0a00");
  CHECK(written(ServerMessage(Reconnect{5}), kB) == "0a020805");
  CHECK(written(ClientMessage(Disconnect{1}), kA) == "0a020801");
  const Config accuracy{{"accuracy", 0.9}};
  CHECK(written(ClientMessage(EvaluateResult{kFine, 0.5F, 100, accuracy}), kA) ==
        "221e0864150000003f22150a086163637572616379120909cdccccccccccec3f");
  CHECK(written(ClientMessage(EvaluateResult{kFine, 0.5F, 100, accuracy}), kB) ==
        "2a290a09120753756363657373150000003f186422150a086163637572616379120909cdccccccccccec3f");
  const Outcome refused{1, "Client does not implement `get_properties`"};
  CHECK(encode(ClientMessage(PropertiesResult{refused, {}}), kB).size() == 50);
}

TEST_CASE("messages with tensors have Flower's checksums") {
  const Config epochs{{"epochs", std::int64_t{10}}};
  const Config cid{{"cid", std::int64_t{7}}};
  check_vector(ServerMessage(Fit{two_by_two(), epochs}), kA, {"0db1ab4f852b7fb3", 182});
  check_vector(ServerMessage(Fit{two_by_two(), epochs}), kB, {"cbced19a7360882a", 182});
  check_vector(ServerMessage(Evaluate{two_by_two(), {}}), kA, {"735585753cc36c5f", 168});
  check_vector(ServerMessage(Evaluate{two_by_two(), {}}), kB, {"9ef78cc04375c9be", 168});
  check_vector(ClientMessage(ParametersResult{kFine, two_by_two()}), kA, {"cf36a3d7e93447bf", 168});
  check_vector(ClientMessage(ParametersResult{kFine, two_by_two()}), kB, {"2279b0f03cf70ed5", 179});
  check_vector(ClientMessage(FitResult{kFine, two_by_two(), 100, cid}), kA,
               {"36eb7df4f1e033d1", 181});
  check_vector(ClientMessage(FitResult{kFine, two_by_two(), 100, cid}), kB,
               {"e7580f03a74e3960", 192});
}

TEST_CASE("scalars are Flower's, and unsigned numbers of newer clients are read") {
  const Config config{
      {"a", std::int64_t{-1}}, {"b", std::int64_t{300}}, {"c", 0.5}, {"d", true}, {"e", "x"},
      {"f", Blob{"\xff"}}};
  const auto back = decode_server(encode(ServerMessage(GetProperties{config}), kB), kB);
  REQUIRE(back.has_value());
  CHECK(std::get<GetProperties>(*back).config == config);
  CHECK(written(ServerMessage(GetProperties{{{"a", std::int64_t{-1}}}}), kB) ==
        "12090a070a016112024001");
  // get_properties_ins { config { "n": uint64 300 } }
  const auto newer = decode_server(
      Bytes::from(std::string("\x12\x0a\x0a\x08\x0a\x01n\x12\x03\x30\xac\x02", 12)), kB);
  REQUIRE(newer.has_value());
  CHECK(std::get<GetProperties>(*newer).config.at("n") == Scalar(std::int64_t{300}));
}

TEST_CASE("what is written is read back in both dialects") {
  for (const auto dialect : {kA, kB}) {
    const auto fit = decode_client(
        encode(ClientMessage(FitResult{kFine, two_by_two(), 5, {{"loss", 0.25}}}), dialect),
        dialect);
    REQUIRE(fit.has_value());
    const auto& result = std::get<FitResult>(*fit);
    CHECK(result.num_examples == 5);
    CHECK(result.metrics.at("loss") == Scalar(0.25));
    REQUIRE(result.parameters.tensors.size() == 1);
    CHECK(result.parameters.tensors[0].text() == two_by_two().tensors[0].text());
    const auto evaluated =
        decode_client(encode(ClientMessage(EvaluateResult{kFine, 0.5F, 9, {}}), dialect), dialect);
    REQUIRE(evaluated.has_value());
    CHECK(std::get<EvaluateResult>(*evaluated).loss == 0.5F);
    CHECK(std::get<EvaluateResult>(*evaluated).num_examples == 9);
  }
}

TEST_CASE("a prefix of a message is refused, never misread as a whole one") {
  const std::string whole =
      encode(ClientMessage(FitResult{kFine, two_by_two(), 100, {{"cid", std::int64_t{7}}}}), kB)
          .text();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(decode_client(Bytes::from(whole.substr(0, length)), kB).has_value());
  }
}

TEST_CASE("what a client says of its failure is short and cannot steer a terminal") {
  const auto read = [](const std::string& said) {
    FitResult result;
    result.outcome = {1, said};
    const auto back = decode_client(encode(ClientMessage(result), kB), kB);
    REQUIRE(back.has_value());
    return std::get<FitResult>(*back).outcome.message;
  };
  CHECK(read("out of memory") == "out of memory");
  CHECK(read("\x1b]0;mine\x07 \n\xff") == " ]0;mine   \uFFFD");
  CHECK(read(std::string(5000000, 'x')) == std::string(200, 'x') + "...");
  std::string smile;
  for (int i = 0; i < 201; ++i) {
    smile += "\U0001F600";
  }
  CHECK(read(smile) == smile.substr(0, 800) + "...");
}

TEST_CASE("unknown fields are skipped and unknown messages refused") {
  CHECK_FALSE(decode_client(Bytes::from(std::string("\x7a\x00", 2)), kB).has_value());
  CHECK(decode_client(Bytes::from(std::string("\x7a\x00\x0a\x00", 4)), kB).has_value());
  CHECK_FALSE(decode_client(Bytes::from("\x08\x01"), kB).has_value());  // the type of a number
}

}  // namespace marvel::federate::wire
