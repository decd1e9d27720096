#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_credentials.hpp"
#include "cli/vpn_n2n.hpp"
#include "vpn/io/run_edge.hpp"
#include "vpn/io/run_supernode.hpp"
#include "vpn/io/udp_socket.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace marvel::cli {
namespace {

struct RunFlags {
  CredentialFlags credentials;
  N2nFlags n2n;
  std::string listen;
  std::string state = "/var/lib/marvel-vpn";
  std::string user;
  std::string metrics;  // ADDRESS:PORT
};

struct SupernodeFlags : RunFlags {
  std::vector<std::string> communities;   // NAME=CIDR
  std::vector<std::string> reservations;  // COMMUNITY/NODE=ADDRESS
  std::optional<std::uint64_t> relay_rate;
  std::optional<std::uint64_t> edge_rate;
};

struct EdgeFlags : RunFlags {
  std::string community;
  std::string name;
  std::vector<std::string> supernodes;  // [KEY@]HOST:PORT
  std::string address;
  std::string device = "marvel%d";
  int mtu = static_cast<int>(vpn::kDefaultMtu);
  std::vector<std::string> announced;
  std::vector<std::string> accepted;
  std::vector<std::string> access;
  bool multicast = false;
  bool print_address = false;
};

constexpr int kSmallestMtu = 576;
constexpr int kLargestMtu = 9000;

// "4194" and ":4194" are all addresses.
Result<vpn::Endpoint> parse_listen(const std::string& text) {
  const auto number = parse_unsigned(text.starts_with(':') ? text.substr(1) : text);
  if (number && *number <= 65535) {
    vpn::Endpoint all;
    all.port = static_cast<std::uint16_t>(*number);
    return all;
  }
  const bool any = text.starts_with("0.0.0.0:") || text.starts_with("[::]:");
  if (any) {
    return parse_listen(text.substr(text.rfind(':') + 1));
  }
  MARVEL_TRY(const auto endpoints, vpn::resolve(text, 0));
  return endpoints.front();
}

// Where metrics are served: nowhere for an empty text.
Result<std::optional<vpn::Endpoint>> parse_metrics(const std::string& text) {
  if (text.empty()) {
    return std::optional<vpn::Endpoint>();
  }
  MARVEL_TRY(const vpn::Endpoint place, parse_listen(text));
  return std::optional(place);
}

Result<std::vector<vpn::Subnet>> parse_networks(const std::string& flag,
                                                const std::vector<std::string>& texts) {
  std::vector<vpn::Subnet> networks;
  for (const auto& text : texts) {
    const auto network = vpn::parse_subnet(text);
    if (!network) {
      return fail(Errc::kUsage, flag + " '" + text + "' is no network",
                  "as in 10.244.1.0/24, with 8 to 30 bits and no bit set behind them");
    }
    networks.push_back(*network);
  }
  return networks;
}

// Networks of n2n know no certificates.
Status check_n2n(const RunFlags& flags) {
  const CredentialFlags& credentials = flags.credentials;
  return refuse_with_n2n({{"--identity", !credentials.identity.empty()},
                          {"--cert", !credentials.cert.empty()},
                          {"--authority", !credentials.authority.empty()},
                          {"--revoked", !credentials.revoked.empty()},
                          {"--metrics", !flags.metrics.empty()}});
}

Status make_state(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return fail(Errc::kUnavailable, "cannot make the folder '" + folder + "': " + error.message(),
                "--state names another one");
  }
  return {};
}

// The two parts of "NAME=VALUE".
Result<std::pair<std::string, std::string>> pair_of(const std::string& flag,
                                                    const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(Errc::kUsage, flag + " '" + text + "' is not NAME=VALUE");
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

// --- vpn supernode ---

Result<vpn::SupernodeRun> supernode_run(const SupernodeFlags& flags) {
  vpn::SupernodeRun run;
  MARVEL_TRY(run.listen, parse_listen(flags.listen));
  run.state = flags.state;
  run.user = flags.user;
  MARVEL_TRY(run.metrics, parse_metrics(flags.metrics));
  run.limits.relay = static_cast<double>(flags.relay_rate.value_or(0));
  run.limits.edge_relay = static_cast<double>(flags.edge_rate.value_or(0));
  if (flags.communities.empty()) {
    return fail(Errc::kUsage, "--community is missing", "as in --community grn=10.8.0.0/24");
  }
  for (const auto& text : flags.communities) {
    MARVEL_TRY(const auto pair, pair_of("--community", text));
    const auto subnet = vpn::parse_subnet(pair.second);
    if (!subnet || !vpn::is_node_name(pair.first)) {
      return fail(Errc::kUsage, "--community '" + text + "' is not NAME=NETWORK",
                  "as in grn=10.8.0.0/24, with 8 to 30 bits and no bit set behind them");
    }
    MARVEL_TRY(const auto credentials, supernode_credentials(flags.credentials, pair.first));
    run.communities.push_back(
        {pair.first, *subnet, credentials.identity, credentials.membership, {}});
  }
  for (const auto& text : flags.reservations) {
    MARVEL_TRY(const auto pair, pair_of("--reserve", text));
    const auto address = vpn::parse_ipv4(pair.second);
    const auto slash = pair.first.find('/');
    const auto community = pair.first.substr(0, slash);
    const auto found =
        std::find_if(run.communities.begin(), run.communities.end(),
                     [&community](const auto& one) { return one.name == community; });
    if (!address || slash == std::string::npos || found == run.communities.end()) {
      return fail(Errc::kUsage, "--reserve '" + text + "' is not COMMUNITY/NODE=ADDRESS",
                  "as in grn/camera1=10.8.0.20, for a community of this super node");
    }
    found->reservations.emplace_back(pair.first.substr(slash + 1), *address);
  }
  return run;
}

Result<std::vector<std::pair<std::string, vpn::Membership>>> supernode_memberships(
    const SupernodeFlags& flags) {
  MARVEL_TRY(const vpn::SupernodeRun again, supernode_run(flags));
  std::vector<std::pair<std::string, vpn::Membership>> memberships;
  for (const auto& one : again.communities) {
    memberships.emplace_back(one.name, one.membership);
  }
  return memberships;
}

Status run_n2n_supernode(const SupernodeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(check_n2n(flags));
  MARVEL_TRY_STATUS(refuse_with_n2n({{"--reserve", !flags.reservations.empty()},
                                     {"--key-file", !flags.credentials.key_file.empty()},
                                     {"--relay-rate", flags.relay_rate.has_value()},
                                     {"--edge-rate", flags.edge_rate.has_value()}}));
  N2nSupernode supernode{flags.n2n, flags.communities, flags.state, flags.user, {}};
  MARVEL_TRY(supernode.listen, parse_listen(flags.listen));
  MARVEL_TRY_STATUS(make_state(flags.state));
  return run_n2n_supernode(supernode, session.context);
}

Result<Answer> run_supernode_command(const SupernodeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  if (flags.n2n.on) {
    MARVEL_TRY_STATUS(run_n2n_supernode(flags, session));
    return Answer{};
  }
  MARVEL_TRY(vpn::SupernodeRun run, supernode_run(flags));
  MARVEL_TRY_STATUS(make_state(flags.state));
  // Another passphrase would be another community: only certificates can change while all runs.
  if (flags.credentials.key_file.empty()) {
    run.reload = [&flags] { return supernode_memberships(flags); };
  }
  MARVEL_TRY_STATUS(vpn::run_supernode(std::move(run), session.context));
  return Answer{};
}

// --- vpn edge ---

Result<std::vector<vpn::EdgeOptions::Supernode>> supernodes_of(
    const EdgeFlags& flags, const std::optional<vpn::PublicKey>& key) {
  std::vector<vpn::EdgeOptions::Supernode> list;
  for (const auto& text : flags.supernodes) {
    const auto at = text.find('@');
    vpn::EdgeOptions::Supernode one;
    if (at != std::string::npos && !vpn::unhex(text.substr(0, at), one.key)) {
      return fail(Errc::kUsage, "--supernode '" + text + "': what stands before @ is no public key",
                  "64 hexadecimal digits, as marvel vpn pubkey prints them");
    }
    if (at == std::string::npos) {
      if (!key) {
        return fail(Errc::kUsage, "--supernode '" + text + "' has no public key",
                    "with certificates write KEY@HOST:PORT");
      }
      one.key = *key;
    }
    MARVEL_TRY(const auto endpoints,
               vpn::resolve(at == std::string::npos ? text : text.substr(at + 1)));
    one.endpoint = endpoints.front();
    list.push_back(one);
  }
  if (list.empty()) {
    return fail(Errc::kUsage, "--supernode is missing", "as in --supernode sn.example.org:4194");
  }
  return list;
}

Status check_edge(const EdgeFlags& flags) {
  if (flags.community.empty()) {
    return fail(Errc::kUsage, "--community is missing",
                "the name that the super node has it under");
  }
  if (!vpn::is_node_name(flags.name)) {
    return fail(Errc::kUsage, "--name is missing or no name of a node",
                "up to 63 letters, digits, '-', '_' and '.'");
  }
  if (flags.mtu < kSmallestMtu || flags.mtu > kLargestMtu) {
    return fail(Errc::kUsage, "--mtu must be from 576 to 9000");
  }
  return {};
}

Result<vpn::EdgeRun> edge_run(const EdgeFlags& flags) {
  MARVEL_TRY_STATUS(check_edge(flags));
  MARVEL_TRY(auto credentials, edge_credentials(flags.credentials, flags.community, flags.state));
  vpn::EdgeRun run;
  MARVEL_TRY(run.listen, parse_listen(flags.listen));
  MARVEL_TRY(run.node.list, supernodes_of(flags, credentials.supernode_key));
  if (!flags.address.empty()) {
    const auto wanted = vpn::parse_ipv4(flags.address);
    if (!wanted) {
      return fail(Errc::kUsage, "--address '" + flags.address + "' is no IPv4 address");
    }
    run.node.wanted = *wanted;
  }
  run.node.identity = credentials.identity;
  run.node.peers = std::move(credentials.peers);
  run.node.supernodes = std::move(credentials.supernodes);
  run.node.name = flags.name;
  MARVEL_TRY(run.node.announced, parse_networks("--announce", flags.announced));
  MARVEL_TRY(run.node.accepted, parse_networks("--accept-routes", flags.accepted));
  if (run.node.announced.size() > vpn::kMaxPrefixes) {
    return fail(Errc::kUsage, "--announce: a node announces at most 8 networks");
  }
  for (const auto& text : flags.access) {
    MARVEL_TRY(const auto rule, vpn::parse_access_rule(text));
    run.node.access.push_back(rule);
  }
  run.node.multicast = flags.multicast;
  run.user = flags.user;
  MARVEL_TRY(run.metrics, parse_metrics(flags.metrics));
  run.community = flags.community;
  run.device = flags.device;
  run.mtu = static_cast<std::size_t>(flags.mtu);
  run.state = flags.state;
  return run;
}

Result<vpn::EdgeRun::Memberships> edge_memberships(const EdgeFlags& flags) {
  MARVEL_TRY(auto again, edge_credentials(flags.credentials, flags.community, flags.state));
  return vpn::EdgeRun::Memberships{std::move(again.peers), std::move(again.supernodes)};
}

// Prints the address where the user has asked for that.
std::function<void(const std::string&)> address_printer(const EdgeFlags& flags, Session& session) {
  if (!flags.print_address) {
    return {};
  }
  return [&session](const std::string& address) {
    if (const Status written = write_stdout(address + "\n"); !written) {
      session.context.log.warning(describe(written.error()));
    }
  };
}

Status run_n2n_edge(const EdgeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(check_edge(flags));
  MARVEL_TRY_STATUS(check_n2n(flags));
  MARVEL_TRY_STATUS(refuse_with_n2n({{"--announce", !flags.announced.empty()},
                                     {"--accept-routes", !flags.accepted.empty()},
                                     {"--allow", !flags.access.empty()}}));
  N2nEdge edge{flags.n2n,
               flags.community,
               flags.name,
               flags.supernodes,
               flags.address,
               flags.credentials.key_file,
               flags.state,
               flags.user,
               flags.device,
               flags.mtu,
               flags.multicast,
               {},
               address_printer(flags, session)};
  MARVEL_TRY(edge.listen, parse_listen(flags.listen));
  return run_n2n_edge(edge, session.context);
}

Result<Answer> run_edge_command(const EdgeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  MARVEL_TRY_STATUS(make_state(flags.state));
  if (flags.n2n.on) {
    MARVEL_TRY_STATUS(run_n2n_edge(flags, session));
    return Answer{};
  }
  MARVEL_TRY(vpn::EdgeRun run, edge_run(flags));
  run.on_address = address_printer(flags, session);
  if (flags.credentials.key_file.empty()) {
    run.reload = [&flags] { return edge_memberships(flags); };
  }
  MARVEL_TRY_STATUS(vpn::run_edge(std::move(run), session.context));
  return Answer{};
}

// --- flags ---

const std::vector<Row>& run_exits() {
  static const std::vector<Row> kRows{{"0", "stopped as asked, by SIGINT or SIGTERM"}};
  return kRows;
}

void bind_credentials(Binder& bind, CredentialFlags& flags) {
  bind.group("Membership");
  bind.value("--key-file", "FILE", flags.key_file,
             "Passphrase of the community; only its owner may read it (mode 0600)")
      .files = Files::kFile;
  bind.value("--identity", "FILE", flags.identity, "Secret key of this node").files = Files::kFile;
  bind.value("--authority", "FILE", flags.authority, "Public key that signs certificates").files =
      Files::kFile;
  bind.value("--revoked", "FILE", flags.revoked, "Signed list of certificates that do not count")
      .files = Files::kFile;
}

void bind_place(Binder& bind, RunFlags& flags) {
  bind.group("Place");
  bind.value("--listen", "ADDRESS:PORT", flags.listen, "Where UDP is received; a port is enough");
  bind.value("--state", "FOLDER", flags.state, "What is kept between runs, and the status socket")
      .files = Files::kFolder;
  bind.value("--user", "NAME", flags.user, "Go on as this user once all is set up");
  bind.value("--metrics", "ADDRESS:PORT", flags.metrics,
             "Where Prometheus may ask, over TCP; nowhere by default");
}

void add_supernode(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<SupernodeFlags>();
  flags->listen = std::to_string(vpn::kDefaultPort);
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn supernode --community grn=10.8.0.0/24 --key-file grn.pass --state /var/lib/vpn",
       "one community with a passphrase"},
      {"marvel vpn supernode --community grn=10.8.0.0/24 --identity sn.key --authority grn.pub",
       "one with certificates"},
      {"marvel vpn supernode --n2n --listen 7654 --community grn --state /var/lib/n2n",
       "a super node for programs of n2n"}};
  notes.exit_codes = run_exits();
  notes.see_also = {"vpn edge", "vpn status", "vpn keygen"};
  notes.run = [flags](Session& session) { return run_supernode_command(*flags, session); };
  CLI::App& command = tree.add(vpn, "supernode", "Introduce edges to each other, and relay",
                               "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(false);
  bind.group("Communities");
  bind.list("--community", "NAME=NETWORK", flags->communities,
            "Serve it and lease its addresses; may be given again");
  bind.list("--reserve", "COMMUNITY/NODE=ADDRESS", flags->reservations,
            "Keep this address for that node; may be given again");
  bind.group("Limits");
  bind.size("--relay-rate", flags->relay_rate,
            "Relayed bytes per second of all together, shared fairly; no limit by default");
  bind.size("--edge-rate", flags->edge_rate, "Relayed bytes per second that one edge may send");
  bind_credentials(bind, flags->credentials);
  bind_n2n(bind, flags->n2n, false);
  bind_place(bind, *flags);
}

void add_edge(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<EdgeFlags>();
  flags->listen = "0";
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn edge --community grn --supernode sn.example.org:4194 --key-file grn.pass "
       "--name edge1 --state /var/lib/vpn",
       "join with a passphrase"},
      {"marvel vpn edge --community grn --supernode $SN_KEY@sn.example.org:4194 --identity "
       "edge1.key "
       "--cert edge1.cert --authority grn.pub --name edge1",
       "join with a certificate"},
      {"marvel vpn edge --n2n --community grn --supernode sn.example.org:7654 --key-file grn.key "
       "--name edge1 --state /var/lib/n2n",
       "join a network of n2n"}};
  notes.exit_codes = run_exits();
  notes.see_also = {"vpn supernode", "vpn status", "vpn cert issue"};
  notes.run = [flags](Session& session) { return run_edge_command(*flags, session); };
  CLI::App& command =
      tree.add(vpn, "edge", "Join this machine to a community", "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(false);
  bind.group("Community");
  bind.value("--community", "NAME", flags->community, "The community to join");
  bind.list("--supernode", "[KEY@]HOST:PORT", flags->supernodes,
            "A super node; given again, the first that answers leads");
  bind.value("--name", "NODE", flags->name, "Of this node; no other connected one has it");
  bind.value("--address", "ADDRESS", flags->address,
             "A fixed address; else the super node's choice");
  bind_credentials(bind, flags->credentials);
  bind.value("--cert", "FILE", flags->credentials.cert, "Certificate of this node").files =
      Files::kFile;
  bind_n2n(bind, flags->n2n, true);
  bind_place(bind, *flags);
  bind.group("Device");
  bind.value("--device", "NAME", flags->device, "Network device to make");
  bind.value("--mtu", "BYTES", flags->mtu, "Of the device, 576 to 9000");
  bind.group("Traffic");
  bind.list("--announce", "NETWORK", flags->announced,
            "A network behind this node, as of its pods; may be given again");
  bind.list("--accept-routes", "NETWORK", flags->accepted,
            "Reach networks of others in this range; may be given again");
  bind.list("--allow", "GROUP[:PROTOCOL[/PORT]]", flags->access,
            "Let members of this group begin this; others only answer");
  bind.flag("--multicast", flags->multicast, "Carry multicast, not only broadcast");
  bind.this_run_only(true);
  bind.flag("--print-address", flags->print_address,
            "Print the address on standard output once the device has it");
}

}  // namespace

void add_vpn_run(CommandTree& tree, CLI::App& vpn) {
  add_supernode(tree, vpn);
  add_edge(tree, vpn);
}

}  // namespace marvel::cli
