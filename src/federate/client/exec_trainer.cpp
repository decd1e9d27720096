#include "federate/client/exec_trainer.hpp"

#include "base/file.hpp"
#include "federate/array/npz.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const wire::Scalar& scalar) {
  return std::visit(
      [](const auto& value) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, wire::Blob>) {
          return nullptr;  // bytes have no place in JSON
        } else {
          return value;
        }
      },
      scalar);
}

std::optional<wire::Scalar> from_json(const Json& json) {
  if (json.is_boolean()) {
    return json.get<bool>();
  }
  if (json.is_number_integer()) {
    return json.get<std::int64_t>();
  }
  if (json.is_number()) {
    return json.get<double>();
  }
  return json.is_string() ? std::optional<wire::Scalar>(json.get<std::string>()) : std::nullopt;
}

// A whole number where servers read a measure would be another type on the wire, and be lost.
bool is_measure(const std::string& key) {
  return key == "loss" || key == "accuracy" || key == "validation_accuracy" || key == "grad_var";
}

struct Metrics {
  std::int64_t examples = 0;
  std::optional<double> loss;
  wire::Config others;
};

// `says` is what is wrong with what the command has left.
auto bad_metrics(const std::string& says) {
  return fail(Errc::kInput, "metrics.json of the command of --exec " + says,
              R"(it is an object as in {"examples": 600, "loss": 0.5})");
}

// Numbers count as such; text or a truth in their place is a mistake of the command.
Result<Metrics> metrics_of(const Json& json) {
  if (!json.is_object()) {
    return bad_metrics("is no JSON object");
  }
  const auto examples = json.find("examples");
  if (examples == json.end()) {
    return bad_metrics("lacks \"examples\", the number of samples behind the update");
  }
  constexpr double kMost = 1e15;
  const double count = examples->is_number() ? examples->get<double>() : -1;
  const bool whole = count >= 0 && count <= kMost && std::floor(count) == count;
  if (!whole) {
    return bad_metrics(
        fmt::format("has \"examples\": {}, which is no number of samples", examples->dump()));
  }
  Metrics metrics;
  metrics.examples = examples->get<std::int64_t>();
  if (const auto loss = json.find("loss"); loss != json.end()) {
    if (!loss->is_number()) {
      return bad_metrics(fmt::format("has \"loss\": {}, which is no number", loss->dump()));
    }
    metrics.loss = loss->get<double>();
  }
  for (const auto& [key, value] : json.items()) {
    if (const auto scalar = from_json(value); scalar && key != "examples") {
      metrics.others[key] = is_measure(key) && value.is_number() ? value.get<double>() : *scalar;
    }
  }
  return metrics;
}

Result<Metrics> read_metrics(const std::filesystem::path& path) {
  if (std::error_code ignored; !std::filesystem::exists(path, ignored)) {
    return bad_metrics("is missing");
  }
  MARVEL_TRY(const std::string text, read_file(path));
  try {
    return metrics_of(Json::parse(text));
  } catch (const Json::parse_error& error) {
    return bad_metrics(fmt::format("is no JSON from byte {} on", error.byte));
  } catch (const Json::exception& error) {
    return bad_metrics(error.what());
  }
}

// In the child, between fork and exec: only what is allowed there.
[[noreturn]] void become(const char* folder, const char* const* arguments,
                         const char* const* environment, const sigset_t& signals) {
  ::setpgid(0, 0);
  for (const int signal : {SIGTERM, SIGINT, SIGPIPE}) {  // ours mean nothing to the command
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    ::sigaction(signal, &usual, nullptr);
  }
  ::pthread_sigmask(SIG_SETMASK, &signals, nullptr);
  const int nowhere = ::open("/dev/null", O_RDWR);
  if (::chdir(folder) == 0 && nowhere >= 0 && ::dup2(nowhere, 0) == 0 && ::dup2(nowhere, 1) == 1) {
    ::execve("/bin/sh", const_cast<char* const*>(arguments), const_cast<char* const*>(environment));
  }
  ::_exit(127);
}

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::seconds kGrace{5};

// Ends a group that was asked to end at `asked`: kills what is left after the grace. Gives up a
// second later: what remains are then dead ones that nobody collects.
void outlast(pid_t group, Clock::time_point asked) {
  while (::kill(-group, 0) == 0 && Clock::now() - asked < kGrace + std::chrono::seconds(1)) {
    if (Clock::now() - asked > kGrace) {
      ::kill(-group, SIGKILL);
    }
    std::this_thread::sleep_for(kLook);
    while (::waitpid(-group, nullptr, WNOHANG) > 0) {  // orphans are ours where we are process 1
    }
  }
}

// The exit code, or 128 + signal. When `stop` is raised the group is asked to end, and killed when
// it does not.
int wait_for(pid_t child, const StopFlag& stop) {
  std::optional<Clock::time_point> asked;
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(child, &status, WNOHANG)) == 0) {
    if (stop.raised() && !asked) {
      asked = Clock::now();
      ::kill(-child, SIGTERM);
    } else if (asked && Clock::now() - *asked > kGrace) {
      ::kill(-child, SIGKILL);
    }
    std::this_thread::sleep_for(kLook);
  }
  if (stop.raised()) {  // the shell's own end is not enough: what it has started must be gone too
    ::kill(-child, SIGTERM);
    outlast(child, asked.value_or(Clock::now()));
  }
  if (ended < 0) {  // the parent of this process has set SIGCHLD to be ignored
    return 127;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<std::unique_ptr<ExecTrainer>> ExecTrainer::make(const std::string& command,
                                                       const std::filesystem::path& parent,
                                                       const StopFlag& stop) {
  std::string folder = (parent / "marvel-fedl-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    return fail(Errc::kUnavailable,
                fmt::format("cannot make a folder in '{}': {}", parent.string(),
                            std::error_code(errno, std::generic_category()).message()));
  }
  return std::unique_ptr<ExecTrainer>(new ExecTrainer(command, folder, stop));
}

ExecTrainer::~ExecTrainer() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Status ExecTrainer::run(const char* task) {
  const std::array<const char*, 4> arguments{"sh", "-c", command_.c_str(), nullptr};
  const std::string variable = std::string("MARVEL_TASK=") + task;
  std::vector<const char*> environment{variable.c_str()};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).starts_with("MARVEL_TASK=")) {
      continue;  // of an outer client; shells take the last of two
    }
    environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  // A signal to the new group must not meet this program's handlers in the child.
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0) {
    become(folder_.c_str(), arguments.data(), environment.data(), before);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    return fail(Errc::kUnavailable, "cannot start a process");
  }
  ::setpgid(child, child);  // here too: the group must be there before anybody signals it
  const int code = wait_for(child, stop_);
  if (stop_.raised()) {
    return fail(Errc::kUnavailable, "stopped");
  }
  if (code != 0) {
    return fail(Errc::kFailed,
                fmt::format("the command of --exec ended with code {} at task {}", code, task));
  }
  return {};
}

Status ExecTrainer::hand_over(const Model& global, const wire::Config& config) {
  Json json = Json::object();
  for (const auto& [key, value] : config) {
    json[key] = to_json(value);
  }
  std::error_code ignored;
  std::filesystem::remove(folder_ / "metrics.json", ignored);
  MARVEL_TRY_STATUS(write_file_atomically(
      folder_ / "config.json", json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  return save_npz(folder_ / "params.npz", global);
}

Result<Model> ExecTrainer::initial() {
  std::error_code ignored;
  std::filesystem::remove(folder_ / "params.npz", ignored);
  MARVEL_TRY_STATUS(run("initial"));
  return load_npz(folder_ / "params.npz");
}

Result<Trained> ExecTrainer::train(const Model& global, const wire::Config& config) {
  MARVEL_TRY_STATUS(hand_over(global, config));
  MARVEL_TRY_STATUS(run("train"));
  Trained trained;
  MARVEL_TRY(trained.model, load_npz(folder_ / "params.npz"));
  MARVEL_TRY(Metrics metrics, read_metrics(folder_ / "metrics.json"));
  trained.examples = metrics.examples;
  trained.metrics = std::move(metrics.others);
  return trained;
}

Result<Evaluated> ExecTrainer::evaluate(const Model& global, const wire::Config& config) {
  MARVEL_TRY_STATUS(hand_over(global, config));
  MARVEL_TRY_STATUS(run("evaluate"));
  MARVEL_TRY(Metrics metrics, read_metrics(folder_ / "metrics.json"));
  if (!metrics.loss) {
    return bad_metrics("lacks \"loss\", which an evaluation is for");
  }
  Evaluated evaluated;
  evaluated.loss = *metrics.loss;
  evaluated.examples = metrics.examples;
  metrics.others.erase("loss");
  evaluated.metrics = std::move(metrics.others);
  return evaluated;
}

}  // namespace marvel::federate
