#include "cli/vpn_command.hpp"

#include "cli/bind.hpp"
#include "cli/vpn_n2n.hpp"
#include "config/json.hpp"
#include "vpn/identity/certificate.hpp"
#include "vpn/identity/key_file.hpp"
#include "vpn/identity/membership.hpp"
#include "vpn/noise/handshake.hpp"

#include <memory>

namespace marvel::cli {
namespace {

using vpn::KeyKind;
using vpn::Secret;

struct KeygenFlags {
  std::string file;
  bool authority = false;
  std::string passphrase;  // a file
  std::string community;
};

std::string_view kind_word(KeyKind kind) {
  switch (kind) {
    case KeyKind::kIdentity:
      return "identity";
    case KeyKind::kAuthority:
      return "authority";
    case KeyKind::kSupernode:
      break;
  }
  return "supernode";
}

// What others are told: the point alone, or for an authority the line that its file has.
std::string public_text(KeyKind kind, const Secret& secret) {
  switch (kind) {
    case KeyKind::kIdentity:
      return vpn::hex(vpn::x25519_public(secret)) + "\n";
    case KeyKind::kAuthority:
      return vpn::authority_text(vpn::ed25519_public(secret));
    case KeyKind::kSupernode:
      break;
  }
  return vpn::hex(vpn::x25519_public(vpn::supernode_identity(secret))) + "\n";
}

Answer key_answer(KeyKind kind, const Secret& secret) {
  const std::string text = public_text(kind, secret);
  const auto digits = text.substr(text.find(':') + 1);
  return {text,
          json_object({{"schema", json_string("marvel.vpn.key/1")},
                       {"kind", json_string(kind_word(kind))},
                       {"public_key", json_string(digits.substr(0, digits.size() - 1))}}),
          0, ""};
}

Result<Answer> run_keygen(const KeygenFlags& flags) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  if (flags.authority && !flags.passphrase.empty()) {
    return fail(Errc::kUsage, "--signing and --from-passphrase are two kinds of keys");
  }
  if (flags.passphrase.empty() != flags.community.empty()) {
    return fail(Errc::kUsage, "--from-passphrase and --community belong together",
                "the same passphrase means other keys in another community");
  }
  vpn::SystemRandom random;
  KeyKind kind = flags.authority ? KeyKind::kAuthority : KeyKind::kIdentity;
  Secret secret = vpn::random_secret(random);
  if (!flags.passphrase.empty()) {
    MARVEL_TRY(const std::string passphrase, vpn::read_private_file(flags.passphrase));
    if (passphrase.empty() || passphrase.starts_with("marvel-vpn-")) {
      return fail(Errc::kInput, "'" + flags.passphrase + "' holds no passphrase");
    }
    MARVEL_TRY(const auto keys, vpn::passphrase_keys(passphrase, flags.community));
    secret = keys.supernode;
    kind = KeyKind::kSupernode;
  }
  MARVEL_TRY_STATUS(vpn::write_key_file(flags.file, kind, secret));
  return key_answer(kind, secret);
}

struct PubkeyFlags {
  std::string file;
  std::string n2n_user;
  bool n2n_federation = false;
};

Result<Answer> n2n_answer(const PubkeyFlags& flags) {
  if (flags.n2n_federation && !flags.n2n_user.empty()) {
    return fail(Errc::kUsage, "--n2n-user and --n2n-federation are two kinds of keys");
  }
  MARVEL_TRY(const std::string text, n2n_public_text(flags.file, flags.n2n_user));
  return Answer{
      text + "\n",
      json_object({{"schema", json_string("marvel.vpn.key/1")},
                   {"kind", json_string(flags.n2n_federation ? "n2n-federation" : "n2n-user")},
                   {"public_key", json_string(text.substr(text.rfind(' ') + 1))}}),
      0, ""};
}

Result<Answer> run_pubkey(const PubkeyFlags& flags) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  if (flags.n2n_federation || !flags.n2n_user.empty()) {
    return n2n_answer(flags);
  }
  MARVEL_TRY(const vpn::AnyKey key, vpn::read_any_key_file(flags.file));
  return key_answer(key.kind, key.secret);
}

void add_keygen(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<KeygenFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn keygen edge1.key", "a node's identity; prints its public key"},
      {"marvel vpn keygen --signing grn.authority", "the key that signs certificates"},
      {"marvel vpn keygen --from-passphrase grn.pass --community grn grn.supernode",
       "what a super node needs of a passphrase: it can relay but not join"}};
  notes.see_also = {"vpn pubkey", "vpn cert issue"};
  notes.run = [flags](Session&) { return run_keygen(*flags); };
  CLI::App& command = tree.add(vpn, "keygen", "Make a secret key, and print its public key", "Keys",
                               std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  auto& file = bind.positional("file", flags->file, "New file, mode 0600; never overwritten");
  file.required = true;
  file.files = Files::kFile;
  bind.group("Kind");
  bind.flag("--signing", flags->authority, "A key that signs certificates of a community");
  bind.value("--from-passphrase", "FILE", flags->passphrase,
             "A super node's part of the passphrase in FILE")
      .files = Files::kFile;
  bind.value("--community", "NAME", flags->community, "The community of the passphrase");
}

void add_pubkey(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<PubkeyFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn pubkey edge1.key", "what to put into a certificate"},
      {"marvel vpn pubkey grn.authority > grn.pub", "what members need to check one"},
      {"marvel vpn pubkey --n2n-user logan logan.pass >> communities.list",
       "let a user of n2n into the community above"},
      {"marvel vpn pubkey --n2n-federation federation.name", "for --federation-key of its edges"}};
  notes.run = [flags](Session&) { return run_pubkey(*flags); };
  CLI::App& command =
      tree.add(vpn, "pubkey", "Print the public key of a secret key", "Keys", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  auto& argument = bind.positional("file", flags->file,
                                   "File that marvel vpn keygen made; or with a password, a name");
  argument.required = true;
  argument.files = Files::kFile;
  bind.group("Networks of n2n");
  bind.value("--n2n-user", "NAME", flags->n2n_user,
             "FILE holds this user's password: print the line for a super node");
  bind.flag("--n2n-federation", flags->n2n_federation,
            "FILE holds a federation's name: print the key for its edges");
}

void fill_vpn(CommandTree& tree, CLI::App& vpn) {
  add_vpn_supernode(tree, vpn);
  add_vpn_edge(tree, vpn);
  add_vpn_watch(tree, vpn);
  add_vpn_measure(tree, vpn);
  add_keygen(tree, vpn);
  add_pubkey(tree, vpn);
  add_vpn_cert(tree, vpn);
}

}  // namespace

void register_vpn(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn supernode --community grn=10.8.0.0/24 --key-file grn.pass --state /var/lib/vpn",
       "a super node for one community"},
      {"marvel vpn edge --community grn --supernode sn.example.org:4194 --key-file grn.pass "
       "--name edge1 --state /var/lib/vpn",
       "join it"}};
  tree.add_closed("vpn", "Connect edge, fog and cloud in one network", "Network", std::move(notes),
                  fill_vpn);
}

}  // namespace marvel::cli
