#include "report/html.hpp"

#include <doctest/doctest.h>

namespace marvel::report {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a page stands alone: no network, no script that runs") {
  HtmlReport page("Run 1");
  page.lead("One run.");
  page.cards({{"error", "1 %"}});
  page.table({"name", "value"}, {{"a", "b"}});
  const auto text = page.text();
  CHECK(has(text, "<h1>Run 1</h1>"));
  CHECK(has(text, "<td>a</td><td>b</td>"));
  CHECK_FALSE(has(text, "src="));
  CHECK_FALSE(has(text, "href="));
  CHECK_FALSE(has(text, "<script"));
}

TEST_CASE("embedded data cannot leave its element") {
  HtmlReport page("x");
  page.embed_json("report", R"({"a":"</script><b>"})");
  CHECK(has(page.text(), R"({"a":"\u003c/script>\u003cb>"})"));
}

TEST_CASE("text is escaped everywhere") {
  HtmlReport page("<t>");
  page.lead("<l>");
  page.heading("<h>");
  page.cards({{"<n>", "<v>"}});
  page.table({"<c>"}, {{"<d>"}});
  page.figure("<svg></svg>", "<f>");
  for (const char* raw : {"<t>", "<l>", "<h>", "<n>", "<v>", "<c>", "<d>", "<f>"}) {
    CAPTURE(raw);
    CHECK_FALSE(has(page.text(), raw));
  }
}

}  // namespace marvel::report
