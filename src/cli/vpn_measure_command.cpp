#include "cli/bind.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_network_file.hpp"
#include "vpn/io/measure_socket.hpp"

#include <memory>

namespace marvel::cli {
namespace {

struct MeasureFlags {
  std::vector<std::string> peers;
  std::string state = "/var/lib/marvel-vpn";
  std::string network;  // a file
  std::optional<std::uint64_t> burst;
};

constexpr std::uint64_t kSmallestBurst = std::uint64_t{16} << 10U;

Result<vpn::SurveyOrder> order_of(const MeasureFlags& flags) {
  vpn::SurveyOrder order;
  order.largest = flags.burst.value_or(vpn::kLargestTrain);
  if (order.largest < kSmallestBurst || order.largest > vpn::kLargestTrain) {
    return fail(Errc::kUsage, "--burst must be from 16KiB to 4MiB");
  }
  for (const auto& peer : flags.peers) {
    if (!vpn::is_node_name(peer)) {
      return fail(Errc::kUsage, "'" + peer + "' is no name of a node",
                  "marvel vpn status lists peers by their names");
    }
    order.peers.push_back(peer);
  }
  return order;
}

Result<Answer> run_measure(const MeasureFlags& flags, Session& session) {
  MARVEL_TRY(const vpn::SurveyOrder order, order_of(flags));
  if (!flags.network.empty()) {
    // Before anything is measured: a file that is damaged must not cost minutes.
    MARVEL_TRY_STATUS(check_network_file(flags.network));
  }
  MARVEL_TRY(const std::string found, vpn::request_survey(flags.state, order, [&session] {
               return !session.context.stop.raised();
             }));
  MARVEL_TRY(Answer answer, network_answer(found));
  if (!flags.network.empty()) {
    MARVEL_TRY_STATUS(merge_network_file(flags.network, found));
  }
  return answer;
}

}  // namespace

void add_vpn_measure(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<MeasureFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn measure edge2", "latency and bandwidth of the path to a peer, both ways"},
      {"marvel vpn measure --network network.json", "to all members, kept in a file of all nodes"}};
  notes.exit_codes = {{"1", "a peer is not there, or its path could not be measured"}};
  notes.see_also = {"vpn status", "vpn ping"};
  notes.run = [flags](Session& session) { return run_measure(*flags, session); };
  CLI::App& command = tree.add(vpn, "measure", "Measure latency and bandwidth to other nodes",
                               "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.value("--state", "FOLDER", flags->state, "State folder of this machine's edge").files =
      Files::kFolder;
  bind.this_run_only(true);
  bind.positional("peer", flags->peers, "Names of peers; all members when there is none");
  bind.value("--network", "FILE", flags->network,
             "Put what was found into this file, in the place of what it had of these links")
      .files = Files::kFile;
  bind.size("--burst", flags->burst,
            "Largest burst towards a peer, 16KiB to 4MiB; 4MiB by default");
}

}  // namespace marvel::cli
