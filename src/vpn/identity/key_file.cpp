#include "vpn/identity/key_file.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace marvel::vpn {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr std::array<std::string_view, 3> kPrefixes{
    "marvel-vpn-identity-secret:", "marvel-vpn-authority-secret:", "marvel-vpn-supernode-secret:"};

std::string_view prefix_of(KeyKind kind) {
  return kPrefixes.at(static_cast<std::size_t>(kind));
}

std::string reason() {
  return std::generic_category().message(errno);
}

// 0 when `text` was written and synced, else the errno of the failure.
int write_and_close(int fd, const std::string& text) {
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(fd) == 0;
  const int error = done ? 0 : errno;
  ::close(fd);
  return error;
}

}  // namespace

Result<std::string> read_private_file(const std::filesystem::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & 077U) != 0 && S_ISREG(facts.st_mode)) {
    return fail(Errc::kDenied, "'" + path.string() + "' holds a secret that others may read",
                "chmod 600 " + path.string());
  }
  MARVEL_TRY(const std::string text, read_file(path));
  return std::string(trim(text));
}

Result<KeyKind> kind_of_key_file(const std::filesystem::path& path) {
  MARVEL_TRY(const std::string text, read_private_file(path));
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kAuthority, KeyKind::kSupernode}) {
    if (text.starts_with(prefix_of(kind))) {
      return kind;
    }
  }
  return fail(Errc::kInput, "'" + path.string() + "' is no key of marvel vpn");
}

Result<Secret> parse_key(std::string_view text, KeyKind kind, const std::string& name) {
  const std::string_view prefix = prefix_of(kind);
  Secret secret;
  if (!text.starts_with(prefix) || !unhex(text.substr(prefix.size()), secret.bytes)) {
    return fail(Errc::kInput,
                "'" + name + "' is not a line " + std::string(prefix) + " and 64 digits",
                "marvel vpn keygen makes such files");
  }
  return secret;
}

Result<Secret> read_key_file(const std::filesystem::path& path, KeyKind kind) {
  MARVEL_TRY(const std::string text, read_private_file(path));
  return parse_key(text, kind, path.string());
}

Status write_key_file(const std::filesystem::path& path, KeyKind kind, const Secret& secret) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) {
    return errno == EEXIST
               ? fail(Errc::kConflict, "'" + path.string() + "' exists, and keys are not replaced",
                      "choose another name, or delete the file")
               : fail(Errc::kUnavailable, "cannot write '" + path.string() + "': " + reason());
  }
  std::string text = std::string(prefix_of(kind)) + hex(secret.bytes) + "\n";
  const int error = write_and_close(fd, text);
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (error != 0) {
    ::unlink(path.c_str());
    return fail(Errc::kUnavailable,
                "cannot write '" + path.string() + "': " + std::generic_category().message(error));
  }
  return {};
}

Result<Secret> load_or_make_identity(const std::filesystem::path& folder, Random& random) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return fail(Errc::kUnavailable,
                "cannot make the folder '" + folder.string() + "': " + error.message());
  }
  const auto path = folder / "identity.key";
  if (!std::filesystem::exists(path, error)) {
    MARVEL_TRY_STATUS(write_key_file(path, KeyKind::kIdentity, random_secret(random)));
  }
  return read_key_file(path, KeyKind::kIdentity);
}

}  // namespace marvel::vpn
