#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace marvel::net {

// SHA-256 (FIPS 180-4) of bytes that come in pieces, by OpenSSL, which uses the CPU's instructions
// for it. OpenSSL comes with libcurl and is opened at the first call, as libcurl is.
class Sha256 {
 public:
  // kUnsupported when OpenSSL is not installed.
  static Result<Sha256> make();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view bytes);
  // Of all bytes so far, in 64 small hexadecimal digits. Once, as the last call.
  std::string hex();

 private:
  class State;
  explicit Sha256(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

Result<std::string> sha256_hex(std::string_view bytes);

}  // namespace marvel::net
