#include "cli/deploy_cluster_view.hpp"

#include "cli/exit_code.hpp"
#include "support/fakes.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

rollout::ObjectResult result(const std::string& name, rollout::Action action) {
  rollout::ObjectResult one;
  one.ref.resource.kind = "ConfigMap";
  one.ref.name = name;
  one.action = action;
  return one;
}

rollout::ServiceState one_ready() {
  rollout::ServiceState state;
  state.members.push_back({result("settings", rollout::Action::kUnchanged).ref, {}, {}, nullptr});
  return state;
}

}  // namespace

TEST_CASE("a service that is half applied, or of which something is missing, is not ready") {
  rollout::ServiceState state = one_ready();
  CHECK(state_answer(state, false).exit_code == kExitDone);
  CHECK(state_answer(state, false).json.find("\"changing\": false") != std::string::npos);
  state.inventory.unfinished = true;
  const Answer changing = state_answer(state, false);
  CHECK(changing.exit_code == kExitNo);
  CHECK(changing.text.find("the last run did not come to its end") != std::string::npos);
  CHECK(changing.json.find("\"changing\": true") != std::string::npos);
  CHECK(state_answer(state, true).exit_code == kExitOutside);
  state = one_ready();
  state.members[0].readiness = {rollout::State::kMissing, "not there"};
  const Answer missing = state_answer(state, true);
  CHECK(missing.exit_code == kExitNo);
  CHECK(missing.text.find("missing") != std::string::npos);
}

TEST_CASE("after a run that did not come to its end no revision is the one that runs") {
  rollout::Inventory now;
  now.revision = 2;
  rollout::History history;
  history.revisions.push_back({2, "", "apply", "", false, {}});
  CHECK(history_answer(now, history).json.find("\"current\": true") != std::string::npos);
  now.unfinished = true;
  const Answer answer = history_answer(now, history);
  CHECK(answer.json.find("\"current\": true") == std::string::npos);
  CHECK(answer.text.find("changing") != std::string::npos);
  CHECK(services_answer({now}).text.find("2, changing") != std::string::npos);
}

TEST_CASE("a difference has no objects that were not tried") {
  marvel::test::CaptureLog log;
  rollout::ApplyReport report;
  report.objects = {result("new", rollout::Action::kCreated),
                    result("later", rollout::Action::kNotTried)};
  CHECK(diff_answer(report, log).text == "+ ConfigMap new\n");
}

TEST_CASE("a difference to a singleton that runs already is that it runs, as apply says") {
  marvel::test::CaptureLog log;
  rollout::ApplyReport report;
  report.objects = {result("settings", rollout::Action::kNotTried)};
  report.running_as = "first";
  const Answer answer = diff_answer(report, log);
  CHECK(answer.text.empty());
  CHECK(answer.exit_code == kExitNo);
  CHECK(answer.json.find("already_running") != std::string::npos);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].second.find("as service first") != std::string::npos);
}

}  // namespace marvel::cli
