#include "cli/suggest.hpp"

#include "cli/line.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

using test::Line;

}  // namespace

TEST_CASE("a typo in a command is answered with the command") {
  const Line line;
  const Error error = unknown_command(line.tree.root(), "compres");
  CHECK(error.code == Errc::kUsage);
  CHECK(error.message == "unknown command 'compres'");
  CHECK(error.hint == "did you mean 'compress'?");
}

TEST_CASE("a word far from all commands is answered with the help to read") {
  const Line line;
  CHECK(unknown_command(line.tree.root(), "frobnicate").hint == "see 'marvel --help'");
  CHECK(unknown_command(line.command("compress"), "zzz").hint == "see 'marvel compress --help'");
}

TEST_CASE("flags of the commands above are suggested too") {
  const Line line;
  const CLI::App& train = line.command("compress train");
  CHECK(unknown_flag(train, "--epoch").hint == "did you mean '--epochs'?");
  CHECK(unknown_flag(train, "--jsom").hint == "did you mean '--json'?");
}

TEST_CASE("one letter is too little to guess from") {
  const Line line;
  CHECK(unknown_flag(line.command("compress train"), "-z").hint ==
        "see 'marvel compress train --help'");
}

}  // namespace marvel::cli
