#include "cli/scan.hpp"

#include "cli/line.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

using test::Line;

}  // namespace

TEST_CASE("the deepest command named is the one meant") {
  const Line line;
  CHECK(full_name(*line.scan("").command) == "marvel");
  CHECK(full_name(*line.scan("compress").command) == "marvel compress");
  CHECK(full_name(*line.scan("compress train --lr 1").command) == "marvel compress train");
}

TEST_CASE("a flag's value is the next word, what follows = or what follows its letter") {
  const Line line;
  CHECK(line.scan("compress train --lr 0.5").value("lr") == "0.5");
  CHECK(line.scan("compress train --lr=0.5").value("lr") == "0.5");
  CHECK(line.scan("compress train -o json").value("output") == "json");
  CHECK(line.scan("compress train -ojson").value("output") == "json");
  CHECK(line.scan("compress train --lr -1").value("lr") == "-1");
  CHECK(line.scan("compress train --out=").value("out").empty());
}

TEST_CASE("a switch takes no value, whatever it says") {
  const Line line;
  for (const char* words : {"--json=true", "--json=false", "--json="}) {
    const Scan scan = line.scan(words);
    REQUIRE(scan.problem);
    CHECK(scan.problem->code == Errc::kUsage);
    CHECK(scan.problem->message == "--json takes no value");
    CHECK(scan.problem->hint == "leave out '" + std::string(words).substr(6) + "'");
    CHECK_FALSE(scan.has("json"));
  }
}

TEST_CASE("of a flag given twice the last value counts") {
  const Line line;
  CHECK(line.scan("compress train --lr 1 --lr 2").value("lr") == "2");
}

TEST_CASE("letters without values may stand together") {
  const Line line;
  const Scan scan = line.scan("-qv --version");
  CHECK(scan.has("quiet"));
  CHECK(scan.has("verbose"));
  CHECK(scan.has("version"));
  CHECK_FALSE(scan.problem);
}

TEST_CASE("global flags stand anywhere") {
  const Line line;
  CHECK(line.scan("--json compress train").has("json"));
  CHECK(line.scan("compress --json train").has("json"));
  CHECK(line.scan("compress train --json").has("json"));
}

TEST_CASE("a word for a positional is an argument even if a command has that name") {
  const Line line;
  const Scan scan = line.scan("compress eval help --data mnist");
  CHECK(full_name(*scan.command) == "marvel compress eval");
  CHECK(scan.arguments == std::vector<std::string>{"help"});
  CHECK_FALSE(scan.problem);
}

TEST_CASE("behind -- nothing is a flag") {
  const Line line;
  const Scan scan = line.scan("compress inspect -- --json");
  CHECK(scan.arguments == std::vector<std::string>{"--json"});
  CHECK_FALSE(scan.has("json"));
}

TEST_CASE("the first word nobody knows is the problem") {
  const Line line;
  CHECK(line.scan("compres").unknown_command);
  const Scan flags = line.scan("compress train --epoch 3 --bad");
  REQUIRE(flags.problem);
  CHECK(flags.problem->message == "unknown flag '--epoch'");
  CHECK_FALSE(flags.unknown_command);
  const Scan words = line.scan("compress train left over");
  REQUIRE(words.problem);
  CHECK(words.problem->message == "unexpected argument 'left'");
}

TEST_CASE("a flag at the end still waits for its value") {
  const Line line;
  const Scan end = line.scan("compress train --lr");
  CHECK(end.pending == find_flag(line.command("compress train"), "--lr"));
  REQUIRE(end.problem);
  CHECK(end.problem->message == "--lr needs a value");
  const Scan swallowed = line.scan("compress train --lr --json");
  REQUIRE(swallowed.problem);
  CHECK(swallowed.problem->message == "--lr needs a value");
  CHECK(swallowed.has("json"));
}

}  // namespace marvel::cli
