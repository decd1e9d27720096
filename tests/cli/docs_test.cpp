#include "cli/docs.hpp"

#include "cli/line.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {

TEST_CASE("a flag becomes a term with its letter, value and default") {
  const test::Line line;
  const std::string page = options_as_scdoc(line.tree, {}).value();
  CHECK(page.find("*-o*, *--output* _table|json|yaml|plain_\n\t") != std::string::npos);
  CHECK(page.find(" \\[table]") != std::string::npos);  // a bracket is markup, so it is escaped
}

TEST_CASE("arguments come before flags") {
  const test::Line line;
  const std::string page = options_as_scdoc(line.tree, {"compress", "eval"}).value();
  CHECK(page.find("_MODEL_") < page.find("*--data*"));
}

TEST_CASE("there is no page for a command nobody knows") {
  const test::Line line;
  CHECK(options_as_scdoc(line.tree, {"regx"}).error().code == Errc::kUsage);
}

}  // namespace marvel::cli
