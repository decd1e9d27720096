#include "base/units.hpp"
#include "cli/bind.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/vpn_command.hpp"
#include "cli/vpn_view.hpp"
#include "cli/watch.hpp"
#include "config/json.hpp"
#include "vpn/io/icmp_ping.hpp"
#include "vpn/io/state_folder.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

namespace marvel::cli {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr const char* kState = "/var/lib/marvel-vpn";

struct StatusFlags {
  std::string state = kState;
  bool watch = false;
  bool wait = false;
  bool print_address = false;
  std::string timeout = "60s";
};

struct PingFlags {
  std::string peer;
  std::string state = kState;
  int packets = 4;
};

Result<std::string> read_state(const std::string& folder) {
  return net::read_status(vpn::status_place(folder));
}

// The document of an edge that has its address. Until then the node may not even run.
Result<std::string> wait_for_address(const StatusFlags& flags, Session& session) {
  MARVEL_TRY(const auto limit, parse_duration(flags.timeout));
  // For ever to whoever waits, and no more than the clock can count.
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365 * 10);
  const auto end = std::chrono::steady_clock::now() + std::min(limit, kLongest);
  do {
    const auto json = read_state(flags.state);
    if (json) {
      MARVEL_TRY(const std::string address, address_in_status(*json));
      if (!address.empty()) {
        return *json;
      }
    }
  } while (std::chrono::steady_clock::now() < end && pause(session.context, kLook));
  return fail(Errc::kTimeout, "the edge has no address after " + flags.timeout,
              "marvel vpn status tells whether a super node answers");
}

Result<Answer> run_status(const StatusFlags& flags, Session& session) {
  if (flags.watch) {
    return watch(session, [&flags]() -> Result<Answer> {
      MARVEL_TRY(const std::string json, read_state(flags.state));
      return status_answer(json);
    });
  }
  MARVEL_TRY(const std::string json,
             flags.wait ? wait_for_address(flags, session) : read_state(flags.state));
  if (!flags.print_address) {
    return status_answer(json);
  }
  MARVEL_TRY(const std::string address, address_in_status(json));
  if (address.empty()) {
    return fail(Errc::kUnavailable, "the edge has no address yet", "--wait waits for it");
  }
  return Answer{address + "\n", json_object({{"address", json_string(address)}}), kExitDone, ""};
}

// What a script asks before it starts what needs the network.
Result<Answer> run_up(const StatusFlags& flags, Session& session) {
  MARVEL_TRY(const std::string json,
             flags.wait ? wait_for_address(flags, session) : read_state(flags.state));
  MARVEL_TRY(const std::string address, address_in_status(json));
  const bool up = !address.empty();
  Answer answer;
  answer.json = json_object({{"schema", json_string("marvel.vpn.up/1")},
                             {"up", up ? "true" : "false"},
                             {"address", up ? json_string(address) : "null"}});
  answer.exit_code = up ? kExitDone : kExitNo;
  if (flags.print_address) {
    answer.text = up ? address + "\n" : "";
  } else {
    answer.text = up ? "up: " + address + "\n" : "not up: no address yet\n";
  }
  return answer;
}

std::string milliseconds_text(vpn::Duration trip) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f",
                std::chrono::duration<double, std::milli>(trip).count());
  return text.data();
}

Answer ping_answer(const std::string& address, int sent, std::vector<vpn::Duration> trips) {
  std::sort(trips.begin(), trips.end());
  const auto got = static_cast<int>(trips.size());
  const std::string median = trips.empty() ? "null" : milliseconds_text(trips[trips.size() / 2]);
  Answer answer;
  answer.text =
      address + ": " + std::to_string(got) + " of " + std::to_string(sent) + " answered" +
      (trips.empty() ? ""
                     : ", " + milliseconds_text(trips.front()) + " / " + median + " / " +
                           milliseconds_text(trips.back()) + " ms (least, median, most)") +
      "\n";
  answer.json = json_object(
      {{"schema", json_string("marvel.vpn.ping/1")},
       {"address", json_string(address)},
       {"sent", std::to_string(sent)},
       {"received", std::to_string(got)},
       {"round_trip_ms", trips.empty() ? "null"
                                       : json_object({{"min", milliseconds_text(trips.front())},
                                                      {"median", median},
                                                      {"max", milliseconds_text(trips.back())}})}});
  answer.exit_code = trips.empty() ? kExitNo : kExitDone;
  return answer;
}

Result<Answer> run_ping(const PingFlags& flags, Session& session) {
  constexpr int kMost = 10000;
  if (flags.packets < 1 || flags.packets > kMost) {
    return fail(Errc::kUsage, "--packets must be from 1 to 10000");
  }
  auto target = vpn::parse_ipv4(flags.peer);
  if (!target) {
    MARVEL_TRY(const std::string json, read_state(flags.state));
    MARVEL_TRY(const std::string address, peer_address_in_status(json, flags.peer));
    target = vpn::parse_ipv4(address);
  }
  MARVEL_TRY(vpn::IcmpPing ping, vpn::IcmpPing::open(target.value_or(0)));
  std::vector<vpn::Duration> trips;
  int sent = 0;
  while (sent < flags.packets && !session.context.stop.raised()) {
    ++sent;
    if (const auto trip = ping.ask(std::chrono::seconds(1))) {
      trips.push_back(*trip);
      if (sent < flags.packets) {
        pause(session.context, std::chrono::milliseconds(200));
      }
    }
  }
  return ping_answer(vpn::ipv4_text(target.value_or(0)), sent, std::move(trips));
}

void add_status(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<StatusFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel vpn status --state /var/lib/vpn", "peers, paths and counters"},
                    {"marvel vpn status --watch --json", "one line for programs each two seconds"},
                    {"marvel vpn status --wait --print-address",
                     "what a script does before it starts a kubelet"}};
  notes.see_also = {"vpn edge", "vpn supernode", "vpn ping"};
  notes.run = [flags](Session& session) { return run_status(*flags, session); };
  CLI::App& command = tree.add(vpn, "status", "Show what a running edge or super node knows",
                               "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.value("--state", "FOLDER", flags->state, "State folder of the node").files = Files::kFolder;
  bind.this_run_only(true);
  bind.flag("--watch", flags->watch, "Again each two seconds, until SIGINT");
  bind.flag("--wait", flags->wait, "First wait until the edge has its address");
  bind.value("--timeout", "TIME", flags->timeout, "How long to wait at most");
  bind.flag("--print-address", flags->print_address, "Only the address, as in 10.8.0.7/24");
}

void add_up(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<StatusFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel vpn up --wait --print-address", "what a script does before it starts a kubelet"},
      {"marvel vpn up --state /var/lib/vpn", "by its exit code, as a probe of a container"}};
  notes.exit_codes = {{"1", "the edge runs and has no address yet"},
                      {"3", "no edge runs, or none had its address in time"}};
  notes.see_also = {"vpn status", "vpn edge"};
  notes.run = [flags](Session& session) { return run_up(*flags, session); };
  CLI::App& command =
      tree.add(vpn, "up", "Tell whether the edge has its address", "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.value("--state", "FOLDER", flags->state, "State folder of the node").files = Files::kFolder;
  bind.this_run_only(true);
  bind.flag("--wait", flags->wait, "Wait for it");
  bind.value("--timeout", "TIME", flags->timeout, "How long to wait at most");
  bind.flag("--print-address", flags->print_address, "Only the address, as in 10.8.0.7/24");
}

void add_ping(CommandTree& tree, CLI::App& vpn) {
  const auto flags = std::make_shared<PingFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel vpn ping edge2", "a peer by its name, over whatever path it has"}};
  notes.exit_codes = {{"1", "no answer came"}};
  notes.see_also = {"vpn status"};
  notes.run = [flags](Session& session) { return run_ping(*flags, session); };
  CLI::App& command =
      tree.add(vpn, "ping", "Measure the way to another node", "Nodes", std::move(notes));
  Binder bind(tree, command);
  bind.value("--state", "FOLDER", flags->state, "State folder of this machine's edge").files =
      Files::kFolder;
  bind.this_run_only(true);
  bind.positional("peer", flags->peer, "Name of a peer, or an address inside the network")
      .required = true;
  bind.value("--packets", "NUMBER", flags->packets, "How many, 1 to 10000");
}

}  // namespace

void add_vpn_watch(CommandTree& tree, CLI::App& vpn) {
  add_status(tree, vpn);
  add_up(tree, vpn);
  add_ping(tree, vpn);
}

}  // namespace marvel::cli
