#include "deploy/fix.hpp"

#include "base/file.hpp"
#include "deploy/lint.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

Fixed fixed(const std::string& text, int minor = 37) {
  const auto result = fix_old_apis(text, "f.yaml", minor);
  REQUIRE(result.has_value());
  return *result;
}

std::string ingress(const std::string& backend, const std::string& more = "") {
  return "apiVersion: networking.k8s.io/v1beta1  # old\nkind: Ingress\nmetadata:\n  name: x\n" +
         more + "spec:\n  rules:\n  - http:\n      paths:\n      - " + backend;
}

}  // namespace

TEST_CASE("listing 27 is converted and keeps its comments and variables") {
  const std::string text =
      read_file(std::string(MARVEL_TEST_DATA) + "/smartviz.template.yaml").value();
  const Fixed result = fixed(text);
  CHECK(result.changes.size() == 3);
  CHECK(result.text.find("apiVersion: networking.k8s.io/v1\n") == 0);
  CHECK(result.text.find("              name: $NAME\n              port:\n"
                         "                number: 80\n") != std::string::npos);
  CHECK(result.text.find("#set kafka IP + Port (broker)") != std::string::npos);
  const auto findings = lint({read_template(result.text, "f.yaml").value()}, {});
  CHECK(std::none_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::kError; }));
}

TEST_CASE("fixing twice changes nothing more") {
  const Fixed once =
      fixed(ingress("backend:\n          servicePort: http # by name\n"
                    "          serviceName: web\n"));
  CHECK(once.text.find("            name: http # by name\n") != std::string::npos);
  const Fixed twice = fixed(once.text);
  CHECK(twice.text == once.text);
  CHECK(twice.changes.empty());
}

TEST_CASE(
    "a version behind an anchor or on several lines stays, one behind a byte order mark goes") {
  const std::string rest = "\nkind: CronJob\nmetadata: {name: x}\n";
  for (const char* version : {"&v batch/v1beta1", ">-\n  batch/v1beta1", "|\n  batch/v1beta1",
                              "!!str batch/v1beta1", "\"batch\\/v1beta1\""}) {
    CAPTURE(version);
    const std::string text = "apiVersion: " + std::string(version) + rest;
    CHECK(fixed(text).text == text);
    CHECK(fixed(text).changes.empty());
  }
  CHECK(fixed("\xEF\xBB\xBF"
              "apiVersion: batch/v1beta1" +
              rest)
            .text ==
        "\xEF\xBB\xBF"
        "apiVersion: batch/v1" +
            rest);
}

TEST_CASE("anchors where edits would go keep an Ingress as it is") {
  for (const char* backend :
       {"backend:\n          &s serviceName: web\n          servicePort: 80\n",
        "backend:\n          serviceName: &w web\n          servicePort: 80\n"}) {
    CAPTURE(backend);
    CHECK(fixed(ingress(backend)).text == ingress(backend));
  }
  const std::string spec =
      "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nspec:\n"
      "  &d backend:\n    serviceName: web\n    servicePort: 80\n";
  CHECK(fixed(spec).text == spec);
}

TEST_CASE("nothing becomes a version that the cluster does not serve yet") {
  const std::string backend = "backend:\n          serviceName: web\n          servicePort: 80\n";
  std::string old = ingress(backend);
  old.replace(0, old.find("  #"), "apiVersion: extensions/v1beta1");
  CHECK(fixed(old, 18).text == old);
  CHECK(fixed(old, 19).text.find("networking.k8s.io/v1 ") != std::string::npos);
}

TEST_CASE("the class annotation becomes a field") {
  const std::string backend = "backend:\n          serviceName: web\n          servicePort: 80\n";
  const Fixed one =
      fixed(ingress(backend, "  annotations:\n    kubernetes.io/ingress.class: nginx\n"));
  CHECK(one.text.find("annotations") == std::string::npos);
  CHECK(one.text.find("spec:\n  ingressClassName: nginx\n  rules:") != std::string::npos);
  const Fixed two = fixed(
      ingress(backend, "  annotations:\n    kubernetes.io/ingress.class: \"nginx\"\n    a: b\n"));
  CHECK(two.text.find("  annotations:\n    a: b\n") != std::string::npos);
  CHECK(two.text.find("ingressClassName: \"nginx\"") != std::string::npos);
}

TEST_CASE("a default backend moves with its name") {
  const Fixed result = fixed(
      "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: x}\nspec:\n  backend:\n"
      "    serviceName: web\n    servicePort: 80\n");
  CHECK(result.text.find("  defaultBackend:\n    service:\n      name: web\n") !=
        std::string::npos);
}

TEST_CASE("what only people can convert stays as it is, whole") {
  const std::string braces = ingress("backend: {serviceName: web, servicePort: 80}\n");
  CHECK(fixed(braces).text == braces);
  CHECK(fixed(braces).changes.empty());
  const std::string gone =
      "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: x}\n";
  CHECK(fixed(gone).text == gone);
}

TEST_CASE("versions with the same body change by their name alone") {
  const Fixed result =
      fixed("# c\napiVersion: \"batch/v1beta1\" # d\nkind: CronJob\nmetadata: {name: x}\n");
  CHECK(result.text == "# c\napiVersion: batch/v1 # d\nkind: CronJob\nmetadata: {name: x}\n");
  CHECK(fixed("apiVersion: batch/v1beta1\nkind: CronJob\n", 20).changes.empty());
}

TEST_CASE("every beginning of an old Ingress is fixed or left") {
  const std::string whole =
      ingress("backend:\n          serviceName: web\n          servicePort: 80\n",
              "  annotations:\n    kubernetes.io/ingress.class: nginx\n");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto result = fix_old_apis(std::string_view(whole).substr(0, size), "f.yaml", 37);
    if (result) {
      CHECK(read_yaml(result->text, "f.yaml").has_value());
    }
  }
}

}  // namespace marvel::deploy
