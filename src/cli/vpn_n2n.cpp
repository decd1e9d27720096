#include "cli/vpn_n2n.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/vpn_credentials.hpp"
#include "vpn/identity/key_file.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/n2n/run.hpp"

namespace marvel::cli {
namespace {

namespace n2n = vpn::n2n;

constexpr int kLargestMtu = 1900;  // a datagram of n2n has at most 2048 bytes
constexpr std::string_view kWarning =
    "n2n mode is insecure: whoever knows the community's key, or can change packets on their way, "
    "can "
    "read, forge and redirect frames";

// What names a node follows from its identity key, so that a node that comes back is known again.
struct Names {
  vpn::Mac mac{};
  vpn::Block<16> id{};
};
Result<Names> names_of(const std::string& state, Log& log) {
  MARVEL_TRY(const vpn::Secret secret, identity_in(state, log));
  return Names{vpn::mac_of(vpn::x25519_public(secret)),
               vpn::blake2b_128({vpn::bytes_of("marvel vpn n2n id"), secret.bytes})};
}

// "10.8.0.7/24"; 24 bits where it says none.
Status read_address(const std::string& text, n2n::EdgeOptions& options) {
  const auto slash = text.find('/');
  const auto address = vpn::parse_ipv4(text.substr(0, slash));
  const auto bits = slash == std::string::npos ? Result<std::uint64_t>(options.bits)
                                               : parse_unsigned(text.substr(slash + 1));
  if (!address || !bits || *bits < 8 || *bits > 30) {
    return fail(Errc::kUsage, "--address '" + text + "' is no IPv4 address",
                "as in 10.8.0.7 or 10.8.0.7/24");
  }
  options.wanted = *address;
  options.bits = static_cast<unsigned>(*bits);
  return {};
}

// A secret that stands alone in a file.
Result<std::string> secret_in(const std::string& file, const std::string& what) {
  MARVEL_TRY(std::string secret, vpn::read_private_file(file));
  if (secret.empty()) {
    return fail(Errc::kInput, "'" + file + "' holds no " + what);
  }
  return secret;
}

Status read_key(const std::string& file, n2n::EdgeOptions& options) {
  if (options.cipher == n2n::Cipher::kNull) {
    return {};
  }
  if (file.empty()) {
    return fail(Errc::kUsage, "--key-file is missing",
                "a file with the key of n2n's -k; only --cipher null goes without");
  }
  MARVEL_TRY(options.key, secret_in(file, "key"));
  return {};
}

Status check_user(const std::string& name) {
  if (name.empty() || name.size() > n2n::kLongestUser) {
    return fail(Errc::kUsage, "'" + name + "' is no user of n2n", "it has 1 to 15 characters");
  }
  return {};
}

// The name of a federation, whose '*' may stand before it or not.
Result<std::string> federation_in(const std::string& file) {
  MARVEL_TRY(const std::string text, secret_in(file, "name of a federation"));
  std::string name = text.substr(text.find('*') == 0 ? 1 : 0);
  if (!n2n::federation_of(name)) {
    return fail(Errc::kInput, "'" + file + "' holds no name of a federation",
                "it has 1 to 18 bytes");
  }
  return name;
}

// The node's name is its user's.
Status read_login(const N2nEdge& edge, n2n::EdgeOptions& options) {
  const N2nFlags& flags = edge.n2n;
  if (flags.password_file.empty()) {
    return flags.federation_key.empty()
               ? Status()
               : Status(fail(Errc::kUsage, "--federation-key goes with --password-file"));
  }
  if (options.cipher != n2n::Cipher::kChaCha20 && options.cipher != n2n::Cipher::kSpeck) {
    return fail(Errc::kUsage, "--password-file goes with --cipher speck or chacha20 alone");
  }
  MARVEL_TRY_STATUS(check_user(edge.name));
  MARVEL_TRY(const std::string password, secret_in(flags.password_file, "password"));
  auto federation = std::optional(n2n::public_key(n2n::federation_key(n2n::kDefaultFederation)));
  if (!flags.federation_key.empty()) {
    federation = n2n::parse_key_text(flags.federation_key);
  }
  const vpn::Secret key = n2n::user_key(edge.name, password);
  const auto shared = federation ? n2n::SharedKey::of(key, *federation) : std::nullopt;
  if (!shared) {
    return fail(Errc::kUsage, "--federation-key '" + flags.federation_key + "' is none",
                "43 characters, as 'marvel vpn pubkey --n2n-federation FILE' prints them");
  }
  options.login = n2n::Login{n2n::public_key(key), *shared};
  return {};
}

Result<n2n::EdgeSettings> edge_settings(const N2nEdge& edge, KnownEndpoints& known,
                                        std::vector<std::string>& warnings) {
  n2n::EdgeSettings settings;
  settings.multicast = edge.multicast;
  MARVEL_TRY(const auto found, look_up_all(edge.supernodes, known, kReloadLooksAgain, warnings));
  for (const auto& endpoint : found) {
    if (endpoint) {
      settings.supernodes.push_back(*endpoint);
    }
  }
  if (settings.supernodes.empty()) {
    return fail(Errc::kUsage, "--supernode is missing", "as in --supernode sn.example.org:7654");
  }
  return settings;
}

Result<n2n::EdgeOptions> edge_options(const N2nEdge& edge, KnownEndpoints& known,
                                      std::vector<std::string>& warnings, Log& log) {
  n2n::EdgeOptions options;
  const auto community = n2n::community_of(edge.community);
  if (!community) {
    return fail(Errc::kUsage, "--community '" + edge.community + "' is no name of n2n",
                "it has 1 to 19 bytes");
  }
  const auto cipher = n2n::parse_cipher(edge.n2n.cipher);
  if (!cipher) {
    return fail(Errc::kUsage, "--cipher '" + edge.n2n.cipher + "' is not there",
                "speck, aes, chacha20 or null");
  }
  options.community = *community;
  options.cipher = *cipher;
  options.encrypted_header = edge.n2n.header_encryption;
  options.name = edge.name;
  MARVEL_TRY_STATUS(read_login(edge, options));
  MARVEL_TRY_STATUS(read_key(edge.key_file, options));
  if (!edge.address.empty()) {
    MARVEL_TRY_STATUS(read_address(edge.address, options));
  }
  MARVEL_TRY(auto settings, edge_settings(edge, known, warnings));
  options.supernodes = std::move(settings.supernodes);
  options.multicast = settings.multicast;
  MARVEL_TRY(const Names names, names_of(edge.state, log));
  options.mac = names.mac;
  options.id = names.id;
  return options;
}

}  // namespace

void bind_n2n(Binder& bind, N2nFlags& flags, bool edge) {
  bind.group("Networks of n2n");
  bind.flag("--n2n", flags.on, "Speak the protocol of n2n version 3, which is insecure");
  if (edge) {
    bind.value("--cipher", "NAME", flags.cipher, "With --n2n: speck, aes, chacha20 or null");
    bind.flag("--header-encryption", flags.header_encryption,
              "With --n2n: encrypt headers, as n2n's -H");
    auto& password = bind.value("--password-file", "FILE", flags.password_file,
                                "With --n2n: register as the user --name, with this password");
    password.files = Files::kFile;
    password.variable = "MARVEL_VPN_PASSWORD_FILE";  // the usual one is a registry's
    bind.value("--federation-key", "KEY", flags.federation_key,
               "With --password-file: public key of the super nodes' federation");
  } else {
    bind.value("--community-file", "FILE", flags.community_file,
               "With --n2n: communities, their users and patterns, as for n2n's -c")
        .files = Files::kFile;
    bind.value("--federation", "FILE", flags.federation,
               "With --n2n: join other super nodes; FILE holds the federation's name, a secret")
        .files = Files::kFile;
    bind.list("--supernode", "HOST:PORT", flags.supernodes,
              "With --federation: another super node of it; may be given again");
  }
}

Result<vpn::Endpoint> look_up(const std::string& text, KnownEndpoints& known) {
  const auto endpoints = vpn::resolve(text);
  if (endpoints) {
    return known[text] = endpoints->front();
  }
  const auto before = known.find(text);
  if (before == known.end()) {
    return fail(endpoints.error());
  }
  return before->second;
}

Result<std::vector<std::optional<vpn::Endpoint>>> look_up_all(const std::vector<std::string>& texts,
                                                              KnownEndpoints& known,
                                                              const std::string& again,
                                                              std::vector<std::string>& warnings) {
  std::vector<std::optional<vpn::Endpoint>> found;
  std::optional<Error> missing;
  bool any = false;
  for (const auto& text : texts) {
    const auto endpoint = look_up(text, known);
    if (endpoint) {
      found.emplace_back(*endpoint);
      any = true;
      continue;
    }
    if (endpoint.error().code != Errc::kNotFound) {
      return fail(endpoint.error());
    }
    found.emplace_back(std::nullopt);
    missing = endpoint.error();
    warnings.push_back("--supernode '" + text + "' is left out: " + missing->message + "; " +
                       again);
  }
  if (missing && !any) {
    return fail(*missing);
  }
  return found;
}

Status refuse_with_n2n(std::initializer_list<std::pair<std::string_view, bool>> given) {
  for (const auto& [flag, is_given] : given) {
    if (is_given) {
      return fail(Errc::kUsage, "--n2n goes without " + std::string(flag),
                  "networks of n2n have nothing like it");
    }
  }
  return {};
}

Status run_n2n_edge(const N2nEdge& edge, Context& context) {
  if (edge.mtu > kLargestMtu) {
    return fail(Errc::kUsage, "--mtu is at most 1900 with --n2n");
  }
  n2n::EdgeRun run;
  KnownEndpoints known;
  std::vector<std::string> warnings;
  MARVEL_TRY(run.node, edge_options(edge, known, warnings, context.log));
  for (const auto& warning : warnings) {
    context.log.warning(warning);
  }
  run.reload = [&]() -> Result<n2n::EdgeRun::Reload> {
    N2nEdge now;
    MARVEL_TRY_STATUS(edge.read_again(now));
    n2n::EdgeRun::Reload reload;
    MARVEL_TRY(reload.settings, edge_settings(now, known, reload.warnings));
    reload.restart = now.restart;
    return reload;
  };
  run.listen = edge.listen;
  run.metrics = edge.metrics;
  run.threads = edge.threads;
  run.device = edge.device;
  run.mtu = static_cast<std::size_t>(edge.mtu);
  run.state = edge.state;
  run.user = edge.user;
  run.on_address = edge.on_address;
  context.log.warning(kWarning);
  return n2n::run_edge(std::move(run), context);
}

namespace {

// What --community and --community-file name.
Result<n2n::CommunityList> served(const N2nSupernode& supernode) {
  n2n::CommunityList list;
  if (!supernode.n2n.community_file.empty()) {
    MARVEL_TRY(const std::string text, read_file(supernode.n2n.community_file));
    MARVEL_TRY(list, n2n::parse_communities(text, supernode.n2n.community_file));
  }
  for (const auto& text : supernode.communities) {
    const auto equals = text.find('=');
    n2n::CommunityEntry entry{text.substr(0, equals), std::nullopt, {}};
    if (equals != std::string::npos) {
      entry.subnet = vpn::parse_subnet(text.substr(equals + 1));
      if (!entry.subnet) {
        return fail(Errc::kUsage, "--community '" + text + "' is not NAME or NAME=NETWORK",
                    "as in grn=10.8.0.0/24, with 8 to 30 bits and no bit set behind them");
      }
    }
    list.communities.push_back(std::move(entry));
  }
  if (list.communities.empty() && list.patterns.empty()) {
    return fail(Errc::kUsage, "--community is missing",
                "as in --community grn=10.8.0.0/24, or a --community-file");
  }
  return list;
}

}  // namespace

Status run_n2n_supernode(const N2nSupernode& supernode, Context& context) {
  n2n::SupernodeRun run;
  MARVEL_TRY(run.served, served(supernode));
  run.reload = [&]() -> Result<n2n::SupernodeRun::Reload> {
    N2nSupernode now;
    MARVEL_TRY_STATUS(supernode.read_again(now));
    MARVEL_TRY(auto list, served(now));
    return n2n::SupernodeRun::Reload{std::move(list), now.restart};
  };
  if (!supernode.n2n.federation.empty()) {
    MARVEL_TRY(run.node.federation, federation_in(supernode.n2n.federation));
  } else if (!supernode.n2n.supernodes.empty()) {
    return fail(Errc::kUsage, "--supernode goes with --federation",
                "a file with the name that all super nodes of the federation have");
  }
  KnownEndpoints known;
  std::vector<std::string> warnings;
  MARVEL_TRY(const auto found,
             look_up_all(supernode.n2n.supernodes, known, "a restart looks again", warnings));
  for (const auto& endpoint : found) {
    if (endpoint) {
      run.node.federated.push_back(*endpoint);
    }
  }
  for (const auto& warning : warnings) {
    context.log.warning(warning);
  }
  MARVEL_TRY(const Names names, names_of(supernode.state, context.log));
  run.node.mac = names.mac;
  run.listen = supernode.listen;
  run.metrics = supernode.metrics;
  run.threads = supernode.threads;
  run.state = supernode.state;
  run.user = supernode.user;
  context.log.warning(kWarning);
  return n2n::run_supernode(run, context);
}

Result<std::string> n2n_public_text(const std::string& file, const std::string& user) {
  if (user.empty()) {
    MARVEL_TRY(const std::string name, federation_in(file));
    return n2n::key_text(n2n::public_key(n2n::federation_key(name)));
  }
  MARVEL_TRY_STATUS(check_user(user));
  MARVEL_TRY(const std::string password, secret_in(file, "password"));
  return "* " + user + " " + n2n::key_text(n2n::public_key(n2n::user_key(user, password)));
}

}  // namespace marvel::cli
