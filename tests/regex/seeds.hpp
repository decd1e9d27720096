#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace marvel::test {

// How many random cases a test tries: `usual`, times MARVEL_SEEDS when that is set. Nightly runs
// and proofs set it to thousands; a failure prints its seed.
inline std::uint64_t seeds(std::uint64_t usual) {
  const char* const times = std::getenv("MARVEL_SEEDS");  // NOLINT(concurrency-mt-unsafe)
  return times == nullptr ? usual : usual * std::stoull(times);
}

}  // namespace marvel::test
