#include "vpn/io/derive_apart.hpp"

#include "vpn/io/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace marvel::vpn {
namespace {

constexpr std::size_t kAnswer = 64;  // both secrets, one after the other

// In the child; no destructor of the parent's objects may run here.
[[noreturn]] void derive_and_exit(int to, std::string_view passphrase,
                                  const std::string& community) {
  Block<kAnswer> answer{};
  const auto keys = passphrase_keys(passphrase, community);
  if (!keys) {
    ::_exit(1);
  }
  std::copy(keys->member.bytes.begin(), keys->member.bytes.end(), answer.begin());
  std::copy(keys->supernode.bytes.begin(), keys->supernode.bytes.end(), answer.begin() + 32);
  const bool written = ::write(to, answer.data(), answer.size()) == kAnswer;  // fits a pipe
  wipe(answer);
  ::_exit(written ? 0 : 1);
}

bool read_all(int from, MutableBytes into) {
  while (!into.empty()) {
    const ssize_t got = ::read(from, into.data(), into.size());
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return false;
    }
    into = into.subspan(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  return true;
}

void wait_for(pid_t child) {
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<PassphraseKeys> passphrase_keys_apart(std::string_view passphrase,
                                             const std::string& community) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return passphrase_keys(passphrase, community);
  }
  const Fd from(ends[0]);
  Fd to(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    derive_and_exit(to.get(), passphrase, community);
  }
  if (child < 0) {
    return passphrase_keys(passphrase, community);
  }
  {
    const Fd closed(std::move(to));
  }  // so that a child that fails is the end of the pipe
  Block<kAnswer> answer{};
  const bool whole = read_all(from.get(), answer);
  wait_for(child);
  if (!whole) {
    return fail(Errc::kUnavailable, "not enough memory to turn the passphrase into a key",
                "64 MiB are needed for a moment");
  }
  PassphraseKeys keys;
  keys.community = community_of_name(community);
  std::copy_n(answer.begin(), 32, keys.member.bytes.begin());
  std::copy_n(answer.begin() + 32, 32, keys.supernode.bytes.begin());
  wipe(answer);
  return keys;
}

}  // namespace marvel::vpn
