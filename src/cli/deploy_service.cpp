#include "cli/deploy_service.hpp"

#include "base/base64.hpp"
#include "base/units.hpp"
#include "cli/ask.hpp"
#include "cli/deploy_cluster_view.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/rollout/history.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <nlohmann/json.hpp>

namespace marvel::cli {

void bind_dry_run(Binder& bind, rollout::DryRun& dry_run) {
  bind.choice(
      "--dry-run", {"none", "client", "server"}, 0,
      [&dry_run](std::size_t index) { dry_run = static_cast<rollout::DryRun>(index); },
      "Say what would be done: worked out here, or tried by the server");
}

void bind_waiting(Binder& bind, WaitFlags& flags) {
  bind.group("Waiting");
  bind.value("--wait-timeout", "DURATION", flags.wait_timeout, "How long to wait");
  bind.flag("--wait-for-jobs", flags.jobs, "Jobs must be complete, not only started");
}

void bind_consent(Binder& bind, Consent& consent) {
  bind.flag("--yes,-y", consent.yes, "Do not ask before objects are deleted");
  bind.list("--confirm", "NAME", consent.namespaces,
            "Also namespace NAME, with all that is in it; may be given again");
}

void bind_service(Binder& bind, ServiceFlags& flags) {
  bind.positional("service", flags.service, "Name of the service");
}

void bind_applying(Binder& bind, ApplyRules& rules) {
  bind.group("Applying");
  bind_dry_run(bind, rules.options.dry_run);
  bind.flag("--force-conflicts", rules.options.force_conflicts, "Take fields over that others own");
  bind.flag("--no-prune", rules.no_prune, "Keep objects that are no longer wanted");
  bind_consent(bind, rules.consent);
  bind.value("--history-limit", "N", rules.options.history_limit,
             "Revisions to keep; 0 keeps none");
  bind.flag(
      "--wait", [&rules](bool on) { rules.wait = on; },
      "Wait until all is ready; on a terminal anyway");
  bind.flag("--no-wait", [&rules](bool on) { rules.wait = !on; }, "Do not wait");
  bind_waiting(bind, rules.waiting);
}

namespace {

std::string as_id(std::string_view text) {
  constexpr std::size_t kLongest = 40;  // of the 63 of a label and of names made with it
  std::string id;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool allowed = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if ((allowed || !id.empty()) && id.size() < kLongest) {
      id += allowed ? lower : '-';
    }
  }
  id.resize(id.find_last_not_of('-') + 1);
  return id;
}

}  // namespace

std::string template_id(const std::string& file, const std::string& title) {
  const std::string name = std::filesystem::path(file).filename().string();
  const std::string id = file == "<stdin>" ? "" : as_id(name.substr(0, name.find('.')));
  return id.empty() ? as_id(title) : id;
}

void add_verb(CommandTree& tree, CLI::App& deploy, Verb verb,
              const std::function<void(Binder&, ServiceFlags&)>& more) {
  auto flags = std::make_shared<ServiceFlags>();
  verb.notes.run = [flags, run = verb.run](Session& session) { return run(*flags, session); };
  CLI::App& command = tree.add(deploy, verb.name, verb.purpose, "Cluster", std::move(verb.notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  more(bind, *flags);
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

namespace {

bool is_namespace(const rollout::ObjectRef& ref) {
  return ref.resource.kind == "Namespace" && ref.resource.group.empty();
}

// Namespaces among `refs` that --confirm does not name.
std::vector<std::string> unconfirmed(const std::vector<rollout::ObjectRef>& refs,
                                     const Consent& consent) {
  std::vector<std::string> names;
  const auto& known = consent.namespaces;
  for (const auto& ref : refs) {
    if (is_namespace(ref) && std::find(known.begin(), known.end(), ref.name) == known.end()) {
      names.push_back(ref.name);
    }
  }
  return names;
}

// Whether the name is typed.
Status agree_to_namespace(const std::string& name) {
  const std::string hint = "--confirm " + name + " says it";
  if (!on_terminal()) {
    return fail(
        Errc::kUsage,
        "nobody can be asked whether to delete namespace " + name + " with all that is in it",
        hint);
  }
  const std::string answer =
      ask("Namespace " + name + " goes with all that is in it. Type its name to delete it:");
  return answer == name ? Status() : fail(Errc::kUsage, "nothing was deleted", hint);
}

}  // namespace

Status agree_to_delete(const std::vector<rollout::ObjectRef>& refs, const Consent& consent,
                       Log& log) {
  const auto names = unconfirmed(refs, consent);
  const bool severe = std::any_of(refs.begin(), refs.end(), is_namespace);
  if (on_terminal() && (!consent.yes || !names.empty())) {
    for (const auto& ref : refs) {
      log.info(ref.text());
    }
  }
  for (const auto& name : names) {
    MARVEL_TRY_STATUS(agree_to_namespace(name));
  }
  return severe ? Status()
                : agree({"Delete " + std::to_string(refs.size()) + " object(s)?", "to delete",
                         "nothing was deleted"},
                        consent.yes);
}

Result<rollout::Inventory> find_service(kube::Client& client, const std::string& service) {
  const std::string space = client.connection()->access().namespace_name;
  if (service.empty()) {
    return fail(Errc::kUsage, "no service is named", "'marvel deploy list' shows them");
  }
  MARVEL_TRY_STATUS(rollout::check_service_name(service));
  MARVEL_TRY(auto inventory, rollout::read_inventory(client, service, space));
  if (!inventory) {
    return fail({Errc::kNotFound,
                 "there is no service " + service + " in namespace " + space,
                 "'marvel deploy list --all-namespaces' shows what there is",
                 {},
                 "not_found"});
  }
  return std::move(*inventory);
}

Result<rollout::ServiceState> wait_on(const std::shared_ptr<kube::Connection>& connection,
                                      const rollout::Inventory& inventory, const WaitFlags& flags,
                                      Session& session) {
  MARVEL_TRY(const auto limit, parse_duration(flags.wait_timeout));
  rollout::WaitRules rules;
  rules.readiness.wait_for_jobs = flags.jobs;
  return rollout::wait_for(connection, inventory, rules, limit, session.context);
}

rollout::LeaseRules lease_rules(Log& log) {
  rollout::LeaseRules rules;
  rules.on_wait = [&log](const std::string& message) { log.info(message); };
  return rules;
}

namespace {

std::vector<std::string> secrets_of(const std::vector<deploy::Object>& objects) {
  std::vector<std::string> secrets;
  for (const auto& object : objects) {
    const auto some = deploy::hidden_texts(object.body(), object.hidden());
    secrets.insert(secrets.end(), some.begin(), some.end());
  }
  return secrets;
}

// Servers quote what they refuse.
Error without_secrets(Error error, const std::vector<std::string>& secrets) {
  error.message = deploy::masked(std::move(error.message), secrets);
  error.hint = deploy::masked(std::move(error.hint), secrets);
  for (auto& line : error.context) {
    line = deploy::masked(std::move(line), secrets);
  }
  return error;
}

void hide_secrets(rollout::ApplyReport& report, const std::vector<std::string>& secrets) {
  report.unrecorded = deploy::masked(std::move(report.unrecorded), secrets);
  for (auto& result : report.objects) {
    if (result.error) {
      result.error = without_secrets(std::move(*result.error), secrets);
    }
  }
}

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// What the members hold where secrets are, and all that Secrets hold.
std::vector<std::string> secrets_in(const rollout::ServiceState& state) {
  std::vector<std::string> secrets;
  for (const auto& member : state.members) {
    const auto places = state.inventory.hidden.find(member.ref.text());
    if (member.object && places != state.inventory.hidden.end()) {
      append(secrets, deploy::hidden_texts(*member.object, places->second));
    }
    if (member.object && member.ref.resource.kind == "Secret") {
      for (const auto& [key, value] : kube::text_map(*member.object, {"data"})) {
        secrets.push_back(value);
        secrets.push_back(base64_decode(value).value_or(""));
      }
    }
  }
  return secrets;
}

bool has_said_something(const rollout::ServiceState& state) {
  return std::any_of(state.members.begin(), state.members.end(), [](const auto& member) {
    return !member.readiness.reason.empty() || !member.troubles.empty();
  });
}

void leave_out_last_words(rollout::ServiceState& state) {
  for (auto& member : state.members) {
    for (auto& trouble : member.troubles) {
      if (!trouble.log.empty()) {
        trouble.log.clear();
        trouble.cause +=
            "; its last words are not shown, as nobody has noted where this service has secrets";
      }
    }
  }
}

// Programs that crash print what they were given.
void mask_state(rollout::ServiceState& state, const std::vector<std::string>& secrets) {
  for (auto& member : state.members) {
    member.readiness.reason = deploy::masked(std::move(member.readiness.reason), secrets);
    for (auto& trouble : member.troubles) {
      trouble.cause = deploy::masked(std::move(trouble.cause), secrets);
      for (auto& line : trouble.log) {
        line = deploy::masked(std::move(line), secrets);
      }
    }
  }
}

// Shows what would go, and asks. Nothing has been written yet, so a no leaves all as it was.
Status agree_to_prune(const std::vector<rollout::ObjectRef>& refs, const ApplyRules& rules,
                      Log& log) {
  for (const auto& ref : refs) {
    log.info("no longer wanted: " + ref.text());
  }
  if (rules.options.dry_run != rollout::DryRun::kNone) {
    return {};
  }
  Status agreed = agree_to_delete(refs, rules.consent, log);
  if (!agreed) {
    Error error = std::move(agreed).error();
    error.message += ", and nothing was applied";
    error.hint += "; --no-prune keeps what is no longer wanted";
    return fail(std::move(error));
  }
  return {};
}

}  // namespace

void hide_secrets(kube::Client& client, rollout::ServiceState& state,
                  std::vector<std::string> more) {
  if (!has_said_something(state)) {
    return;
  }
  if (!state.inventory.wanted) {
    leave_out_last_words(state);
  }
  append(more, secrets_in(state));
  if (const auto history = rollout::read_history(client, state.inventory)) {
    for (const auto& revision : history->revisions) {
      append(more, secrets_of(revision.objects));
    }
  }
  mask_state(state, more);
}

Result<rollout::ApplyReport> apply_service(const std::shared_ptr<kube::Connection>& connection,
                                           const std::string& name, const std::string& space,
                                           const std::vector<deploy::Object>& objects,
                                           ApplyRules& rules, Session& session) {
  Log& log = session.context.log;
  // Nothing is written before all flags are known to be good.
  MARVEL_TRY([[maybe_unused]] const auto limit, parse_duration(rules.waiting.wait_timeout));
  rules.options.prune = !rules.no_prune;
  rules.options.lease = lease_rules(log);
  rules.options.on_wait = rules.options.lease.on_wait;
  const auto may_prune = [&](const std::vector<rollout::ObjectRef>& refs) {
    return agree_to_prune(refs, rules, log);
  };
  rules.secrets = secrets_of(objects);
  auto report = rollout::apply(connection, name, space, objects, rules.options, may_prune);
  for (const auto& warning : connection->take_warnings()) {
    log.warning(deploy::masked(warning, rules.secrets));
  }
  if (!report) {
    return fail(without_secrets(std::move(report).error(), rules.secrets));
  }
  hide_secrets(*report, rules.secrets);
  if (!report->unrecorded.empty()) {
    log.warning("revision " + std::to_string(report->inventory.revision) + " of " + name +
                " is not kept, so no rollback will lead to it: " + report->unrecorded);
  }
  return report;
}

Result<Answer> finish_apply(const std::shared_ptr<kube::Connection>& connection,
                            const rollout::ApplyReport& report, const ApplyRules& rules,
                            Session& session) {
  const rollout::DryRun dry_run = rules.options.dry_run;
  const bool waits = rules.wait.value_or(on_terminal());
  if (!waits || report.failed() || !report.running_as.empty() ||
      dry_run != rollout::DryRun::kNone) {
    return apply_answer(report, dry_run, nullptr, session.context.log);
  }
  MARVEL_TRY(auto state, wait_on(connection, report.inventory, rules.waiting, session));
  kube::Client client(connection);
  hide_secrets(client, state, rules.secrets);
  return apply_answer(report, dry_run, &state, session.context.log);
}

}  // namespace marvel::cli
