#pragma once

#include <cstdint>
#include <string_view>

namespace marvel::federate {

// The CRC-32 of zip archives (polynomial 0x04c11db7, reflected) of what came before and then
// `bytes`; 0 is that of nothing. The same as zlib's crc32(), and faster where the processor
// multiplies without carries (all x86-64 since about 2012).
[[nodiscard]] std::uint32_t crc32_after(std::uint32_t before, std::string_view bytes);

}  // namespace marvel::federate
