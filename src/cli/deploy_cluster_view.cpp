#include "cli/deploy_cluster_view.hpp"

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "config/json.hpp"
#include "deploy/rollout/strangers.hpp"
#include "report/table.hpp"

#include <algorithm>

namespace marvel::cli {
namespace {

using rollout::Action;
using rollout::ObjectResult;
using Members = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSchema = "marvel.deploy/1";

std::string list_json(const std::vector<std::string>& items) {
  return "[" + join(items, ",") + "]";
}

std::string texts_json(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) {
    items.push_back(json_string(text));
  }
  return list_json(items);
}

std::string bool_json(bool value) {
  return value ? "true" : "false";
}

Members ref_members(const rollout::ObjectRef& ref) {
  return {{"api_version", json_string(ref.resource.api_version())},
          {"kind", json_string(ref.resource.kind)},
          {"namespace", json_string(ref.space)},
          {"name", json_string(ref.name)}};
}

std::string conflict_json(const rollout::FieldConflict& conflict) {
  return json_object({{"field", json_string(conflict.field)},
                      {"owner", json_string(conflict.owner)},
                      {"theirs", json_string(conflict.theirs)},
                      {"ours", json_string(conflict.ours)}});
}

std::string change_json(const rollout::FieldChange& change) {
  return json_object({{"path", json_string(change.path)},
                      {"before", json_string(change.before)},
                      {"after", json_string(change.after)}});
}

std::string object_json(const ObjectResult& result) {
  Members members = ref_members(result.ref);
  members.emplace_back("action", json_string(action_word(result.action)));
  if (result.error) {
    members.emplace_back("error", json_object({{"code", json_string(reason_of(*result.error))},
                                               {"message", json_string(describe(*result.error))}}));
  }
  if (!result.conflicts.empty()) {
    std::vector<std::string> items;
    for (const auto& conflict : result.conflicts) {
      items.push_back(conflict_json(conflict));
    }
    members.emplace_back("conflicts", list_json(items));
  }
  if (!result.changes.empty()) {
    std::vector<std::string> items;
    for (const auto& change : result.changes) {
      items.push_back(change_json(change));
    }
    members.emplace_back("changes", list_json(items));
  }
  return json_object(members);
}

std::string objects_json(const std::vector<ObjectResult>& results) {
  std::vector<std::string> items;
  for (const auto& result : results) {
    items.push_back(object_json(result));
  }
  return list_json(items);
}

std::string state_word(rollout::State state) {
  switch (state) {
    case rollout::State::kReady:
      return "ready";
    case rollout::State::kProgressing:
      return "progressing";
    case rollout::State::kFailed:
      return "failed";
    case rollout::State::kTerminating:
      return "terminating";
    case rollout::State::kMissing:
      return "missing";
  }
  return "progressing";
}

std::string members_json(const rollout::ServiceState& state) {
  std::vector<std::string> items;
  for (const auto& member : state.members) {
    std::vector<std::string> troubles;
    for (const auto& trouble : member.troubles) {
      troubles.push_back(json_object({{"pod", json_string(trouble.pod)},
                                      {"cause", json_string(trouble.cause)},
                                      {"log", texts_json(trouble.log)}}));
    }
    Members entry = ref_members(member.ref);
    entry.emplace_back("state", json_string(state_word(member.readiness.state)));
    entry.emplace_back("reason", json_string(member.readiness.reason));
    entry.emplace_back("troubles", list_json(troubles));
    items.push_back(json_object(entry));
  }
  return list_json(items);
}

std::string state_text(const rollout::ServiceState& state) {
  report::Table table({"object", "state", "why"});
  for (const auto& member : state.members) {
    table.row({member.ref.text(), state_word(member.readiness.state), member.readiness.reason});
  }
  std::string text = state.members.empty() ? "" : table.text();
  for (const auto& member : state.members) {
    for (const auto& trouble : member.troubles) {
      text += "pod " + trouble.pod + ": " + trouble.cause + "\n";
      for (const auto& line : trouble.log) {
        text += "  | " + line + "\n";
      }
    }
  }
  if (state.inventory.unfinished) {
    text += "the last run did not come to its end: apply it again, or roll back\n";
  }
  return text;
}

std::string code_of(const rollout::ServiceState& state, bool timed_out) {
  if (state.ready()) {
    return "";
  }
  return timed_out && !state.failed() ? "timeout" : "not_ready";
}

int exit_code_of(const rollout::ServiceState& state, bool timed_out) {
  const std::string code = code_of(state, timed_out);
  return code.empty() ? kExitDone : code == "timeout" ? kExitOutside : kExitNo;
}

std::string apply_code(const rollout::ApplyReport& report) {
  if (!report.running_as.empty()) {
    return "already_running";
  }
  std::size_t failures = 0;
  std::string code;
  for (const auto& result : report.objects) {
    if (result.error) {
      ++failures;
      code = result.conflicts.empty() ? std::string(reason_of(*result.error)) : "conflict";
    }
  }
  const bool alike = code == "conflict" || code == rollout::kOtherSet;
  return failures > 1 && !alike ? "partial" : code;
}

// Our own mistakes in one object are exit code 2, as for any input; what is another service's is a
// no.
int failure_code(const rollout::ApplyReport& report) {
  int code = kExitDone;
  for (const auto& result : report.objects) {
    if (result.error) {
      const bool no = result.error->reason == rollout::kOtherSet;
      code = std::max<int>(code, no ? kExitNo : exit_code(result.error->code));
    }
  }
  return code;
}

void log_failures(const std::vector<ObjectResult>& results, Log& log) {
  for (const auto& result : results) {
    if (result.error && result.conflicts.empty()) {
      log.write(LogLevel::kError, describe(*result.error));
    }
    for (const auto& conflict : result.conflicts) {
      log.write(LogLevel::kError, result.ref.text() + ": field " + conflict.field +
                                      " belongs to '" + conflict.owner +
                                      "' (there: " + conflict.theirs + ", ours: " + conflict.ours +
                                      "); --force-conflicts takes it over");
    }
  }
}

std::string suffix(rollout::DryRun dry_run) {
  return dry_run == rollout::DryRun::kNone     ? ""
         : dry_run == rollout::DryRun::kClient ? " (dry run)"
                                               : " (server dry run)";
}

void tell_twin(const rollout::ApplyReport& report, Log& log) {
  log.write(LogLevel::kError, "template " + report.inventory.origin +
                                  " runs once per namespace, and does: as service " +
                                  report.running_as +
                                  "; delete that first, or apply it under that name");
}

}  // namespace

Answer apply_answer(const rollout::ApplyReport& report, rollout::DryRun dry_run,
                    const rollout::ServiceState* state, Log& log) {
  Answer answer;
  if (!report.running_as.empty()) {
    tell_twin(report, log);
    answer.exit_code = kExitNo;
  } else {
    for (const auto& result : report.objects) {
      answer.text += result.ref.text() + " " + action_word(result.action) + suffix(dry_run) + "\n";
    }
    log_failures(report.objects, log);
    answer.exit_code = failure_code(report);
  }
  Members members{{"schema", json_string(kSchema)},
                  {"service", json_string(report.inventory.name)},
                  {"namespace", json_string(report.inventory.space)},
                  {"revision", std::to_string(report.inventory.revision)},
                  {"code", json_string(apply_code(report))},
                  {"objects", objects_json(report.objects)}};
  if (state != nullptr) {
    answer.text += "\n" + state_text(*state);
    answer.exit_code = std::max(answer.exit_code, exit_code_of(*state, true));
    members[4].second = json_string(code_of(*state, true));
    members.emplace_back("changing", bool_json(state->inventory.unfinished));
    members.emplace_back("members", members_json(*state));
  }
  answer.json = json_object(members);
  return answer;
}

namespace {

// "+ Deployment/web", "~ ..." with the fields that change below it, "- ..." for what goes.
std::string difference_text(const rollout::ObjectResult& result) {
  const char sign = result.action == Action::kCreated  ? '+'
                    : result.action == Action::kPruned ? '-'
                                                       : '~';
  std::string text = std::string(1, sign) + " " + result.ref.text() + "\n";
  if (result.action == Action::kConfigured) {
    for (const auto& change : result.changes) {
      text += "    " + change.path + ": " + (change.before.empty() ? "-" : change.before) + " -> " +
              (change.after.empty() ? "-" : change.after) + "\n";
    }
  }
  return text;
}

}  // namespace

Answer diff_answer(const rollout::ApplyReport& report, Log& log) {
  Answer answer;
  std::vector<std::string> items;
  bool differs = false;
  for (const auto& result : report.objects) {
    const bool known = result.action != Action::kUnchanged && result.action != Action::kNotTried;
    if (!known || result.error) {
      continue;
    }
    differs = true;
    items.push_back(object_json(result));
    answer.text += difference_text(result);
  }
  log_failures(report.objects, log);
  const bool twin = !report.running_as.empty();
  if (twin) {
    tell_twin(report, log);
  }
  answer.exit_code = report.failed() ? failure_code(report) : differs || twin ? kExitNo : kExitDone;
  const std::string code = report.failed() || twin ? apply_code(report)
                           : differs               ? "diff_found"
                                                   : "";
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"service", json_string(report.inventory.name)},
                             {"namespace", json_string(report.inventory.space)},
                             {"code", json_string(code)},
                             {"objects", list_json(items)}});
  return answer;
}

Answer state_answer(const rollout::ServiceState& state, bool timed_out) {
  Answer answer;
  answer.text = state_text(state);
  answer.exit_code = exit_code_of(state, timed_out);
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"service", json_string(state.inventory.name)},
                             {"namespace", json_string(state.inventory.space)},
                             {"revision", std::to_string(state.inventory.revision)},
                             {"code", json_string(code_of(state, timed_out))},
                             {"changing", bool_json(state.inventory.unfinished)},
                             {"members", members_json(state)}});
  return answer;
}

Answer services_answer(const std::vector<rollout::Inventory>& services) {
  report::Table table({"namespace", "service", "template", "revision"});
  std::vector<std::string> items;
  for (const auto& service : services) {
    table.row({service.space, service.name, service.origin.empty() ? "-" : service.origin,
               std::to_string(service.revision) + (service.unfinished ? ", changing" : "")});
    items.push_back(json_object({{"namespace", json_string(service.space)},
                                 {"service", json_string(service.name)},
                                 {"template", json_string(service.origin)},
                                 {"revision", std::to_string(service.revision)},
                                 {"changing", bool_json(service.unfinished)},
                                 {"kinds", texts_json(service.kinds)}}));
  }
  Answer answer;
  answer.text = services.empty() ? "" : table.text();
  answer.json = json_object({{"schema", json_string(kSchema)}, {"services", list_json(items)}});
  return answer;
}

Answer history_answer(const rollout::Inventory& now, const rollout::History& history) {
  report::Table table({"revision", "when", "cause", "template", "objects", "now"});
  std::vector<std::string> items;
  for (const auto& one : history.revisions) {
    const bool newest = one.number == now.revision;
    const bool current = newest && !now.unfinished;
    table.row({std::to_string(one.number), one.when, one.cause,
               one.origin.empty() ? "-" : one.origin, std::to_string(one.objects.size()),
               current  ? "*"
               : newest ? "changing"
                        : ""});
    items.push_back(json_object({{"revision", std::to_string(one.number)},
                                 {"when", json_string(one.when)},
                                 {"cause", json_string(one.cause)},
                                 {"template", json_string(one.origin)},
                                 {"objects", std::to_string(one.objects.size())},
                                 {"current", bool_json(current)}}));
  }
  Answer answer;
  answer.text = history.revisions.empty() ? "" : table.text();
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"service", json_string(now.name)},
                             {"namespace", json_string(now.space)},
                             {"revision", std::to_string(now.revision)},
                             {"changing", bool_json(now.unfinished)},
                             {"revisions", list_json(items)}});
  return answer;
}

namespace {

std::string result_line(const ObjectResult& result, rollout::DryRun dry_run) {
  const bool gone = result.action == Action::kPruned;
  return result.ref.text() + " " + (gone ? "deleted" : action_word(result.action)) +
         suffix(dry_run) + "\n";
}

}  // namespace

Answer objects_answer(const std::vector<ObjectResult>& results, rollout::DryRun dry_run, Log& log) {
  Answer answer;
  for (const auto& result : results) {
    answer.text += result_line(result, dry_run);
    answer.exit_code = result.error ? kExitOutside : answer.exit_code;
  }
  log_failures(results, log);
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"code", json_string(answer.exit_code == kExitDone ? "" : "partial")},
                             {"objects", objects_json(results)}});
  return answer;
}

Answer removed_answer(const rollout::Inventory& inventory, const std::vector<ObjectResult>& results,
                      rollout::DryRun dry_run, Log& log) {
  Answer answer = objects_answer(results, dry_run, log);
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"service", json_string(inventory.name)},
                             {"namespace", json_string(inventory.space)},
                             {"code", json_string(answer.exit_code == kExitDone ? "" : "partial")},
                             {"objects", objects_json(results)}});
  return answer;
}

}  // namespace marvel::cli
