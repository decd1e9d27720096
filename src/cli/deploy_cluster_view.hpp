#pragma once

#include "cli/command.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/wait.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Results of the verbs of `marvel deploy` that talk to a cluster, as text and as JSON
// (docs/formats/deploy.md).

// What apply did. Exit code 0, 1 when a singleton runs already, 3 when an object failed. Failures
// go to `log`. A state (from --wait) adds its lines and decides as state_answer does.
Answer apply_answer(const rollout::ApplyReport& report, rollout::DryRun dry_run,
                    const rollout::ServiceState* state, Log& log);
// Field by field; exit code 1 when something differs.
Answer diff_answer(const rollout::ApplyReport& report, Log& log);
// Every member and why it is not ready. Exit code 0 ready, 1 failed or, unless `timed_out`, not
// ready; 3 when the time was over.
Answer state_answer(const rollout::ServiceState& state, bool timed_out);
// The revisions, newest first; `now` is the one that runs.
Answer history_answer(const rollout::Inventory& now, const rollout::History& history);
// What was done to single objects; exit code as for apply.
Answer objects_answer(const std::vector<rollout::ObjectResult>& results, rollout::DryRun dry_run,
                      Log& log);
Answer services_answer(const std::vector<rollout::Inventory>& services);
Answer removed_answer(const rollout::Inventory& inventory,
                      const std::vector<rollout::ObjectResult>& results, rollout::DryRun dry_run,
                      Log& log);

}  // namespace marvel::cli
