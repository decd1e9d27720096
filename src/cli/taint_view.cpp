#include "cli/taint_view.hpp"

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "config/json.hpp"
#include "report/format.hpp"
#include "report/table.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace marvel::cli {
namespace {

using taint::DryRun;
using taint::NodeResult;
using taint::Outcome;

constexpr const char* kSchema = "marvel.taint/1";

bool refused(const NodeResult& result) {
  return result.edit.outcome == Outcome::kExists || result.edit.outcome == Outcome::kAbsent;
}

std::string dry_run_word(DryRun dry_run) {
  return dry_run == DryRun::kNone ? "none" : dry_run == DryRun::kClient ? "client" : "server";
}

std::string dry_run_suffix(DryRun dry_run) {
  return dry_run == DryRun::kNone     ? ""
         : dry_run == DryRun::kClient ? " (dry run)"
                                      : " (server dry run)";
}

std::string taints_json(const std::vector<scheduling::Taint>& taints) {
  std::vector<std::string> items;
  for (const auto& taint : taints) {
    items.push_back(json_object({{"key", json_string(taint.key)},
                                 {"value", json_string(taint.value)},
                                 {"effect", json_string(taint.effect)}}));
  }
  return "[" + join(items, ",") + "]";
}

std::string texts_json(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) {
    items.push_back(json_string(text));
  }
  return "[" + join(items, ",") + "]";
}

std::string error_json(std::string_view code, const std::string& message) {
  return json_object({{"code", json_string(code)}, {"message", json_string(message)}});
}

std::string result_json(const NodeResult& result) {
  std::vector<std::pair<std::string, std::string>> members{{"name", json_string(result.node)}};
  if (result.error) {
    members.emplace_back("outcome", json_string("failed"));
    members.emplace_back("error", error_json(reason_of(*result.error), describe(*result.error)));
  } else {
    members.emplace_back("outcome", json_string(outcome_word(result.edit.outcome)));
    if (refused(result)) {
      const bool exists = result.edit.outcome == Outcome::kExists;
      members.emplace_back(
          "error", error_json(exists ? "taint_exists" : "taint_absent", result.edit.problem));
    } else {
      members.emplace_back("taints", taints_json(result.edit.taints));
    }
  }
  members.emplace_back("tries", std::to_string(result.tries));
  return json_object(members);
}

std::string evictions_json(const std::vector<taint::Eviction>& evictions) {
  std::vector<std::string> items;
  for (const auto& one : evictions) {
    items.push_back(json_object({{"node", json_string(one.node)},
                                 {"pod", json_string(one.pod)},
                                 {"taint", json_string(one.taint)},
                                 {"after_seconds", std::to_string(one.after_seconds)}}));
  }
  return "[" + join(items, ",") + "]";
}

// kubectl's words for one node that failed.
std::string failure_text(const NodeResult& result, bool kubectl) {
  if (!result.error) {
    return kubectl || result.edit.outcome == Outcome::kExists
               ? result.edit.problem
               : "node " + result.node + ": " + result.edit.problem;
  }
  return describe(*result.error);
}

int exit_code_of(const std::vector<NodeResult>& results, bool kubectl) {
  int code = kExitDone;
  for (const auto& result : results) {
    if (result.error) {
      code = std::max<int>(code, kExitOutside);
    } else if (refused(result)) {
      code = std::max<int>(code, kExitNo);
    }
  }
  return kubectl ? std::min<int>(code, kExitNo) : code;
}

std::string answer_code(const std::vector<NodeResult>& results) {
  std::set<std::string> codes;
  for (const auto& result : results) {
    if (result.error) {
      return "partial";
    }
    if (refused(result)) {
      codes.insert(result.edit.outcome == Outcome::kExists ? "taint_exists" : "taint_absent");
    }
  }
  return codes.empty() ? "" : *codes.begin();
}

std::string taint_list(const scheduling::Node& node) {
  std::vector<std::string> texts;
  for (const auto& taint : node.taints) {
    texts.push_back(to_string(taint));
  }
  return texts.empty() ? "-" : join(texts, " ");
}

std::string state_of(const scheduling::Node& node) {
  return std::string(node.ready ? "Ready" : "NotReady") +
         (node.unschedulable ? ",SchedulingDisabled" : "");
}

std::string pod_title(const scheduling::Pod& pod) {
  return pod.kind + " " + (pod.namespace_name.empty() ? "" : pod.namespace_name + "/") + pod.name;
}

std::string check_text(const taint::PodCheck& check, const taint::ClusterState& cluster,
                       std::size_t rows) {
  std::string text = pod_title(check.pod) + ": " + std::to_string(check.fits.size()) + " of " +
                     std::to_string(cluster.nodes.size()) + " nodes would take it\n";
  if (!check.message.empty()) {
    text += check.message + "\n";
  }
  report::Table table({"node", "verdict"});
  const std::size_t shown = rows == 0 ? cluster.nodes.size() : std::min(rows, cluster.nodes.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& verdict = check.verdicts[i];
    table.row({cluster.nodes[i].name, verdict.fits() ? "takes it" : verdict.detail});
  }
  text += table.text();
  if (shown < cluster.nodes.size()) {
    text +=
        "... " + std::to_string(cluster.nodes.size() - shown) + " more; --all-nodes shows them\n";
  }
  for (const auto& rule : check.pod.unjudged) {
    text += "Not judged here: " + rule + "\n";
  }
  return text;
}

std::string check_json(const taint::PodCheck& check, const taint::ClusterState& cluster) {
  std::vector<std::string> refusals;
  for (std::size_t i = 0; i < check.verdicts.size(); ++i) {
    if (!check.verdicts[i].fits()) {
      refusals.push_back(json_object({{"node", json_string(cluster.nodes[i].name)},
                                      {"reasons", texts_json(check.verdicts[i].reasons)},
                                      {"detail", json_string(check.verdicts[i].detail)}}));
    }
  }
  return json_object({{"kind", json_string(check.pod.kind)},
                      {"namespace", json_string(check.pod.namespace_name)},
                      {"name", json_string(check.pod.name)},
                      {"fits", texts_json(check.fits)},
                      {"refusals", "[" + join(refusals, ",") + "]"},
                      {"message", json_string(check.message)},
                      {"not_judged", texts_json(check.pod.unjudged)}});
}

}  // namespace

Result<Answer> written_answer(const std::vector<NodeResult>& results, const WriteView& view,
                              Log& log) {
  if (results.size() == 1 && !view.kubectl) {
    if (const auto& error = results.front().error; error.has_value()) {
      return fail(*error);
    }
  }
  Answer answer;
  std::vector<std::string> items;
  for (const auto& result : results) {
    items.push_back(result_json(result));
    if (result.error || refused(result)) {
      log.write(LogLevel::kError, failure_text(result, view.kubectl));
    } else {
      answer.text += "node/" + result.node + " " + outcome_word(result.edit.outcome) +
                     (result.edit.writes() && !view.kubectl ? dry_run_suffix(view.dry_run) : "") +
                     "\n";
    }
  }
  answer.exit_code = exit_code_of(results, view.kubectl);
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"dry_run", json_string(dry_run_word(view.dry_run))},
                             {"code", json_string(answer_code(results))},
                             {"nodes", "[" + join(items, ",") + "]"},
                             {"evictions", evictions_json(view.evictions)}});
  return answer;
}

std::string diff_text(const std::vector<NodeResult>& plan) {
  std::string text;
  const auto lines = [&text](const NodeResult& result, char sign, const auto& these,
                             const auto& others) {
    for (const auto& taint : these) {
      if (std::find(others.begin(), others.end(), taint) == others.end()) {
        text += std::string(1, sign) + " node/" + result.node + ": " + to_string(taint) + "\n";
      }
    }
  };
  for (const auto& result : plan) {
    if (result.error || !result.edit.writes()) {
      continue;
    }
    lines(result, '-', result.before.taints, result.edit.taints);
    lines(result, '+', result.edit.taints, result.before.taints);
    for (const auto& [key, value] : result.edit.labels) {
      const auto old = result.before.labels.find(key);
      if (old != result.before.labels.end()) {
        text += "- node/" + result.node + ": label " + key + "=" + old->second + "\n";
      }
      if (value) {
        text += "+ node/" + result.node + ": label " + key + "=" + *value + "\n";
      }
    }
  }
  return text;
}

Answer nodes_answer(const std::vector<scheduling::Node>& nodes) {
  report::Table table({"node", "state", "taints"});
  std::vector<std::string> items;
  for (const auto& node : nodes) {
    table.row({node.name, state_of(node), taint_list(node)});
    items.push_back(json_object({{"name", json_string(node.name)},
                                 {"ready", node.ready ? "true" : "false"},
                                 {"unschedulable", node.unschedulable ? "true" : "false"},
                                 {"taints", taints_json(node.taints)}}));
  }
  Answer answer;
  answer.text = nodes.empty() ? "" : table.text();
  answer.json =
      json_object({{"schema", json_string(kSchema)}, {"nodes", "[" + join(items, ",") + "]"}});
  return answer;
}

void ChecksView::add(const taint::PodCheck& check) {
  all_fit_ &= !check.fits.empty();
  if (!made_.empty()) {
    made_ += as_text_ ? "\n" : ",";
  }
  made_ += as_text_ ? check_text(check, cluster_, rows_) : check_json(check, cluster_);
}

Answer ChecksView::answer() const {
  Answer answer;
  answer.exit_code = all_fit_ ? kExitDone : kExitNo;
  if (as_text_) {
    answer.text = made_;
    return answer;
  }
  answer.json = json_object({{"schema", json_string(kSchema)},
                             {"server_minor_version", std::to_string(cluster_.minor_version)},
                             {"code", json_string(all_fit_ ? "" : "unschedulable")},
                             {"nodes", std::to_string(cluster_.nodes.size())},
                             {"pods", "[" + made_ + "]"}});
  return answer;
}

std::string evictions_text(const std::vector<taint::Eviction>& evictions) {
  std::string text;
  for (const auto& one : evictions) {
    text += "pod " + one.pod + " would leave node " + one.node +
            (one.after_seconds == 0 ? " at once"
                                    : " after " + std::to_string(one.after_seconds) + " s") +
            " (" + one.taint + ")\n";
  }
  return text;
}

}  // namespace marvel::cli
