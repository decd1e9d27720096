// Encoded updates and kept ones: any bytes are refused as input, or are a model of the right shape.
#include "federate/client/update_store.hpp"
#include "federate/strategy/update.hpp"
#include "federate/wire/update_encoding.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace marvel::federate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Model reference{make_tensor(Dtype::kFloat32, {2, 3})};
  wire::Parameters parameters;
  parameters.tensors.push_back(Bytes::from(text));
  const auto decoded = wire::decode_update(parameters, reference);
  if (decoded) {
    FUZZ_LAW(decoded->tensors.size() == 1);
    const bool is_file = text.empty() || data[0] != 0xD5;
    const auto header = read_npy_header(decoded->tensors[0]);
    FUZZ_LAW(is_file || (header.has_value() && header->shape == reference[0].shape));
  } else {
    FUZZ_LAW(decoded.error().code == marvel::Errc::kInput);
  }
  const auto kept = decode_kept(text, "fuzz");
  FUZZ_LAW(kept.has_value() || kept.error().code == marvel::Errc::kInput);
  FUZZ_LAW(!kept || decode_kept(encode_kept(*kept), "fuzz").has_value());
  return 0;
}
