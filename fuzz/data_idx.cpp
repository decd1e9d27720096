// IDX files: any bytes, plain or gzip'd, give an array whose size agrees with its shape, or kInput.
#include "data/idx.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto array = marvel::data::parse_idx(bytes, "fuzz");
  if (!array) {
    FUZZ_LAW(array.error().code == marvel::Errc::kInput);
    return 0;
  }
  std::uint64_t values = 1;
  for (const auto extent : array->shape) {
    FUZZ_LAW(extent >= 1);
    values *= extent;
  }
  FUZZ_LAW(!array->shape.empty() && array->shape.size() <= 4);
  FUZZ_LAW(array->values.size() == values);
  return 0;
}
