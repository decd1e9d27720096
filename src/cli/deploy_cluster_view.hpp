#pragma once

#include "cli/command.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/wait.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Results of the verbs of `marvel deploy` that talk to a cluster, as text and as JSON
// (docs/formats/cluster-json.md, schema "marvel.deploy/1"). Pure functions of what the library has
// reported, but for failures of single objects, which go to `log` as errors and stand in the JSON
// as well. Secrets must be masked in the report before (deploy_service.hpp): nothing here looks for
// them.
//
// What apply did, a line per object. Exit code 0; 1 when a singleton runs already, or when an
// object is another service's; else the worst of the failed objects: 2 for one that is wrong, 3
// where the cluster refused or a field belongs to another. A state (from --wait) adds its lines and
// decides as state_answer does when time is over; null: nobody waited.
Answer apply_answer(const rollout::ApplyReport& report, rollout::DryRun dry_run,
                    const rollout::ServiceState* state, Log& log);
// Field by field, "+" for what would be made, "~" for what would change and "-" for what would go;
// nothing for what stays. `report` is that of a dry run with changes. Exit code 1 when something
// differs; a failure's own where an object cannot be compared.
Answer diff_answer(const rollout::ApplyReport& report, Log& log);
// Every member and why it is not ready, what is missing, and whether the last run came to its end.
// Exit code 0 ready, 1 failed or, unless `timed_out`, not ready; 3 when the time was over. A table,
// and for each pod that will not run its cause and the last lines of its log.
Answer state_answer(const rollout::ServiceState& state, bool timed_out);
// The revisions, newest first; `now` is the one that runs, marked with "*". After a run that did
// not come to its end none runs: the last one that did is marked with "changing".
Answer history_answer(const rollout::Inventory& now, const rollout::History& history);
// What was done to single objects. Exit code 3 when one failed; the JSON has the code "partial"
// then.
Answer objects_answer(const std::vector<rollout::ObjectResult>& results, rollout::DryRun dry_run,
                      Log& log);
// The services of one namespace or of all, a row each, with "changing" behind the revision where
// the last run did not come to its end; empty text when there are none.
Answer services_answer(const std::vector<rollout::Inventory>& services);
// The same as objects_answer, with the name of the service that was deleted.
Answer removed_answer(const rollout::Inventory& inventory,
                      const std::vector<rollout::ObjectResult>& results, rollout::DryRun dry_run,
                      Log& log);

}  // namespace marvel::cli
