#include "federate/client/kept_pixels.hpp"

#include "federate/strategy/dynhp.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace marvel::federate {

Result<std::vector<std::int32_t>> kept_pixels(const wire::Config& config, std::size_t count,
                                              int pixels) {
  const auto refuse = [count] {
    return fail(
        Errc::kInput,
        fmt::format("the server's model has {} inputs, and which ones it does not say", count),
        "give all clients the same --layers");
  };
  const auto found = config.find(kPixelsSetting);
  if (found == config.end()) {
    if (count != static_cast<std::size_t>(pixels)) {
      return refuse();
    }
    std::vector<std::int32_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  const auto* blob = std::get_if<wire::Blob>(&found->second);
  if (blob == nullptr || blob->bytes.size() != count * sizeof(std::int32_t)) {
    return refuse();
  }
  std::vector<std::int32_t> kept(count);
  std::copy_n(blob->bytes.data(), blob->bytes.size(), reinterpret_cast<char*>(kept.data()));
  std::int32_t least = 0;
  for (const auto pixel : kept) {
    if (pixel < least || pixel >= pixels) {
      return refuse();
    }
    least = pixel + 1;
  }
  return kept;
}

}  // namespace marvel::federate
