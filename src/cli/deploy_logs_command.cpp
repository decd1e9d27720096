#include "base/units.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/deploy_command.hpp"
#include "cli/deploy_service.hpp"
#include "cli/output.hpp"
#include "config/json.hpp"
#include "deploy/rollout/logs.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace marvel::cli {
namespace {

struct LogFlags {
  ServiceFlags service;
  rollout::LogRules rules;
  std::string since;
};

// "web-x/web: line" where there are several containers, and the line alone where there is one.
std::string log_text(const rollout::LogSource& source, bool several, std::string_view line) {
  return (several ? source.text() + ": " : "") + std::string(line) + "\n";
}

std::string log_json(const rollout::LogSource& source, std::string_view line) {
  return json_object({{"schema", json_string("marvel.deploy.log/1")},
                      {"namespace", json_string(source.space)},
                      {"pod", json_string(source.pod)},
                      {"container", json_string(source.container)},
                      {"line", json_string(line)}}) +
         "\n";
}

Result<Answer> run_logs(LogFlags& flags, Session& session) {
  if (!flags.since.empty()) {
    MARVEL_TRY(const auto since, parse_duration(flags.since));
    flags.rules.since_seconds =
        static_cast<std::uint64_t>(std::max<std::int64_t>(since.count() / 1000, 1));
  }
  MARVEL_TRY(const auto connection, connect(flags.service.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service.service));
  const bool as_json = session.globals.output == OutputFormat::kJson;
  MARVEL_TRY_STATUS(rollout::read_logs(
      connection, inventory, flags.rules,
      [as_json](const rollout::LogSource& source, bool several, std::string_view line) {
        return write_stdout(as_json ? log_json(source, line) : log_text(source, several, line));
      }));
  Answer answer;  // all is printed already
  const int signal = session.context.stop.signal();
  answer.exit_code = signal == 0 ? 0 : 128 + signal;
  return answer;
}

}  // namespace

void register_deploy_logs(CommandTree& tree, CLI::App& deploy) {
  const auto flags = std::make_shared<LogFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy logs grn-vad --tail 20", "the last lines of each of its containers"},
      {"marvel deploy logs grn-vad --follow --container detector", "one of them, as it goes on"},
      {"marvel deploy logs grn-vad --previous", "of the runs that ended"}};
  notes.exit_codes = {{"3", "the cluster refused, or nothing has a log"}};
  notes.see_also = {"deploy status"};
  notes.run = [flags](Session& session) { return run_logs(*flags, session); };
  CLI::App& command = tree.add(deploy, "logs", "Print the logs of a service's containers",
                               "Cluster", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_service(bind, flags->service);
  bind.group("Logs");
  bind.flag("--follow", flags->rules.follow, "Go on until Ctrl-C, with pods that come later");
  bind.value("--tail", "N", flags->rules.tail, "Only the last lines of each container");
  bind.value("--since", "DURATION", flags->since, "Only lines that are not older");
  bind.value("--container", "NAME", flags->rules.container, "Only containers of this name");
  bind.flag("--previous", flags->rules.previous, "Of the runs before, after a crash");
  bind.flag("--timestamps", flags->rules.timestamps, "Begin each line with its time");
  bind.this_run_only(false);
  bind_cluster(bind, flags->service.cluster);
}

}  // namespace marvel::cli
