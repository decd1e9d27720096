#include "cli/regex_view.hpp"

#include "config/json.hpp"
#include "regex/simd.hpp"
#include "report/format.hpp"
#include "report/table.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::cli {
namespace {

constexpr const char* kNoDevice =
    "No OpenCL device; a driver is missing, such as pocl-opencl-icd for CPUs";

using regex::PartPlan;
using regex::PatternPlan;
using regex::Speed;
using regex::opencl::Device;

std::string number(double value) {
  return fmt::format("{:.6g}", value);
}

// [a, b, ...] of values that are JSON already.
std::string json_list(const std::vector<std::string>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string document(const char* schema, const char* name, const std::vector<std::string>& values) {
  return json_object({{"schema", json_string(schema)}, {name, json_list(values)}}) + "\n";
}

std::string json_of(const Device& device) {
  return json_object({{"number", std::to_string(device.number)},
                      {"type", json_string(device_type_name(device.type))},
                      {"name", json_string(device.name)},
                      {"platform", json_string(device.platform)},
                      {"driver", json_string(device.driver)},
                      {"units", std::to_string(device.units)},
                      {"memory_bytes", std::to_string(device.memory)},
                      {"shares_memory", device.shares_memory ? "true" : "false"}});
}

std::string gigabytes(double mb_per_s) {
  return fmt::format("{:.2f} GB/s", mb_per_s / 1e3);
}

std::string engine_of(const PartPlan& part) {
  return part.literals > 0 ? "filter" : "automaton";
}

std::string json_of(const PartPlan& part) {
  return json_object({{"engine", json_string(engine_of(part))},
                      {"patterns", std::to_string(part.patterns)},
                      {"literals", std::to_string(part.literals)},
                      {"gram", std::to_string(part.gram)},
                      {"stride", std::to_string(part.stride)},
                      {"tables", std::to_string(part.tables)},
                      {"table_bytes", std::to_string(part.table_bytes)}});
}

std::string text_of(const PartPlan& part) {
  const std::string host =
      part.literals > 0
          ? fmt::format("{} literals, {} bytes at every {}. place; candidate lines walked",
                        part.literals, part.gram, part.stride)
          : std::string("all text walked by a lazy automaton");
  return fmt::format("{} patterns: {}; {} tables for devices ({})\n", part.patterns, host,
                     part.tables, report::bytes(static_cast<double>(part.table_bytes)));
}

// Literals may hold any byte; in a table they must not.
std::string quoted(const std::vector<std::string>& literals) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < literals.size() && i < kShown; ++i) {
    shown.push_back(json_string(literals[i]));
  }
  if (literals.size() > kShown) {
    shown.push_back(fmt::format("{} more", literals.size() - kShown));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

}  // namespace

Answer devices_answer(const std::vector<Device>& devices) {
  Answer answer;
  report::Table table({"device", "type", "units", "memory", "name", "platform"});
  std::vector<std::string> list;
  for (const Device& device : devices) {
    table.row({std::to_string(device.number), std::string(device_type_name(device.type)),
               std::to_string(device.units), report::bytes(static_cast<double>(device.memory)),
               device.name, device.platform});
    list.push_back(json_of(device));
  }
  answer.text = table.text();
  answer.json = document("marvel.regex.devices/1", "devices", list);
  if (devices.empty()) {
    answer.text.clear();
    answer.exit_code = 1;
    answer.notice = kNoDevice;
  }
  return answer;
}

Answer warm_up_answer(const std::vector<WarmDevice>& devices) {
  Answer answer;
  std::vector<std::string> list;
  for (const WarmDevice& warm : devices) {
    const bool ready = warm.failure.empty();
    answer.text += fmt::format("device {} ({}): {}\n", warm.device.number, warm.device.name,
                               ready ? "ready in " + report::duration(warm.seconds) : warm.failure);
    answer.exit_code = ready ? answer.exit_code : 2;
    list.push_back(json_object({{"number", std::to_string(warm.device.number)},
                                {"name", json_string(warm.device.name)},
                                {"ready", ready ? "true" : "false"},
                                {"seconds", number(warm.seconds)},
                                {"error", ready ? "null" : json_string(warm.failure)}}));
  }
  answer.json = document("marvel.regex.warm-up/1", "devices", list);
  if (devices.empty()) {
    answer.exit_code = 1;
    answer.notice = kNoDevice;
  }
  return answer;
}

Answer speeds_answer(const std::vector<Speed>& speeds, std::uint64_t bytes) {
  Answer answer;
  report::Table table({"engine", "speed", "ready in", "lines", "threads", "device"});
  std::vector<std::string> list;
  for (const Speed& speed : speeds) {
    table.row({speed.engine, gigabytes(speed.mb_per_s), report::duration(speed.ready_seconds),
               report::count(speed.lines), std::to_string(speed.threads), speed.device});
    list.push_back(json_object(
        {{"engine", json_string(speed.engine)},
         {"device", json_string(speed.device)},
         {"device_number", speed.device_number < 0 ? "null" : std::to_string(speed.device_number)},
         {"threads", std::to_string(speed.threads)},
         {"mb_per_s", number(speed.mb_per_s)},
         {"ready_seconds", number(speed.ready_seconds)},
         {"lines", std::to_string(speed.lines)}}));
  }
  answer.text = table.text();
  answer.json = json_object({{"schema", json_string("marvel.regex.bench/1")},
                             {"bytes", std::to_string(bytes)},
                             {"simd", json_string(regex::simd_name(regex::best_simd()))},
                             {"engines", json_list(list)}}) +
                "\n";
  return answer;
}

Answer plan_answer(const regex::Plan& plan, const std::vector<regex::Pattern>& patterns) {
  Answer answer;
  std::vector<std::string> parts;
  for (const PartPlan& part : plan.parts) {
    answer.text += text_of(part);
    parts.push_back(json_of(part));
  }
  report::Table table({"pattern", "engine", "table", "states", "required text"});
  std::vector<std::string> list;
  for (std::size_t i = 0; i < plan.patterns.size(); ++i) {
    const PatternPlan& pattern = plan.patterns[i];
    const std::string engine = engine_of(plan.parts[pattern.part]);
    table.row({patterns[i].id, engine, pattern.table ? std::to_string(*pattern.table) : "-",
               pattern.table ? std::to_string(pattern.table_states) : "-",
               quoted(pattern.literals)});
    std::vector<std::string> literals;
    for (const auto& literal : pattern.literals) {
      literals.push_back(json_string(literal));
    }
    list.push_back(json_object({{"id", json_string(patterns[i].id)},
                                {"part", std::to_string(pattern.part)},
                                {"engine", json_string(engine)},
                                {"literals", json_list(literals)},
                                {"table", pattern.table ? std::to_string(*pattern.table) : "null"},
                                {"table_states", std::to_string(pattern.table_states)}}));
  }
  answer.text += "\n" + table.text();
  answer.json = json_object({{"schema", json_string("marvel.regex.explain/1")},
                             {"parts", json_list(parts)},
                             {"patterns", json_list(list)}}) +
                "\n";
  return answer;
}

std::string stats_line(const regex::SearchResult& result, double seconds) {
  const auto total = static_cast<double>(result.host_bytes + result.device_bytes);
  return fmt::format("{} searched in {} ({}): {} on the CPU, {} on OpenCL devices",
                     report::bytes(total), report::duration(seconds),
                     gigabytes(total / 1e6 / std::max(seconds, 1e-9)),
                     report::bytes(static_cast<double>(result.host_bytes)),
                     report::bytes(static_cast<double>(result.device_bytes)));
}

}  // namespace marvel::cli
