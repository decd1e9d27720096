#include "vpn/io/derive_apart.hpp"

#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::vpn {
namespace {

// VmHWM of this process: the most memory that was ever resident, in KiB.
long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stol(line.substr(6));
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("a child derives the same keys, and its memory is not this process's") {
  REQUIRE(start_crypto());
  // Other tests of this process may have derived keys themselves, so a fresh one measures.
  const pid_t measured = ::fork();
  if (measured == 0) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak is what is resident now
    const long before = peak_kib();
    const auto keys = passphrase_keys_apart("correct horse battery staple", "grn");
    constexpr long kSmall = 16L * 1024;
    ::_exit(keys && before > 0 && peak_kib() - before < kSmall ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(measured, &status, 0) == measured);
  CHECK(status == 0);
  const auto apart = passphrase_keys_apart("correct horse battery staple", "grn");
  const auto here = passphrase_keys("correct horse battery staple", "grn");
  REQUIRE(apart);
  REQUIRE(here);
  CHECK(apart->community == here->community);
  CHECK(apart->member.bytes == here->member.bytes);
  CHECK(apart->supernode.bytes == here->supernode.bytes);
  int left = 0;
  CHECK(::waitpid(-1, &left, WNOHANG) == -1);  // no child is left behind
}

}  // namespace marvel::vpn
