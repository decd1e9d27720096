// Arrays of numpy: any bytes are refused as input, or give an array whose size agrees with its
// shape and which is the same after it was written and read again. The same bytes are tried as an
// archive (.npz).
#include "federate/array/npy.hpp"
#include "federate/array/npz.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace marvel::federate;  // NOLINT(google-build-using-namespace): a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tensor = decode_npy(Bytes::from(std::string(text)));
  if (tensor) {
    FUZZ_LAW(tensor->size() == element_count(tensor->shape));
    FUZZ_LAW(tensor->size() * dtype_bytes(tensor->dtype) <= size);
    const std::string once = npy_text(*tensor);
    const auto again = decode_npy(Bytes::from(once));
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(npy_text(*again) == once);
  } else {
    FUZZ_LAW(tensor.error().code == marvel::Errc::kInput);
  }
  const auto model = decode_npz(text, "fuzz", 1U << 20U);
  FUZZ_LAW(model || model.error().code == marvel::Errc::kInput);
  return 0;
}
