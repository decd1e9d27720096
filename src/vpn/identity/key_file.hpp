#pragma once

#include "base/result.hpp"
#include "vpn/crypto/sodium.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::vpn {

// Secrets on disk: a file of one line, "marvel-vpn-KIND-secret:" and 64 hexadecimal digits, that
// its owner alone may read (mode 0600). docs/formats/vpn-files.md. KIND is "identity", "authority"
// or "supernode"; a key of one kind is never taken for another.
enum class KeyKind {
  kIdentity,   // X25519, of an edge or a super node
  kAuthority,  // Ed25519, signs a community's certificates
  kSupernode,  // what a super node needs of a passphrase, and no more
};

// The text of such a file, without the line end; `name` stands in the message. kInput for another.
Result<Secret> parse_key(std::string_view text, KeyKind kind, const std::string& name);

// kInput when it is missing, of another kind or damaged; kDenied when others may read it. Messages
// name the file and never a part of the secret.
Result<Secret> read_key_file(const std::filesystem::path& path, KeyKind kind);
// Never overwrites: kConflict when there is such a file. kUnavailable when it cannot be written,
// and nothing is left behind then. When it succeeds the bytes are on the disk (fsync), and a crash
// before that leaves no file of this name: at most `path`.tmp-XXXXXX, with six random letters.
Status write_key_file(const std::filesystem::path& path, KeyKind kind, const Secret& secret);
// A key of whatever kind the file says it is of, read once. kInput for none, and as above.
struct AnyKey {
  KeyKind kind = KeyKind::kIdentity;
  Secret secret;
};
Result<AnyKey> read_any_key_file(const std::filesystem::path& path);

// The text of such a file, or of another one that holds a secret, like a passphrase, without blanks
// and line ends around it. kInput and kDenied as above. Pipes and devices are taken with any mode,
// so a secret may come from another program; a pipe gives it once, so nobody reads it twice.
Result<std::string> read_private_file(const std::filesystem::path& path);

// The identity in `folder`, made at the first call: identity.key. A folder that is missing is made
// with mode 0700. kUnavailable when it cannot be; a file that is there but no good key is an error
// as in read_key_file, and is left as it is. Only an empty one is made anew: no key was ever in it,
// or it is lost. Of two at once one may fail with kConflict: callers lock the folder.
struct KeptIdentity {
  Secret secret;
  bool was_empty = false;  // the file; the node is another one than it may have been
};
Result<KeptIdentity> load_or_make_identity(const std::filesystem::path& folder, Random& random);

}  // namespace marvel::vpn
