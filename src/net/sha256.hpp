#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace marvel::net {

// SHA-256 (FIPS 180-4) of bytes that come in pieces, by OpenSSL, which uses the CPU's instructions
// for it. OpenSSL comes with libcurl and is opened at the first call, as libcurl is: digests are
// needed where blobs of images travel, and nowhere at start-up.
//   MARVEL_TRY(Sha256 digest, Sha256::make());
//   digest.update(first);
//   digest.update(second);
//   digest.hex() == "ba7816bf...";
// One thread at a time; several objects side by side do not disturb each other.
class Sha256 {
 public:
  // kUnsupported when OpenSSL is not installed. Any thread. It allocates OpenSSL's context, which
  // goes with the object.
  static Result<Sha256> make();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  // Pieces of any size; cutting differently gives the same digest. Not after hex().
  void update(std::string_view bytes);
  // Of all bytes so far, in 64 small hexadecimal digits. Once, as the last call. Another call of it
  // is a mistake of ours that ends the program.
  std::string hex();

 private:
  class State;
  explicit Sha256(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The same for what is in memory as a whole. kUnsupported as above.
Result<std::string> sha256_hex(std::string_view bytes);

}  // namespace marvel::net
