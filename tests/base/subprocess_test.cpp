#include "base/subprocess.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("a program's output comes back, with extra variables and without input") {
  const StopFlag stop;
  const auto output =
      run_program_for_output({"sh", {"-c", "cat; echo $EXTRA"}, {{"EXTRA", "x y"}}}, stop);
  REQUIRE(output.has_value());
  CHECK(*output == "x y\n");
}

TEST_CASE("a program reads its input, and may leave it or end without it") {
  const StopFlag stop;
  const std::string input(4096, 'x');
  CHECK(run_program_for_output({"cat", {}, {}}, stop, input).value() == input);
  CHECK(run_program_for_output({"true", {}, {}}, stop, input).value().empty());
  CHECK(run_program_for_output({"cat", {}, {}}, stop, input + "x").error().code == Errc::kInput);
}

TEST_CASE("a program that asks somebody has our own standard input") {
  const StopFlag stop;
  const std::string ours = std::filesystem::read_symlink("/proc/self/fd/0").string();
  Program program{"readlink", {"/proc/self/fd/0"}, {}};
  CHECK(run_program_for_output(program, stop).value() != ours + "\n");
  program.own_input = true;
  CHECK(run_program_for_output(program, stop).value() == ours + "\n");
}

TEST_CASE("failures, endless programs and endless output end") {
  const StopFlag stop;
  CHECK(run_program_for_output({"no-such-program", {}, {}}, stop).error().code == Errc::kInput);
  CHECK(run_program_for_output({"sh", {"-c", "exit 3"}, {}}, stop)
            .error()
            .message.find("exit code 3") != std::string::npos);
  CHECK(run_program_for_output({"sleep", {"60"}, {}, std::chrono::milliseconds(200)}, stop)
            .error()
            .code == Errc::kTimeout);
  const std::vector<std::string> silent{"-c", "exec >&-; exec sleep 60"};  // runs on with no output
  CHECK(run_program_for_output({"sh", silent, {}, std::chrono::milliseconds(200)}, stop)
            .error()
            .code == Errc::kTimeout);
  CHECK(run_program_for_output({"yes", {}, {}}, stop).error().message.find("1 MiB") !=
        std::string::npos);
  StopFlag raised;
  raised.raise(2);
  CHECK(run_program_for_output({"sleep", {"60"}, {}}, raised).error().code == Errc::kFailed);
}

}  // namespace marvel
