#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/output.hpp"
#include "cli/reload.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_node_flags.hpp"
#include "vpn/io/run_edge.hpp"
#include "vpn/io/udp_socket.hpp"

#include <functional>
#include <memory>

namespace marvel::cli {
namespace {

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
  bool no_lan_discovery = false;
  bool print_address = false;
};

constexpr int kSmallestMtu = 576;
constexpr int kLargestMtu = 9000;

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

// Each super node once; the others go into `warnings`.
std::vector<vpn::EdgeOptions::Supernode> distinct(
    const std::vector<vpn::EdgeOptions::Supernode>& list, bool by_key,
    std::vector<std::string>& warnings) {
  std::vector<vpn::Endpoint> left_out;
  auto rest = vpn::without_doubles(list, by_key, left_out);
  for (const vpn::Endpoint& place : left_out) {
    warnings.push_back("--supernode " + place.text() + " is left out: a super node with this " +
                       (by_key ? "key" : "address and key") + " is named before it");
  }
  return rest;
}

Result<std::vector<vpn::EdgeOptions::Supernode>> supernodes_of(
    const EdgeFlags& flags, const std::optional<vpn::PublicKey>& key, KnownEndpoints& known,
    std::vector<std::string>& warnings) {
  std::vector<vpn::EdgeOptions::Supernode> named;
  std::vector<std::string> places;
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
    places.push_back(at == std::string::npos ? text : text.substr(at + 1));
    named.push_back(one);
  }
  if (named.empty()) {
    return fail(Errc::kUsage, "--supernode is missing", "as in --supernode sn.example.org:4194");
  }
  MARVEL_TRY(const auto found, look_up_all(places, known, kReloadLooksAgain, warnings));
  std::vector<vpn::EdgeOptions::Supernode> list;
  for (std::size_t at = 0; at < named.size(); ++at) {
    if (const auto& place = found[at]) {
      named[at].endpoint = *place;
      list.push_back(named[at]);
    }
  }
  return distinct(list, !key, warnings);
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

// The part that may change while the edge runs.
Result<vpn::EdgeSettings> edge_settings(const EdgeFlags& flags,
                                        const std::optional<vpn::PublicKey>& supernode_key,
                                        const vpn::Membership& own, KnownEndpoints& known,
                                        std::vector<std::string>& warnings) {
  vpn::EdgeSettings settings;
  MARVEL_TRY(settings.list, supernodes_of(flags, supernode_key, known, warnings));
  MARVEL_TRY(settings.announced, parse_networks("--announce", flags.announced));
  MARVEL_TRY(settings.accepted, parse_networks("--accept-routes", flags.accepted));
  if (settings.announced.size() > vpn::kMaxPrefixes) {
    return fail(Errc::kUsage, "--announce: a node announces at most 8 networks");
  }
  MARVEL_TRY_STATUS(own.check_announced(settings.announced));
  for (const auto& text : flags.access) {
    MARVEL_TRY(const auto rule, vpn::parse_access_rule(text));
    settings.access.push_back(rule);
  }
  settings.multicast = flags.multicast;
  return settings;
}

Result<vpn::EdgeRun> edge_run(const EdgeFlags& flags, KnownEndpoints& known, Log& log) {
  MARVEL_TRY_STATUS(check_edge(flags));
  MARVEL_TRY(auto credentials,
             edge_credentials(flags.credentials, flags.community, flags.state, log));
  vpn::EdgeRun run;
  MARVEL_TRY(run.listen, parse_listen(flags.listen));
  std::vector<std::string> warnings;
  MARVEL_TRY(auto settings,
             edge_settings(flags, credentials.supernode_key, credentials.peers, known, warnings));
  for (const auto& warning : warnings) {
    log.warning(warning);
  }
  run.node.list = std::move(settings.list);
  run.node.announced = std::move(settings.announced);
  run.node.accepted = std::move(settings.accepted);
  run.node.access = std::move(settings.access);
  run.node.multicast = settings.multicast;
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
  run.user = flags.user;
  MARVEL_TRY(run.metrics, parse_metrics(flags.metrics));
  run.threads = flags.threads;
  run.find_in_lan = !flags.no_lan_discovery;
  run.community = flags.community;
  run.device = flags.device;
  run.mtu = static_cast<std::size_t>(flags.mtu);
  run.state = flags.state;
  return run;
}

// Flags that differ and take effect only at the start.
std::vector<std::string> restart_only(const EdgeFlags& was, const EdgeFlags& now) {
  std::vector<std::string> changed;
  const auto compare = [&changed](const std::string& name, const auto& before, const auto& after) {
    if (before != after) {
      changed.push_back(name);
    }
  };
  compare("--community", was.community, now.community);
  compare("--name", was.name, now.name);
  compare("--address", was.address, now.address);
  compare("--device", was.device, now.device);
  compare("--mtu", was.mtu, now.mtu);
  compare("--no-lan-discovery", was.no_lan_discovery, now.no_lan_discovery);
  compare_run_flags(was, now, changed);
  return changed;
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

CLI::App& add_edge(CommandTree& tree, CLI::App& vpn, const std::shared_ptr<EdgeFlags>& flags);

Result<std::shared_ptr<EdgeFlags>> flags_again(Session& session) {
  CommandTree fresh;
  register_globals(fresh);
  auto now = std::make_shared<EdgeFlags>();
  add_edge(fresh, fresh.add(fresh.root(), "vpn", "", "", {}), now);
  MARVEL_TRY_STATUS(read_settings_again(session, {"vpn", "edge"}, fresh));
  return now;
}

// Files and configuration as they are now. Another passphrase would be another community, so only
// certificates are read again; what else of the credentials has changed needs a restart.
Result<vpn::EdgeRun::Reload> edge_again(const EdgeFlags& was, Session& session,
                                        const std::optional<vpn::PublicKey>& supernode_key,
                                        const vpn::KeyPairX& identity, KnownEndpoints& known) {
  MARVEL_TRY(const auto now, flags_again(session));
  vpn::EdgeRun::Reload reload;
  vpn::Membership own;
  if (was.credentials.key_file.empty()) {
    CredentialFlags credentials = was.credentials;
    credentials.cert = now->credentials.cert;
    credentials.revoked = now->credentials.revoked;
    MARVEL_TRY(auto again, renewed_credentials(credentials, identity));
    own = again.peers;
    reload.memberships =
        vpn::EdgeRun::Memberships{std::move(again.peers), std::move(again.supernodes)};
  }
  MARVEL_TRY(reload.settings, edge_settings(*now, supernode_key, own, known, reload.warnings));
  reload.restart = restart_only(was, *now);
  return reload;
}

Status n2n_edge_again(const EdgeFlags& was, Session& session, N2nEdge& again) {
  MARVEL_TRY(const auto now, flags_again(session));
  again.supernodes = now->supernodes;
  again.multicast = now->multicast;
  again.restart = restart_only(was, *now);
  return {};
}

Status run_n2n_edge(const EdgeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(check_edge(flags));
  MARVEL_TRY_STATUS(check_n2n(flags));
  MARVEL_TRY_STATUS(refuse_with_n2n({{"--announce", !flags.announced.empty()},
                                     {"--no-lan-discovery", flags.no_lan_discovery},
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
               {},
               address_printer(flags, session),
               [&](N2nEdge& now) { return n2n_edge_again(flags, session, now); },
               {},
               flags.threads};
  MARVEL_TRY(edge.listen, parse_listen(flags.listen));
  MARVEL_TRY(edge.metrics, parse_metrics(flags.metrics));
  return run_n2n_edge(edge, session.context);
}

Result<Answer> run_edge_command(const EdgeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  MARVEL_TRY_STATUS(make_state(flags.state));
  if (flags.n2n.on) {
    MARVEL_TRY_STATUS(run_n2n_edge(flags, session));
    return Answer{};
  }
  KnownEndpoints known;
  MARVEL_TRY(vpn::EdgeRun run, edge_run(flags, known, session.context.log));
  run.on_address = address_printer(flags, session);
  // With a passphrase all super nodes have one key; with certificates each is named with its own.
  const auto supernode_key =
      flags.credentials.key_file.empty() ? std::nullopt : std::optional(run.node.list.front().key);
  run.reload = [&, supernode_key, identity = run.node.identity] {
    return edge_again(flags, session, supernode_key, identity, known);
  };
  MARVEL_TRY_STATUS(vpn::run_edge(std::move(run), session.context));
  return Answer{};
}

void bind_traffic(Binder& bind, EdgeFlags& flags) {
  bind.group("Traffic");
  bind.list("--announce", "NETWORK", flags.announced,
            "A network behind this node, as of its pods; may be given again");
  bind.list("--accept-routes", "NETWORK", flags.accepted,
            "Reach networks of others in this range; may be given again");
  bind.list("--allow", "GROUP[:PROTOCOL[/PORT]]", flags.access,
            "Let members of this group begin this; others only answer");
  bind.flag("--multicast", flags.multicast, "Carry multicast, not only broadcast");
  bind.flag("--no-lan-discovery", flags.no_lan_discovery,
            "Send no beacons to the local network, and hear none");
}

CLI::App& add_edge(CommandTree& tree, CLI::App& vpn, const std::shared_ptr<EdgeFlags>& flags) {
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
  notes.exit_codes = node_exits();
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
             "A fixed address; else the super node's choice")
      .variable = "MARVEL_VPN_ADDRESS";
  bind_credentials(bind, flags->credentials);
  bind.value("--cert", "FILE", flags->credentials.cert, "Certificate of this node").files =
      Files::kFile;
  bind_n2n(bind, flags->n2n, true);
  bind_place(bind, *flags);
  bind.group("Device");
  bind.value("--device", "NAME", flags->device, "Network device to make").variable =
      "MARVEL_VPN_DEVICE";
  bind.value("--mtu", "BYTES", flags->mtu, "Of the device, 576 to 9000");
  bind_traffic(bind, *flags);
  bind.this_run_only(true);
  bind.flag("--print-address", flags->print_address,
            "Print the address on standard output once the device has it");
  return command;
}

}  // namespace

void add_vpn_edge(CommandTree& tree, CLI::App& vpn) {
  add_edge(tree, vpn, std::make_shared<EdgeFlags>());
}

}  // namespace marvel::cli
