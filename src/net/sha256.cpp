#include "net/sha256.hpp"

#include "base/check.hpp"

#include <array>
#include <dlfcn.h>

#include <openssl/evp.h>

namespace marvel::net {
namespace {

constexpr const char* kFile = "libcrypto.so.3";

struct Library {
  decltype(&::EVP_MD_CTX_new) context_new = nullptr;
  decltype(&::EVP_MD_CTX_free) context_free = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
  decltype(&::EVP_DigestInit_ex) init = nullptr;
  decltype(&::EVP_DigestUpdate) update = nullptr;
  decltype(&::EVP_DigestFinal_ex) final = nullptr;
};

template <class Function>
bool look_up(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// Empty functions when it cannot be loaded.
Library load() {
  Library crypto;
  void* file = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  const bool complete = file != nullptr && look_up(file, "EVP_MD_CTX_new", crypto.context_new) &&
                        look_up(file, "EVP_MD_CTX_free", crypto.context_free) &&
                        look_up(file, "EVP_sha256", crypto.sha256) &&
                        look_up(file, "EVP_DigestInit_ex", crypto.init) &&
                        look_up(file, "EVP_DigestUpdate", crypto.update) &&
                        look_up(file, "EVP_DigestFinal_ex", crypto.final);
  return complete ? crypto : Library();
}

const Library& library() {
  static const Library kLibrary = load();
  return kLibrary;
}

}  // namespace

class Sha256::State {
 public:
  explicit State(EVP_MD_CTX* context) : context_(context) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (const auto release = library().context_free; release != nullptr) {
      release(context_);
    }
  }

  [[nodiscard]] EVP_MD_CTX* get() const { return context_; }

 private:
  EVP_MD_CTX* context_;
};

Sha256::Sha256(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Result<Sha256> Sha256::make() {
  const Library& crypto = library();
  if (crypto.final == nullptr) {
    return fail(Errc::kUnsupported,
                std::string("digests need ") + kFile + ", which cannot be loaded",
                "install the package libssl3");
  }
  auto state = std::make_unique<State>(crypto.context_new());
  if (state->get() == nullptr || crypto.init(state->get(), crypto.sha256(), nullptr) != 1) {
    return fail(Errc::kUnsupported, std::string(kFile) + " offers no SHA-256");
  }
  return Sha256(std::move(state));
}

void Sha256::update(std::string_view bytes) {
  MARVEL_CHECK(library().update(state_->get(), bytes.data(), bytes.size()) == 1,
               "a digest was used after its end");
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  const bool done =
      library().final(state_->get(), digest.data(), &size) == 1 && size == digest.size();
  MARVEL_CHECK(done, "a digest was used after its end");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

Result<std::string> sha256_hex(std::string_view bytes) {
  MARVEL_TRY(Sha256 digest, Sha256::make());
  digest.update(bytes);
  return digest.hex();
}

}  // namespace marvel::net
