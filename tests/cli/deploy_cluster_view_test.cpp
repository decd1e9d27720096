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

}  // namespace

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
