#pragma once

#include "base/result.hpp"
#include "vpn/crypto/sodium.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::vpn {

// Secrets on disk: a file of one line, "marvel-vpn-KIND-secret:" and 64 hexadecimal digits, that
// its owner alone may read (mode 0600). docs/formats/vpn-files.md.
enum class KeyKind {
  kIdentity,   // X25519, of an edge or a super node
  kAuthority,  // Ed25519, signs a community's certificates
  kSupernode,  // what a super node needs of a passphrase, and no more
};

// The text of such a file, without the line end; `name` stands in the message. kInput for another.
Result<Secret> parse_key(std::string_view text, KeyKind kind, const std::string& name);

// kInput when it is missing, of another kind or damaged; kDenied when others may read it.
Result<Secret> read_key_file(const std::filesystem::path& path, KeyKind kind);
// Never overwrites: kConflict when there is such a file. kUnavailable when it cannot be written.
Status write_key_file(const std::filesystem::path& path, KeyKind kind, const Secret& secret);
// The kind that a file of secrets says it is of; kInput for none.
Result<KeyKind> kind_of_key_file(const std::filesystem::path& path);

// The text of a file that its owner alone may read, without the line end. Same errors.
Result<std::string> read_private_file(const std::filesystem::path& path);

// The identity in `folder`, made at the first call. The folder is made with mode 0700.
Result<Secret> load_or_make_identity(const std::filesystem::path& folder, Random& random);

}  // namespace marvel::vpn
