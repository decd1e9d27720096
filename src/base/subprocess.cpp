#include "base/subprocess.hpp"

#include "base/fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <spawn.h>

namespace marvel {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxOutput = std::size_t{1} << 20;
constexpr std::size_t kMaxInput = 4096;  // the smallest pipe that Linux makes

std::string system_text(int error) {
  return std::generic_category().message(error);
}

std::vector<std::string> merged_environment(const Program& program) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  for (const auto& [name, value] : program.extra_environment) {
    variables[name] = value;
  }
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) {
    entries.push_back(name + "=" + value);
  }
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) {
    list.push_back(text.data());
  }
  list.push_back(nullptr);
  return list;
}

struct Pipe {
  Fd reader;
  Fd writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Errc::kUnavailable, "cannot make a pipe: " + system_text(errno));
  }
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// A pipe's end that has `input` and then the end. It is written before anybody reads: one that
// never reads can then neither block us nor break the pipe.
Result<Fd> input_of(std::string_view input) {
  if (input.size() > kMaxInput) {
    return fail(Errc::kInput, "the input of a program is too long");
  }
  MARVEL_TRY(Pipe pipe, make_pipe());
  if (const int error = write_all(pipe.writer.get(), input); error != 0) {
    return fail(Errc::kUnavailable, "cannot write to a pipe: " + system_text(error));
  }
  return std::move(pipe.reader);
}

struct Child {
  pid_t pid;
  Fd output;
};

Result<Child> start(const Program& program, const Fd& input) {
  MARVEL_TRY(Pipe output, make_pipe());
  std::vector<std::string> words{program.file};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  std::vector<std::string> environment = merged_environment(program);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (!program.own_input) {
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  }
  ::posix_spawn_file_actions_adddup2(&actions, output.writer.get(), STDOUT_FILENO);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, program.file.c_str(), &actions, nullptr,
                                   pointers(words).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(Errc::kInput, "cannot run '" + program.file + "': " + system_text(error));
  }
  return Child{pid, std::move(output.reader)};
}

// Whether there is a reason to wait no longer.
Status may_go_on(const Program& program, Clock::time_point deadline, const StopFlag& stop) {
  if (stop.raised()) {
    return fail(Errc::kFailed, "stopped while '" + program.file + "' ran");
  }
  if (Clock::now() >= deadline) {
    return fail(Errc::kTimeout, "'" + program.file + "' did not end in time");
  }
  return {};
}

Result<std::string> read_all(int fd, const Program& program, Clock::time_point deadline,
                             const StopFlag& stop) {
  std::string output;
  std::array<char, 4096> buffer{};
  while (true) {
    MARVEL_TRY_STATUS(may_go_on(program, deadline, stop));
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 100) <= 0) {
      continue;
    }
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count == 0) {
      return output;
    }
    if (count < 0 && errno != EINTR && errno != EAGAIN) {
      return fail(Errc::kFailed, "cannot read what '" + program.file +
                                     "' writes: " + std::generic_category().message(errno));
    }
    if (count > 0) {
      output.append(buffer.data(), static_cast<std::size_t>(count));
    }
    if (output.size() > kMaxOutput) {
      return fail(Errc::kFailed, "'" + program.file + "' wrote more than 1 MiB");
    }
  }
}

// The status it ends with. One that has closed its output may still run, for as long as it likes.
Result<int> end_of(pid_t pid, const Program& program, Clock::time_point deadline,
                   const StopFlag& stop) {
  constexpr auto kPause = std::chrono::milliseconds(5);
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    MARVEL_TRY_STATUS(may_go_on(program, deadline, stop));
    std::this_thread::sleep_for(kPause);
  }
  return status;
}

void end_at_once(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<std::string> run_program_for_output(const Program& program, const StopFlag& stop,
                                           std::string_view input) {
  MARVEL_TRY(const Fd given, input_of(input));
  MARVEL_TRY(Child child, start(program, given));
  const auto deadline = Clock::now() + program.limit;
  auto output = read_all(child.output.get(), program, deadline, stop);
  child.output = Fd();
  const auto status = output ? end_of(child.pid, program, deadline, stop) : Result<int>(0);
  if (!output || !status) {
    end_at_once(child.pid);
    return output ? fail(status.error()) : fail(output.error());
  }
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    return fail(Errc::kFailed,
                "'" + program.file + "' failed with " +
                    (WIFEXITED(*status) ? "exit code " + std::to_string(WEXITSTATUS(*status))
                                        : "signal " + std::to_string(WTERMSIG(*status))));
  }
  return output;
}

}  // namespace marvel
