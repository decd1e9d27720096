// What clients and servers of a secure sum send each other: any bytes are refused as input or come
// back as they were; a server that is fed them goes on or leaves the client out.
#include "federate/secure/member.hpp"
#include "federate/secure/secure_round.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace marvel::federate;
using marvel::Errc;

namespace {

template <class Decoded, class Encode>
void check(const Decoded& decoded, const std::string& text, const Encode& encode) {
  FUZZ_LAW(decoded ? encode(*decoded) == text : decoded.error().code == Errc::kInput);
}

wire::FitResult answer_of(const secure::SecureRound& round, const std::string& data) {
  wire::FitResult answer;
  answer.metrics = {{secure::kSessionSetting, round.session()},
                    {secure::kStageSetting, std::string(secure::stage_name(round.stage()))},
                    {secure::kDataEntry, wire::Blob{data}}};
  return answer;
}

// Two honest members up to their masked updates, then `text` in place of what one of them says.
void feed_server(unsigned stage, const std::string& text) {
  secure::SecureRound round({"a", "b"}, 1, 2);
  secure::Member a(round.session());
  secure::Member b(round.session());
  const auto give = [&](const std::string& name, const std::string& data) {
    (void)round.take(name, answer_of(round, data));
  };
  give("a", stage == 0 ? text : secure::encode(a.keys()));
  give("b", secure::encode(b.keys()));
  if (stage == 0 || !round.next()) {
    return;
  }
  const std::vector<secure::OpenKeys> roster{a.keys(), b.keys()};
  const auto from_a = a.deal(roster, 1, 2);
  const auto from_b = b.deal(roster, 2, 2);
  give("a", stage == 1 ? text : secure::encode(*from_a));
  give("b", secure::encode(*from_b));
  if (!round.next()) {
    return;
  }
  const auto parcels = secure::decode_parcels(text);
  std::vector<std::uint64_t> numbers{1, 2};
  if (parcels) {
    (void)a.mask(*parcels, numbers);
  }
  if (const auto places = secure::decode_places(text)) {
    (void)a.reveal(*places);
  }
  auto masked = answer_of(round, "");
  masked.parameters = {{Bytes::from(text)}, secure::kMaskedType};
  (void)round.take("a", masked);
  (void)round.take("b", masked);
  if (round.next()) {
    give("a", text);
    give("b", text);
    (void)round.next();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = secure::prepare().has_value();
  if (size == 0 || !ready) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  check(secure::decode_keys(text), text, [](const auto& value) { return secure::encode(value); });
  check(secure::decode_roster(text), text, [](const auto& value) { return secure::encode(value); });
  check(secure::decode_parcels(text), text,
        [](const auto& value) { return secure::encode(value); });
  check(secure::decode_reveals(text), text,
        [](const auto& value) { return secure::encode(value); });
  check(secure::decode_places(text), text,
        [](const auto& value) { return secure::encode_places(value); });
  feed_server(data[0] % 4U, text);
  return 0;
}
