#include "cli/vpn_view.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cli/exit_code.hpp"
#include "config/json.hpp"
#include "report/format.hpp"
#include "report/table.hpp"

#include <array>
#include <ctime>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using Json = nlohmann::json;

// "2026-11-25T10:00:00Z"
std::string time_text(std::uint64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&when, &parts) == nullptr) {
    return std::to_string(seconds);
  }
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

std::string serial_text(std::uint64_t serial) {
  vpn::Block<8> bytes{};
  vpn::store_be32(bytes.data(), static_cast<std::uint32_t>(serial >> 32U));
  vpn::store_be32(bytes.data() + 4, static_cast<std::uint32_t>(serial));
  return vpn::hex(bytes);
}

std::string subnet_text(const vpn::Subnet& subnet) {
  constexpr unsigned kSingle = 32;
  return subnet.bits == kSingle ? vpn::ipv4_text(subnet.base) : subnet.text();
}

std::string strings_json(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) {
    items.push_back(json_string(text));
  }
  return "[" + join(items, ",") + "]";
}

// A value of a node's document as a cell; "-" for null. Names of other nodes are whatever those
// say, with n2n any bytes.
std::string cell(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) {
    return "-";
  }
  constexpr std::size_t kMost = 128;
  return found->is_string() ? shown_text(found->get<std::string>(), kMost) : found->dump();
}

// "-" where there is none, as with networks of n2n.
std::string loss_cell(const Json& one) {
  const auto found = one.find("loss");
  if (found == one.end() || !found->is_number()) {
    return "-";
  }
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f%%", found->get<double>() * 100);
  return text.data();
}

// Bytes per second as people read them: "1.2 MB".
std::string rate_cell(const Json& one, const char* key) {
  const auto found = one.find("per_second");
  return found == one.end() ? "-" : report::bytes(found->at(key).get<double>());
}

// What stands behind the address: the NAT, and how much flows.
std::string edge_head(const Json& node) {
  std::string text = cell(node, "name") + " in " + cell(node, "community") + ": " +
                     cell(node, "address") + " on " + cell(node, "device") + "\n";
  if (const auto nat = node.find("nat"); nat != node.end()) {
    text += "NAT " + cell(*nat, "kind") + ", as " + cell(*nat, "observers") +
            " from outside see it; " + rate_cell(node, "sent_bytes") + "/s out, " +
            rate_cell(node, "received_bytes") + "/s in\n";
  }
  return text + "\n";
}

std::string edge_text(const Json& node) {
  report::Table supernodes({"SUPER NODE", "REGISTERED", "SEEN AS", "RTT us", "LOSS"});
  for (const auto& one : node.at("supernodes")) {
    supernodes.row({cell(one, "endpoint"), one.at("registered").get<bool>() ? "yes" : "no",
                    cell(one, "seen_as"), cell(one, "round_trip_us"), loss_cell(one)});
  }
  report::Table peers({"PEER", "ADDRESS", "PATH", "ENDPOINT", "RTT us", "LOSS", "SENT", "OUT/s",
                       "RECEIVED", "IN/s"});
  for (const auto& one : node.at("peers")) {
    peers.row({cell(one, "name"), cell(one, "address"), cell(one, "path"), cell(one, "endpoint"),
               cell(one, "round_trip_us"), loss_cell(one), cell(one, "frames_sent"),
               rate_cell(one, "sent_bytes"), cell(one, "frames_received"),
               rate_cell(one, "received_bytes")});
  }
  return edge_head(node) + supernodes.text() +
         (node.at("peers").empty() ? "" : "\n" + peers.text());
}

std::string supernode_text(const Json& node) {
  report::Table edges({"EDGE", "COMMUNITY", "ADDRESS", "ENDPOINT", "RELAYED"});
  for (const auto& one : node.at("edges")) {
    edges.row({cell(one, "name"), cell(one, "community"), cell(one, "address"),
               cell(one, "endpoint"), cell(one, "relayed")});
  }
  return edges.text();
}

std::string drops_text(const Json& node) {
  std::string text;
  for (const auto& [reason, count] : node.at("drops").items()) {
    if (count.get<std::uint64_t>() > 0) {
      text += (text.empty() ? "\ndropped: " : ", ") + reason + " " + count.dump();
    }
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

Answer certificate_answer(const vpn::Certificate& certificate, std::uint64_t now) {
  std::vector<std::string> addresses;
  for (const auto& subnet : certificate.addresses) {
    addresses.push_back(subnet_text(subnet));
  }
  std::vector<std::string> networks;
  for (const auto& network : certificate.prefixes) {
    networks.push_back(subnet_text(network));
  }
  const bool valid = now >= certificate.not_before && now < certificate.not_after;
  Answer answer;
  answer.text = "name       " + certificate.name + "\nkey        " + vpn::hex(certificate.key) +
                "\ncommunity  " + vpn::hex(certificate.community) + "\nserial     " +
                serial_text(certificate.serial) + "\naddresses  " +
                (addresses.empty() ? "any" : join(addresses, ", ")) + "\nnetworks   " +
                (networks.empty() ? "none" : join(networks, ", ")) + "\ngroups     " +
                (certificate.groups.empty() ? "none" : join(certificate.groups, ", ")) +
                "\nvalid      " + time_text(certificate.not_before) + " to " +
                time_text(certificate.not_after) + (valid ? "" : " (not now)") + "\n";
  answer.json = json_object({{"schema", json_string("marvel.vpn.certificate/1")},
                             {"name", json_string(certificate.name)},
                             {"key", json_string(vpn::hex(certificate.key))},
                             {"community", json_string(vpn::hex(certificate.community))},
                             {"serial", json_string(serial_text(certificate.serial))},
                             {"addresses", strings_json(addresses)},
                             {"networks", strings_json(networks)},
                             {"groups", strings_json(certificate.groups)},
                             {"not_before", std::to_string(certificate.not_before)},
                             {"not_after", std::to_string(certificate.not_after)},
                             {"valid", valid ? "true" : "false"}});
  answer.exit_code = valid ? kExitDone : kExitNo;
  return answer;
}

Answer revocations_answer(const vpn::Revocations& list) {
  std::vector<std::string> serials;
  for (const std::uint64_t serial : list.serials) {
    serials.push_back(serial_text(serial));
  }
  return {join(serials, "\n") + "\n",
          json_object({{"schema", json_string("marvel.vpn.revocations/1")},
                       {"community", json_string(vpn::hex(list.community))},
                       {"issued", std::to_string(list.issued)},
                       {"serials", strings_json(serials)}}),
          kExitDone, ""};
}

namespace {

Error no_edge(const std::string& what) {
  return {Errc::kUsage, "this is a super node; only an edge has " + what, "", {}};
}

bool is_edge(const Json& node) {
  return node.at("schema") == "marvel.vpn.edge/1" || node.at("schema") == "marvel.vpn.n2n-edge/1";
}

}  // namespace

Result<std::string> address_in_status(const std::string& json) {
  try {
    const Json node = Json::parse(json);
    if (!is_edge(node)) {
      return fail(no_edge("an address"));
    }
    return node.at("address").is_null() ? std::string() : node.at("address").get<std::string>();
  } catch (const Json::exception& error) {
    return fail(Errc::kInternal, std::string("the node's answer is damaged: ") + error.what());
  }
}

Result<std::string> peer_address_in_status(const std::string& json, const std::string& name) {
  try {
    const Json node = Json::parse(json);
    if (!is_edge(node)) {
      return fail(no_edge("peers"));
    }
    for (const auto& peer : node.at("peers")) {
      if (peer.at("name") != name) {
        continue;
      }
      if (peer.at("address").is_null()) {
        return fail(Errc::kNotFound, "the address of the peer '" + name + "' is not known yet",
                    "name the address itself, or try again when something was said");
      }
      return peer.at("address").get<std::string>();
    }
  } catch (const Json::exception& error) {
    return fail(Errc::kInternal, std::string("the node's answer is damaged: ") + error.what());
  }
  return fail(Errc::kNotFound, "the edge knows no peer '" + name + "'",
              "peers are known once something was said; name its address instead");
}

Result<Answer> status_answer(const std::string& json) {
  try {
    const Json node = Json::parse(json);
    const bool edge = node.contains("supernodes");
    return Answer{(edge ? edge_text(node) : supernode_text(node)) + drops_text(node), json,
                  kExitDone, ""};
  } catch (const Json::exception& error) {
    return fail(Errc::kInternal, std::string("the node's answer is damaged: ") + error.what());
  }
}

}  // namespace marvel::cli
