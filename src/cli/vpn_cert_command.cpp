#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/bind.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_folder_turn.hpp"
#include "cli/vpn_view.hpp"
#include "vpn/identity/certificate.hpp"
#include "vpn/identity/key_file.hpp"
#include "vpn/wire/control.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

namespace marvel::cli {
namespace {

struct IssueFlags {
  std::string file;
  std::string authority;
  std::string key;
  std::string name;
  std::vector<std::string> addresses;
  std::vector<std::string> prefixes;
  std::vector<std::string> groups;
  std::string valid_for = "365d";
};

struct RevokeFlags {
  std::string file;
  std::string authority;
  std::vector<std::string> serials;
};

std::uint64_t today() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

Result<vpn::Secret> authority_of(const std::string& file) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  if (file.empty()) {
    return fail(Errc::kUsage, "--authority is missing",
                "name the file that marvel vpn keygen --signing made");
  }
  return vpn::read_key_file(file, vpn::KeyKind::kAuthority);
}

// "10.8.0.7", "10.8.0.0/28".
Result<std::vector<vpn::Subnet>> parse_addresses(const std::string& flag,
                                                 const std::vector<std::string>& texts) {
  std::vector<vpn::Subnet> subnets;
  for (const auto& text : texts) {
    const auto one = vpn::parse_ipv4(text);
    const auto many = vpn::parse_subnet(text);
    if (!one && !many) {
      return fail(Errc::kUsage, flag + " '" + text + "' is neither an IPv4 address nor a network",
                  "as in 10.8.0.7 or 10.8.0.0/28");
    }
    subnets.push_back(one ? vpn::Subnet{*one, 32} : *many);
  }
  constexpr std::size_t kMost = 8;
  if (subnets.size() > kMost) {
    return fail(Errc::kUsage, flag + ": a certificate holds at most 8");
  }
  return subnets;
}

Result<vpn::Certificate> certificate_from(const IssueFlags& flags, const vpn::Secret& authority) {
  vpn::Certificate certificate;
  certificate.community = vpn::community_of(vpn::ed25519_public(authority));
  if (!vpn::unhex(flags.key, certificate.key)) {
    return fail(Errc::kUsage, "--public-key is missing or not of 64 hexadecimal digits",
                "marvel vpn pubkey prints it");
  }
  if (!vpn::is_node_name(flags.name)) {
    return fail(Errc::kUsage, "--name is missing or no name of a node",
                "up to 63 letters, digits, '-', '_' and '.'");
  }
  MARVEL_TRY(const auto valid, parse_duration(flags.valid_for));
  MARVEL_TRY(certificate.addresses, parse_addresses("--address", flags.addresses));
  MARVEL_TRY(certificate.prefixes, parse_addresses("--network", flags.prefixes));
  constexpr std::size_t kMostGroups = 8;
  if (flags.groups.size() > kMostGroups ||
      !std::all_of(flags.groups.begin(), flags.groups.end(), vpn::is_group_name)) {
    return fail(Errc::kUsage, "--group: at most 8 names of up to 16 letters",
                "letters, digits, '-', '_' and '.'");
  }
  certificate.groups = flags.groups;
  vpn::SystemRandom random;
  certificate.serial = vpn::random_u64(random);
  certificate.name = flags.name;
  certificate.not_before = today();
  certificate.not_after = today() + static_cast<std::uint64_t>(valid.count() / 1000);
  return certificate;
}

// A certificate gives way to its successor; what else is there may be a secret that nobody else
// has. Nothing where there is none of this authority.
Result<std::optional<vpn::Certificate>> predecessor_in(const std::string& file,
                                                       const vpn::VerifyKey& authority) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return std::optional<vpn::Certificate>();
  }
  MARVEL_TRY(const std::string text, read_file(file));
  const auto bytes = vpn::parse_certificate_text(text, file);
  if (!bytes) {
    return fail(Errc::kConflict, "'" + file + "' exists and is no certificate",
                "name another file, or delete this one");
  }
  return vpn::verify_certificate(*bytes, authority);
}

Result<Answer> run_issue(const IssueFlags& flags) {
  MARVEL_TRY(const vpn::Secret authority, authority_of(flags.authority));
  MARVEL_TRY(vpn::Certificate certificate, certificate_from(flags, authority));
  MARVEL_TRY(const auto before, predecessor_in(flags.file, vpn::ed25519_public(authority)));
  // The member still has the old one, and could show it when only the new one was revoked.
  if (before && before->key == certificate.key && before->not_after > today()) {
    certificate.serial = before->serial;
  }
  const std::string text = vpn::certificate_text(vpn::issue(certificate, authority));
  MARVEL_TRY_STATUS(write_file_atomically(flags.file, text));
  Answer answer = certificate_answer(certificate, today());
  answer.exit_code = 0;
  return answer;
}

Result<Answer> run_show(const std::string& file) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  MARVEL_TRY(const std::string text, read_file(file));
  MARVEL_TRY(const auto bytes, vpn::parse_certificate_text(text, "'" + file + "'"));
  const auto certificate = vpn::read_certificate(bytes);
  if (!certificate) {
    return fail(Errc::kInput, "'" + file + "' is a damaged certificate");
  }
  return certificate_answer(*certificate, today());
}

// A serial, or the file of the certificate that has it. Those of another authority have nothing to
// do with its list: the member would stay what it is.
Result<std::uint64_t> serial_of(const std::string& word, const vpn::VerifyKey& authority) {
  vpn::Block<8> digits{};
  if (vpn::unhex(word, digits)) {
    return std::uint64_t{vpn::load_be32(digits.data())} << 32U | vpn::load_be32(digits.data() + 4);
  }
  MARVEL_TRY(const std::string text, read_file(word));
  MARVEL_TRY(const auto bytes, vpn::parse_certificate_text(text, "'" + word + "'"));
  const auto certificate = vpn::verify_certificate(bytes, authority);
  if (!certificate) {
    return fail(Errc::kInput, "'" + word + "' is not signed by this authority",
                "--authority names the key of the community that it is of");
  }
  return certificate->serial;
}

// What is in the file, as a newer list; an empty one where there is no file.
Result<vpn::Revocations> list_in(const std::string& file, const vpn::VerifyKey& authority) {
  vpn::Revocations list;
  list.community = vpn::community_of(authority);
  list.issued = today();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return list;
  }
  MARVEL_TRY(const std::string text, read_file(file));
  MARVEL_TRY(const auto bytes, vpn::parse_revocations_text(text, "'" + file + "'"));
  const auto known = vpn::verify_revocations(bytes, authority);
  if (!known) {
    return fail(Errc::kInput, "'" + file + "' is not a list of this authority");
  }
  list.serials = known->serials;
  // Nodes refuse a list that is older than theirs, and another machine's clock may be ahead.
  list.issued = std::max(today(), known->issued + 1);
  return list;
}

Result<Answer> run_revoke(const RevokeFlags& flags) {
  MARVEL_TRY(const vpn::Secret authority, authority_of(flags.authority));
  const vpn::VerifyKey key = vpn::ed25519_public(authority);
  std::vector<std::uint64_t> serials;
  for (const auto& word : flags.serials) {
    MARVEL_TRY(const std::uint64_t serial, serial_of(word, key));
    serials.push_back(serial);
  }
  const Fd turn = turn_in_folder_of(flags.file);
  MARVEL_TRY(vpn::Revocations list, list_in(flags.file, key));
  list.serials.insert(list.serials.end(), serials.begin(), serials.end());
  std::sort(list.serials.begin(), list.serials.end());
  list.serials.erase(std::unique(list.serials.begin(), list.serials.end()), list.serials.end());
  if (list.serials.size() > vpn::kMostRevoked) {
    return fail(Errc::kInput,
                "'" + flags.file + "' would name " + std::to_string(list.serials.size()) +
                    " certificates, and a list holds " + std::to_string(vpn::kMostRevoked),
                "begin a new list without those that have expired");
  }
  MARVEL_TRY_STATUS(write_file_atomically(
      flags.file, vpn::revocations_text(vpn::sign_revocations(list, authority))));
  return revocations_answer(list);
}

void add_issue(CommandTree& tree, CLI::App& cert) {
  const auto flags = std::make_shared<IssueFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn cert issue edge1.cert --authority grn.authority --name edge1 "
       "--public-key $(marvel vpn pubkey edge1.key)",
       "make a node a member"}};
  notes.see_also = {"vpn cert revoke", "vpn edge"};
  notes.run = [flags](Session&) { return run_issue(*flags); };
  CLI::App& command = tree.add(cert, "issue", "Sign that a key is a member of the community",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  auto& file = bind.positional("file", flags->file, "Where the certificate goes");
  file.required = true;
  file.files = Files::kFile;
  bind.group("Certificate");
  bind.value("--authority", "FILE", flags->authority, "The community's secret key").files =
      Files::kFile;
  bind.value("--public-key", "KEY", flags->key, "Of the member, as marvel vpn pubkey prints it");
  bind.value("--name", "NODE", flags->name, "Of the member; it can register with no other");
  bind.list("--address", "ADDRESS", flags->addresses,
            "It may have this address, or one of this network; may be given again");
  bind.list("--network", "NETWORK", flags->prefixes,
            "It may announce this network or parts of it; may be given again");
  bind.list("--group", "NAME", flags->groups, "It is of this group; may be given again");
  bind.value("--valid-for", "TIME", flags->valid_for, "From now on");
}

void add_show(CommandTree& tree, CLI::App& cert) {
  const auto file = std::make_shared<std::string>();
  CommandNotes notes;
  notes.examples = {{"marvel vpn cert show edge1.cert", "whose it is, and until when"}};
  notes.run = [file](Session&) { return run_show(*file); };
  CLI::App& command =
      tree.add(cert, "show", "Say what a certificate says", "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  auto& argument = bind.positional("file", *file, "The certificate; its signature is not checked");
  argument.required = true;
  argument.files = Files::kFile;
}

void add_revoke(CommandTree& tree, CLI::App& cert) {
  const auto flags = std::make_shared<RevokeFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel vpn cert revoke grn.revoked edge1.cert --authority grn.authority",
                     "put it on the list for --revoked"}};
  notes.run = [flags](Session&) { return run_revoke(*flags); };
  CLI::App& command =
      tree.add(cert, "revoke", "Put certificates on the list of those that count no longer",
               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  auto& file = bind.positional("list", flags->file, "The signed list; made when it is not there");
  file.required = true;
  file.files = Files::kFile;
  bind.positional("certificate", flags->serials, "Files of certificates, or their serials").files =
      Files::kFile;
  bind.group("Certificate");
  bind.value("--authority", "FILE", flags->authority, "The community's secret key").files =
      Files::kFile;
}

}  // namespace

void add_vpn_cert(CommandTree& tree, CLI::App& vpn) {
  CommandNotes notes;
  notes.examples = {{"marvel vpn cert show edge1.cert", "whose it is, and until when"}};
  CLI::App& cert = tree.add(vpn, "cert", "Sign, show and revoke certificates of members", "Keys",
                            std::move(notes));
  add_issue(tree, cert);
  add_show(tree, cert);
  add_revoke(tree, cert);
}

}  // namespace marvel::cli
