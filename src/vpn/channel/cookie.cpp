#include "vpn/channel/cookie.hpp"

#include "vpn/wire/reader.hpp"

namespace marvel::vpn {
namespace {

constexpr Duration kSecretLives = seconds(120);
constexpr std::size_t kNonceAt = 8;
constexpr std::size_t kSealedAt = kNonceAt + 24;

Block<32> cookie_key(const PublicKey& responder) {
  return blake2b_256({bytes_of("marvel vpn cookie"), responder});
}

}  // namespace

Block<16> CookieJar::cookie_of(Time now, const Endpoint& from) {
  if (!has_secret_ || now - secret_since_ > kSecretLives) {
    secret_ = random_secret(random_);
    secret_since_ = now;
    has_secret_ = true;
  }
  Block<2> port{};
  store_le(port.data(), from.port);
  return blake2b_128({from.address, port}, secret_.bytes);
}

bool CookieJar::admit(Time now, const Endpoint& from, Bytes first) {
  if (now - second_begin_ >= seconds(1)) {
    second_begin_ = now;
    in_second_ = 0;
  }
  if (++in_second_ <= rate_) {
    return true;
  }
  const auto mac2 = blake2b_128({first.first(first.size() - kMacSize)}, cookie_of(now, from));
  return equal_secret(mac2, mac2_of_first(first));
}

std::vector<std::uint8_t> CookieJar::reply(Time now, const Endpoint& from, Bytes first,
                                           const PublicKey& me) {
  Writer out;
  out.number(static_cast<std::uint32_t>(DatagramType::kCookie));
  out.number(load_le<std::uint32_t>(first.data() + 4));
  Block<24> nonce{};
  random_.fill(nonce);
  out.bytes(nonce);
  Block<32> sealed{};
  xchacha_seal(cookie_key(me), nonce, mac1_of_first(first), cookie_of(now, from), sealed.data());
  out.bytes(sealed);
  return out.take();
}

std::optional<Block<16>> open_cookie(Bytes reply, const PublicKey& responder, Bytes mac1) {
  if (reply.size() != kCookieSize) {
    return std::nullopt;
  }
  Reader in(reply.subspan(kNonceAt));
  const auto nonce = in.block<24>();
  Block<16> cookie{};
  const bool genuine =
      xchacha_open(cookie_key(responder), nonce, mac1, reply.subspan(kSealedAt), cookie.data());
  return genuine ? std::optional(cookie) : std::nullopt;
}

}  // namespace marvel::vpn
