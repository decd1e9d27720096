#include "cli/vpn_network_file.hpp"

#include "base/file.hpp"
#include "cli/exit_code.hpp"
#include "cli/vpn_folder_turn.hpp"
#include "report/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "marvel.network/1";

bool is_link(const Json& link) {
  const auto text = [&link](const char* key) {
    return link.contains(key) && link.at(key).is_string();
  };
  return link.is_object() && text("from") && text("to");
}

Result<Json> parse_network(const std::string& text, const std::string& name) {
  Json document = Json::parse(text, nullptr, false);
  const bool right = document.is_object() && document.value("schema", Json()) == kSchema &&
                     document.contains("links") && document.at("links").is_array() &&
                     std::all_of(document.at("links").begin(), document.at("links").end(), is_link);
  if (!right) {
    return fail(Errc::kInput, "'" + name + "' is no document of the schema marvel.network/1",
                "name another file, or a new one; docs/formats/network.md tells what is in it");
  }
  return document;
}

// "12.3", or "-" where nothing was found.
std::string number_cell(const Json& link, const char* key, const char* format) {
  const auto found = link.find(key);
  if (found == link.end() || !found->is_number()) {
    return "-";
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, found->get<double>());
  return text.data();
}

Result<std::string> read_if_there(const std::string& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) ? read_file(file) : Result<std::string>("");
}

}  // namespace

Result<std::string> merge_network(const std::string& old, const std::string& name,
                                  const std::string& measured) {
  MARVEL_TRY(const Json news, parse_network(measured, "the edge's answer"));
  if (old.empty()) {
    return news.dump();
  }
  MARVEL_TRY(Json all, parse_network(old, name));
  Json& links = all.at("links");
  for (const Json& link : news.at("links")) {
    const auto same = std::find_if(links.begin(), links.end(), [&link](const Json& one) {
      return one.at("from") == link.at("from") && one.at("to") == link.at("to");
    });
    if (same == links.end()) {
      links.push_back(link);
    } else {
      same->update(link);
    }
  }
  return all.dump();
}

Status check_network_file(const std::string& file) {
  MARVEL_TRY(const std::string old, read_if_there(file));
  const auto network = old.empty() ? Result<Json>(Json()) : parse_network(old, file);
  return network ? Status() : Status(fail(network.error()));
}

Status merge_network_file(const std::string& file, const std::string& measured) {
  const Fd turn = turn_in_folder_of(file);
  MARVEL_TRY(const std::string old, read_if_there(file));
  MARVEL_TRY(const std::string merged, merge_network(old, file, measured));
  return write_file_atomically(file, merged + "\n");
}

Result<Answer> network_answer(const std::string& document) {
  MARVEL_TRY(const Json network, parse_network(document, "the edge's answer"));
  report::Table table({"FROM", "TO", "PATH", "LATENCY ms", "Mbit/s", "LOSS"});
  bool all = true;
  for (const Json& link : network.at("links")) {
    table.row({link.at("from").get<std::string>(), link.at("to").get<std::string>(),
               link.value("path", "-"), number_cell(link, "latency_ms", "%.2f"),
               number_cell(link, "bandwidth_mbit_per_s", "%.1f"),
               number_cell(link, "loss", "%.2f")});
    all = all && link.contains("latency_ms") && link.at("latency_ms").is_number() &&
          link.contains("bandwidth_mbit_per_s") && link.at("bandwidth_mbit_per_s").is_number();
  }
  return Answer{table.text(), document, all ? kExitDone : kExitNo, ""};
}

}  // namespace marvel::cli
