#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/reload.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_node_flags.hpp"
#include "vpn/io/run_supernode.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace marvel::cli {
namespace {

struct SupernodeFlags : RunFlags {
  std::vector<std::string> communities;   // NAME=CIDR
  std::vector<std::string> reservations;  // COMMUNITY/NODE=ADDRESS
  std::optional<std::uint64_t> relay_rate;
  std::optional<std::uint64_t> edge_rate;
};

// The two parts of "NAME=VALUE".
Result<std::pair<std::string, std::string>> pair_of(const std::string& flag,
                                                    const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(Errc::kUsage, flag + " '" + text + "' is not NAME=VALUE");
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

vpn::SupernodeLimits limits_of(const SupernodeFlags& flags) {
  vpn::SupernodeLimits limits;
  limits.relay = static_cast<double>(flags.relay_rate.value_or(0));
  limits.edge_relay = static_cast<double>(flags.edge_rate.value_or(0));
  return limits;
}

// Of the communities that are served, for SIGHUP: keys take time to derive, and secrets cannot be
// read once root is given up.
using KnownCredentials = std::map<std::string, SupernodeCredentials>;

Result<SupernodeCredentials> certified(const SupernodeFlags& flags, const KnownCredentials& known) {
  if (known.empty()) {
    return certified_supernode(flags.credentials);
  }
  MARVEL_TRY(auto membership, supernode_membership(flags.credentials));
  return SupernodeCredentials{known.begin()->second.identity, std::move(membership)};
}

// `key` is read when the first community needs it, and kept for the others.
Result<SupernodeCredentials> credentials_for(const SupernodeFlags& flags, const std::string& name,
                                             const KnownCredentials& known,
                                             std::optional<SupernodeKey>& key) {
  if (flags.credentials.key_file.empty()) {
    return certified(flags, known);
  }
  if (const auto found = known.find(name); found != known.end()) {
    return found->second;
  }
  if (!key) {
    MARVEL_TRY(key, supernode_key(flags.credentials));
  }
  if (key->part && flags.communities.size() > 1) {
    return fail(Errc::kUsage,
                "--community: '" + flags.credentials.key_file +
                    "' is the super node's part of one community's passphrase, and cannot serve " +
                    std::to_string(flags.communities.size()),
                "run a super node for each of them, or give it the passphrase");
  }
  return supernode_credentials(*key, name);
}

// An authority is a community: all others would be the same one.
Status check_communities(const SupernodeFlags& flags) {
  if (flags.communities.empty()) {
    return fail(Errc::kUsage, "--community is missing", "as in --community grn=10.8.0.0/24");
  }
  const CredentialFlags& credentials = flags.credentials;
  const bool by_certificate = credentials.key_file.empty() && !credentials.authority.empty();
  if (by_certificate && flags.communities.size() > 1) {
    return fail(Errc::kUsage,
                "--community: with certificates a super node serves one community, that of its "
                "--authority",
                "run a super node for each of them, with --state and --listen of its own");
  }
  return {};
}

using Communities = std::vector<vpn::Supernode::CommunityOptions>;

KnownCredentials credentials_in(const Communities& communities) {
  KnownCredentials known;
  for (const auto& one : communities) {
    known.emplace(one.name, SupernodeCredentials{one.identity, one.membership});
  }
  return known;
}

Communities::iterator named(Communities& communities, const std::string& name) {
  return std::find_if(communities.begin(), communities.end(),
                      [&name](const auto& one) { return one.name == name; });
}

Status add_reservation(Communities& communities, const std::string& text) {
  MARVEL_TRY(const auto pair, pair_of("--reserve", text));
  const auto address = vpn::parse_ipv4(pair.second);
  const auto slash = pair.first.find('/');
  const auto found = named(communities, pair.first.substr(0, slash));
  if (!address || slash == std::string::npos || found == communities.end()) {
    return fail(Errc::kUsage, "--reserve '" + text + "' is not COMMUNITY/NODE=ADDRESS",
                "as in grn/camera1=10.8.0.20, for a community of this super node");
  }
  found->reservations.emplace_back(pair.first.substr(slash + 1), *address);
  return {};
}

Result<Communities> communities_of(const SupernodeFlags& flags, const KnownCredentials& known) {
  MARVEL_TRY_STATUS(check_communities(flags));
  std::optional<SupernodeKey> key;
  Communities communities;
  for (const auto& text : flags.communities) {
    MARVEL_TRY(const auto pair, pair_of("--community", text));
    const auto subnet = vpn::parse_subnet(pair.second);
    if (!subnet || !vpn::is_node_name(pair.first)) {
      return fail(Errc::kUsage, "--community '" + text + "' is not NAME=NETWORK",
                  "as in grn=10.8.0.0/24, with 8 to 30 bits and no bit set behind them");
    }
    if (named(communities, pair.first) != communities.end()) {
      return fail(Errc::kUsage, "--community '" + pair.first + "' is given twice");
    }
    MARVEL_TRY(const auto credentials, credentials_for(flags, pair.first, known, key));
    communities.push_back({pair.first, *subnet, credentials.identity, credentials.membership, {}});
  }
  for (const auto& text : flags.reservations) {
    MARVEL_TRY_STATUS(add_reservation(communities, text));
  }
  return communities;
}

Result<vpn::SupernodeRun> supernode_run(const SupernodeFlags& flags) {
  vpn::SupernodeRun run;
  MARVEL_TRY(run.listen, parse_listen(flags.listen));
  run.state = flags.state;
  run.user = flags.user;
  MARVEL_TRY(run.metrics, parse_metrics(flags.metrics));
  run.threads = flags.threads;
  run.limits = limits_of(flags);
  MARVEL_TRY(run.communities, communities_of(flags, {}));
  return run;
}

CLI::App& add_supernode(CommandTree& tree, CLI::App& vpn,
                        const std::shared_ptr<SupernodeFlags>& flags);

Result<std::shared_ptr<SupernodeFlags>> flags_again(Session& session) {
  CommandTree fresh;
  register_globals(fresh);
  auto now = std::make_shared<SupernodeFlags>();
  add_supernode(fresh, fresh.add(fresh.root(), "vpn", "", "", {}), now);
  MARVEL_TRY_STATUS(read_settings_again(session, {"vpn", "supernode"}, fresh));
  return now;
}

// Files and configuration as they are now. Another passphrase would be another community, so those
// that are served already keep theirs; one that comes back takes what the file says by then.
Result<vpn::SupernodeRun::Reload> supernode_again(const SupernodeFlags& was, Session& session,
                                                  KnownCredentials& known) {
  MARVEL_TRY(const auto now, flags_again(session));
  SupernodeFlags again = was;
  again.communities = now->communities;
  again.reservations = now->reservations;
  again.credentials.revoked = now->credentials.revoked;
  vpn::SupernodeRun::Reload reload;
  reload.limits = limits_of(*now);
  MARVEL_TRY(reload.communities, communities_of(again, known));
  reload.accepted = [&known, served = credentials_in(reload.communities)] { known = served; };
  compare_run_flags(was, *now, reload.restart);
  return reload;
}

Status run_n2n_supernode(const SupernodeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(check_n2n(flags));
  MARVEL_TRY_STATUS(refuse_with_n2n({{"--reserve", !flags.reservations.empty()},
                                     {"--key-file", !flags.credentials.key_file.empty()},
                                     {"--relay-rate", flags.relay_rate.has_value()},
                                     {"--edge-rate", flags.edge_rate.has_value()}}));
  N2nSupernode supernode{flags.n2n, flags.communities, flags.state, flags.user, {}, {}, {},
                         {},        flags.threads};
  MARVEL_TRY(supernode.metrics, parse_metrics(flags.metrics));
  MARVEL_TRY(supernode.listen, parse_listen(flags.listen));
  MARVEL_TRY_STATUS(make_state(flags.state));
  supernode.read_again = [&](N2nSupernode& now) -> Status {
    MARVEL_TRY(const auto read, flags_again(session));
    now.communities = read->communities;
    now.n2n.community_file = read->n2n.community_file;
    compare_run_flags(flags, *read, now.restart);
    return {};
  };
  return run_n2n_supernode(supernode, session.context);
}

Result<Answer> run_supernode_command(const SupernodeFlags& flags, Session& session) {
  MARVEL_TRY_STATUS(vpn::start_crypto());
  if (flags.n2n.on) {
    MARVEL_TRY_STATUS(run_n2n_supernode(flags, session));
    return Answer{};
  }
  MARVEL_TRY(vpn::SupernodeRun run, supernode_run(flags));
  KnownCredentials known = credentials_in(run.communities);
  MARVEL_TRY_STATUS(make_state(flags.state));
  run.reload = [&] { return supernode_again(flags, session, known); };
  MARVEL_TRY_STATUS(vpn::run_supernode(run, session.context));
  return Answer{};
}

CLI::App& add_supernode(CommandTree& tree, CLI::App& vpn,
                        const std::shared_ptr<SupernodeFlags>& flags) {
  flags->listen = std::to_string(vpn::kDefaultPort);
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn supernode --community grn=10.8.0.0/24 --key-file grn.pass --state /var/lib/vpn",
       "one community with a passphrase"},
      {"marvel vpn supernode --community grn=10.8.0.0/24 --identity sn.key --authority grn.pub",
       "one with certificates"},
      {"marvel vpn supernode --n2n --listen 7654 --community grn --state /var/lib/n2n",
       "a super node for programs of n2n"}};
  notes.exit_codes = node_exits();
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
  return command;
}

}  // namespace

void add_vpn_supernode(CommandTree& tree, CLI::App& vpn) {
  add_supernode(tree, vpn, std::make_shared<SupernodeFlags>());
}

}  // namespace marvel::cli
