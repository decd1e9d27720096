#include "vpn/identity/key_file.hpp"

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace marvel::vpn {
namespace {

constexpr std::array<std::string_view, 3> kPrefixes{
    "marvel-vpn-identity-secret:", "marvel-vpn-authority-secret:", "marvel-vpn-supernode-secret:"};

std::string_view prefix_of(KeyKind kind) {
  return kPrefixes.at(static_cast<std::size_t>(kind));
}

tl::unexpected<Error> taken(const std::filesystem::path& path) {
  return fail(Errc::kConflict, "'" + path.string() + "' exists, and keys are not replaced",
              "choose another name, or delete the file");
}

void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Fd handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.is_open()) {
    ::fsync(handle.get());
  }
}

// 0 when `path` is a name of the file, too, or its only one; else the errno of the failure.
int give_name(const std::string& temporary, const std::filesystem::path& path) {
  if (::link(temporary.c_str(), path.c_str()) == 0) {
    return 0;
  }
  const int error = errno;
  const bool has_links = error != EPERM && error != EOPNOTSUPP;  // FAT has none
  if (has_links ||
      ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    return has_links ? error : errno;
  }
  return 0;
}

// 0 when `text` is on the disk under this name, else the errno of the failure.
int write_new_file(const std::filesystem::path& path, std::string_view text) {
  std::string temporary = path.string() + ".tmp-XXXXXX";
  const Fd file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (!file.is_open()) {
    return errno;
  }
  int error = write_all(file.get(), text);
  if (error == 0 && ::fsync(file.get()) != 0) {
    error = errno;
  }
  if (error == 0) {
    error = give_name(temporary, path);
  }
  ::unlink(temporary.c_str());
  if (error == 0) {
    sync_folder_of(path);
  }
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

Result<AnyKey> read_any_key_file(const std::filesystem::path& path) {
  MARVEL_TRY(const std::string text, read_private_file(path));
  for (const KeyKind kind : {KeyKind::kIdentity, KeyKind::kAuthority, KeyKind::kSupernode}) {
    if (text.starts_with(prefix_of(kind))) {
      MARVEL_TRY(const Secret secret, parse_key(text, kind, path.string()));
      return AnyKey{kind, secret};
    }
  }
  return fail(Errc::kInput, "'" + path.string() + "' is no key of marvel vpn");
}

Status write_key_file(const std::filesystem::path& path, KeyKind kind, const Secret& secret) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    return taken(path);
  }
  std::string text = std::string(prefix_of(kind)) + hex(secret.bytes) + "\n";
  const int error = write_new_file(path, text);
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (error == EEXIST) {
    return taken(path);
  }
  if (error != 0) {
    return fail(Errc::kUnavailable,
                "cannot write '" + path.string() + "': " + std::generic_category().message(error));
  }
  return {};
}

Result<KeptIdentity> load_or_make_identity(const std::filesystem::path& folder, Random& random) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return fail(Errc::kUnavailable,
                "cannot make the folder '" + folder.string() + "': " + error.message());
  }
  const auto path = folder / "identity.key";
  KeptIdentity identity;
  identity.was_empty =
      std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == 0;
  if (identity.was_empty) {
    std::filesystem::remove(path, error);
  }
  if (!std::filesystem::exists(path, error)) {
    MARVEL_TRY_STATUS(write_key_file(path, KeyKind::kIdentity, random_secret(random)));
  }
  MARVEL_TRY(identity.secret, read_key_file(path, KeyKind::kIdentity));
  return identity;
}

}  // namespace marvel::vpn
