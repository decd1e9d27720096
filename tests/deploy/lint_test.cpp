#include "deploy/lint.hpp"

#include "base/file.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

std::vector<Finding> lint_text(const std::string& text, int minor = 37) {
  const auto source = read_template(text, "f.yaml");
  REQUIRE_MESSAGE(source.has_value(), source.error().message);
  return lint({*source}, {{}, minor});
}

std::vector<Finding> lint_file(const std::string& name) {
  return lint_text(read_file(std::string(MARVEL_TEST_DATA) + "/" + name).value());
}

std::string all(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) {
    text += describe(finding.file, finding.position) + " " + finding.rule + ": " + finding.message +
            "\n";
  }
  return text;
}

// The only finding of a rule.
Finding only(const std::vector<Finding>& findings, const std::string& rule) {
  std::vector<Finding> found;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(found),
               [&](const Finding& finding) { return finding.rule == rule; });
  REQUIRE_MESSAGE(found.size() == 1, rule << " in:\n" << all(findings));
  CHECK_FALSE(found[0].message.empty());
  CHECK_FALSE(found[0].fix.empty());
  CHECK(found[0].position.line > 0);
  return found[0];
}

bool has(const std::vector<Finding>& findings, const std::string& rule) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.rule == rule; });
}

std::string pod(const std::string& spec) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n" + spec;
}

std::string container(const std::string& lines) {
  return pod(
      "  containers:\n  - name: c\n    image: nginx:1.25\n"
      "    resources: {requests: {cpu: 100m, memory: 64Mi}}\n" +
      lines);
}

constexpr const char* kDeployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec:\n      containers:\n      - name: c\n        image: nginx:1.25\n"
    "        resources: {requests: {cpu: 100m, memory: 64Mi}}\n"
    "        ports: [{containerPort: 80, name: http}]\n---\n";

std::string service(const std::string& spec) {
  return std::string(kDeployment) +
         "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: " + spec + "\n";
}

std::string header(const std::string& variables) {
  return "---\nkind: Template\nname: t\nvariables:\n- {name: NAME, default: x}\n" + variables;
}

}  // namespace

TEST_CASE("a good pod has no findings") {
  CHECK(all(lint_text(container(""))).empty());
  CHECK(all(lint_text(service("{selector: {app: web}, ports: [{port: 80}]}"))).empty());
}

TEST_CASE("listing 33 is found where it goes wrong, with the fix") {
  const Finding finding = only(lint_file("affinity33.yaml"), "wrong-nesting");
  CHECK(finding.severity == Severity::kError);
  CHECK(finding.position.line == 15);
  CHECK(finding.position.column == 6);
  CHECK(finding.message.find("not under, requiredDuringSchedulingIgnoredDuringExecution") !=
        std::string::npos);
}

TEST_CASE("listing 31 alone is allowed but not attracted") {
  const Finding finding = only(lint_file("toleration31.yaml"), "only-tolerated");
  CHECK(finding.severity == Severity::kWarning);
  CHECK(finding.fix.find("--layer Layer=GRNEDGE1") != std::string::npos);
}

TEST_CASE("listing 27 has a removed API and quotes inside quotes") {
  const auto findings = lint_file("smartviz.template.yaml");
  CHECK(only(findings, "removed-api").position.line == 1);
  CHECK(only(findings, "quoted-quotes").position.line == 5);
  CHECK(has(findings, "latest-image"));
  CHECK(has(findings, "missing-requests"));
  for (const Finding& finding : findings) {  // $host and others of nginx are no mistakes
    CHECK((finding.rule != "undefined-variable" || finding.severity == Severity::kInfo));
  }
}

TEST_CASE("listing 16 has no errors, and its shell variables are no warnings") {
  for (const Finding& finding : lint_file("kafka.template.yaml")) {
    CHECK(finding.severity != Severity::kError);
    CHECK((finding.rule != "undefined-variable" || finding.severity == Severity::kInfo));
  }
}

TEST_CASE("the age of an API depends on the cluster's version") {
  const std::string old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: x}\n";
  CHECK(only(lint_text(old, 25), "removed-api").severity == Severity::kError);
  CHECK(only(lint_text(old, 24), "deprecated-api").severity == Severity::kWarning);
  CHECK(all(lint_text(old, 20)).empty());
  const std::string early = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: x}\n";
  CHECK(only(lint_text(early, 18), "deprecated-api").fix.find("from Kubernetes 1.19") !=
        std::string::npos);
  CHECK(only(lint_text(early, 19), "deprecated-api").fix.find("--fix") != std::string::npos);
}

TEST_CASE("unknown fields are errors with the likely meaning") {
  const Finding finding =
      only(lint_text(container("    imagePullPolcy: Always\n")), "unknown-field");
  CHECK(finding.fix == "did you mean imagePullPolicy?");
  CHECK(finding.position.line == 9);
  CHECK(finding.position.column == 5);
}

TEST_CASE("fields that are words of programming languages are fields") {
  CHECK_FALSE(has(lint_text(container("    livenessProbe: {exec: {command: [\"true\"]}}\n"
                                      "    lifecycle: {preStop: {exec: {command: [sync]}}}\n")),
                  "unknown-field"));
  const std::string policy =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n"
      "  podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: "
      "[10.1.0.0/16]}}]}]\n";
  CHECK_FALSE(has(lint_text(policy), "unknown-field"));
}

TEST_CASE("a server's schema counts for the versions that it has, the built-in one for others") {
  const Schema server(
      "Robot example.com/v1: apiVersion!=s kind!=s metadata!=* spec=RobotSpec\n"
      "RobotSpec: arms!=i\n");
  const auto source = read_template(
      "apiVersion: example.com/v1\nkind: Robot\nmetadata: {name: r}\nspec: {leg: 1}\n---\n"
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndatum: {}\n",
      "f.yaml");
  REQUIRE(source);
  const auto findings = lint({*source}, {{}, 37, &server});
  CHECK(all(findings) ==
        "f.yaml:4:7 missing-field: spec has no arms\n"
        "f.yaml:4:8 unknown-field: spec.leg is no field of Kubernetes\n"
        "f.yaml:9:1 unknown-field: datum is no field of Kubernetes\n");
  CHECK(api_versions_in({*source}, {}) == std::set<std::string>{"example.com/v1", "v1"});
}

TEST_CASE("fields at the wrong depth are told where they belong") {
  CHECK(only(lint_text("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n"
                       "  containers: []\n  selector: {}\n  template: {spec: {containers: []}}\n"),
             "wrong-nesting")
            .fix.find("under template.spec") != std::string::npos);
  CHECK(only(lint_text(container("    env: []\n  - restartPolicy: Never\n    name: d\n"
                                 "    image: a:1\n    securityContext: {stdin: true}\n"
                                 "    resources: {requests: {cpu: 1, memory: 1Mi}}\n")),
             "wrong-nesting")
            .fix == "indent stdin as far as securityContext");
}

TEST_CASE("findings about a Secret do not repeat it") {
  for (const std::string value : {"12345", "yes"}) {
    std::string shown;
    for (const Finding& finding :
         lint_text("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {p: " + value +
                   "}\n")) {
      shown += finding.message + finding.fix;
    }
    CHECK(shown.find("quotes") != std::string::npos);
    CHECK(shown.find(value) == std::string::npos);
  }
}

TEST_CASE("types are held against the schema") {
  const auto rule = [](const std::string& lines, const std::string& name) {
    return only(lint_text(container(lines)), name);
  };
  CHECK(rule("    env: [{name: A, value: 3}]\n", "type-change").fix == "put it into quotes: \"3\"");
  CHECK(rule("    env: [{name: A, value: yes}]\n", "type-change").fix ==
        "put it into quotes: \"yes\"");
  CHECK(rule("    ports: [{containerPort: \"80\"}]\n", "wrong-type").fix == "remove the quotes");
  CHECK(rule("    ports: {containerPort: 80}\n", "wrong-type").fix == "give a list");
  CHECK(rule("    imagePullPolicy: always\n", "wrong-value").fix == "did you mean Always?");
  CHECK(rule("    volumeMounts:\n", "empty-field").severity == Severity::kWarning);
  CHECK(rule("    ports: [{name: x}]\n", "missing-field").message ==
        "spec.containers[0].ports[0] has no containerPort");
  CHECK(rule("    env: [{name: A, value: 1e3}]\n", "ambiguous-scalar").severity ==
        Severity::kWarning);
}

TEST_CASE("quantities are numbers with Kubernetes' units") {
  const auto bad = [](const std::string& cpu) {
    return has(lint_text(pod("  containers: [{name: c, image: a:1, resources: {requests: {cpu: " +
                             cpu + ", memory: 1Mi}}}]\n")),
               "wrong-type");
  };
  for (const char* good : {"1", "0.5", "100m", "\"2\"", "1e3", "1Ki", "+1"}) {
    CAPTURE(good);
    CHECK_FALSE(bad(good));
  }
  for (const char* wrong : {"1x", "m", "\"\"", "1 Gi", "true", "1mi"}) {
    CAPTURE(wrong);
    CHECK(bad(wrong));
  }
}

TEST_CASE("kinds are looked for in the right API") {
  CHECK(only(lint_text("apiVersion: v1\nkind: Deployment\nmetadata: {name: x}\n"), "unknown-kind")
            .fix == "write apiVersion: apps/v1");
  CHECK(only(lint_text("apiVersion: v1\nkind: Serviice\nmetadata: {name: x}\n"), "unknown-kind")
            .fix == "did you mean Service?");
  CHECK(lint_text("apiVersion: example.com/v1\nkind: Robot\nmetadata: {name: x}\n").empty());
}

TEST_CASE("images want a version") {
  const auto latest = [](const std::string& image) {
    return has(lint_text(pod("  containers: [{name: c, image: \"" + image + "\"}]\n")),
               "latest-image");
  };
  CHECK(latest("nginx"));
  CHECK(latest("nginx:latest"));
  CHECK(latest("localhost:5000/nginx"));
  CHECK_FALSE(latest("nginx:1.25"));
  CHECK_FALSE(latest("nginx@sha256:abc"));
}

TEST_CASE("secrets in plain sight are told, references are not") {
  CHECK(only(lint_text(container("    env: [{name: DB_PASSWORD, value: x}]\n")), "secret-in-sight")
            .severity == Severity::kWarning);
  CHECK_FALSE(
      has(lint_text(container("    env: [{name: TOKEN_FILE, value: /x}]\n")), "secret-in-sight"));
  CHECK(has(lint_text("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {p: x}\n"),
            "secret-in-sight"));
  CHECK(
      has(lint_text(pod("  containers: []\n") + header("- {name: P, default: x, secret: true}\n")),
          "secret-in-sight"));
}

TEST_CASE("secrets in arguments, ConfigMaps and URLs are told, without repeating them") {
  const auto told = [](const std::string& text) {
    const auto findings = lint_text(text);
    CHECK(all(findings).find("hunter2") == std::string::npos);
    return has(findings, "secret-in-sight");
  };
  const auto argument = [&](const std::string& yaml) {
    return told(container("    args: [" + yaml + "]\n")) &&
           told(container("    command: [" + yaml + "]\n"));
  };
  CHECK(argument("--password=hunter2"));
  CHECK(argument("x, --db-password, hunter2"));
  CHECK(argument("-Ddb.password=hunter2"));
  CHECK(argument("'exec web --api-key=\"hunter2\" --x'"));
  CHECK(argument("'db://web:hunter2@db/x'"));
  CHECK_FALSE(argument("--password-file=/run/pw"));
  CHECK_FALSE(argument("--password-stdin, web"));
  CHECK_FALSE(argument("--password, --quiet"));
  CHECK_FALSE(argument("--password=$(PASSWORD)"));
  CHECK_FALSE(argument("'--password=\"$PASSWORD\"'"));
  CHECK_FALSE(argument("'db://web:$(PASSWORD)@db', 'http://host:80/a@b', 'ssh://git@host'"));
  CHECK_FALSE(argument("--use-token=true"));
  const auto environment = [&](const std::string& value) {
    return told(container("    env: [{name: DB, value: '" + value + "'}]\n"));
  };
  CHECK(environment("postgres://web:hunter2@db:5432/x"));
  CHECK(environment("redis://:hunter2@cache"));
  CHECK_FALSE(environment("postgres://web@db:5432/x"));
  CHECK_FALSE(environment("https://example.org:443/?q=a:b@c"));
  const auto config = [&](const std::string& entry) {
    return told("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {" + entry + "}\n");
  };
  CHECK(config("db.password: hunter2"));
  CHECK(config("apiKey: hunter2"));
  CHECK_FALSE(config("passwordFile: hunter2"));
  CHECK_FALSE(config("password: ''"));
  CHECK_FALSE(config("token-ttl: '30'"));
  CHECK_FALSE(config("password: /run/secrets/password"));
}

TEST_CASE("a variable that is secret is no secret in sight of arguments and ConfigMaps") {
  const std::string variable = header("- {name: PW, secret: true}\n");
  CHECK_FALSE(
      has(lint_text(container("    args: ['--password=${PW}', 'db://a:${PW}@b']\n") + variable),
          "secret-in-sight"));
  CHECK_FALSE(has(lint_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
                            "data: {password: '${PW}'}\n" +
                            variable),
                  "secret-in-sight"));
}

TEST_CASE("expressions of selectors count as well") {
  const auto deployment = [](const std::string& selector) {
    std::string text = kDeployment;
    const auto at = text.find("{matchLabels: {app: web}}");
    REQUIRE(at != std::string::npos);
    return lint_text(text.replace(at, 25, selector));
  };
  for (const char* good : {"{matchExpressions: [{key: app, operator: In, values: [web, x]}]}",
                           "{matchExpressions: [{key: app, operator: Exists}]}",
                           "{matchExpressions: [{key: old, operator: DoesNotExist}]}",
                           "{matchLabels: {app: web}, matchExpressions: "
                           "[{key: app, operator: NotIn, values: [x]}]}"}) {
    CAPTURE(good);
    CHECK_FALSE(has(deployment(good), "selector-mismatch"));
  }
  CHECK(only(deployment("{matchLabels: {app: web}, matchExpressions: "
                        "[{key: app, operator: NotIn, values: [web, x]}]}"),
             "selector-mismatch")
            .message.find("app=web,app notin (web,x)") != std::string::npos);
  CHECK(
      has(deployment("{matchExpressions: [{key: tier, operator: Exists}]}"), "selector-mismatch"));
}

TEST_CASE("policies, budgets and autoscalers must find what they are about") {
  const std::string web = kDeployment;
  const auto policy = [&](const std::string& selector) {
    return lint_text(web +
                     "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
                     "metadata: {name: n}\nspec: {podSelector: " +
                     selector + "}\n");
  };
  CHECK_FALSE(has(policy("{}"), "selects-nothing"));
  CHECK_FALSE(has(policy("{matchLabels: {app: web}}"), "selects-nothing"));
  CHECK(only(policy("{matchLabels: {app: wbe}}"), "selects-nothing").path == "spec.podSelector");
  const auto budget = [&](const std::string& selector) {
    return lint_text(web +
                     "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"
                     "metadata: {name: b}\nspec: {minAvailable: 1, selector: " +
                     selector + "}\n");
  };
  CHECK_FALSE(has(budget("{matchExpressions: [{key: app, operator: Exists}]}"), "selects-nothing"));
  CHECK(has(budget("{matchExpressions: [{key: app, operator: DoesNotExist}]}"), "selects-nothing"));
  const auto scaler = [&](const std::string& target) {
    return lint_text(web +
                     "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"
                     "metadata: {name: h}\nspec: {maxReplicas: 3, scaleTargetRef: " +
                     target + "}\n");
  };
  CHECK_FALSE(has(scaler("{apiVersion: apps/v1, kind: Deployment, name: web}"), "no-such-target"));
  CHECK(has(scaler("{apiVersion: apps/v1, kind: StatefulSet, name: web}"), "no-such-target"));
  CHECK(only(scaler("{apiVersion: apps/v1, kind: Deployment, name: wbe}"), "no-such-target")
            .message == "no Deployment wbe in these files");
}

TEST_CASE("selectors must find what they select") {
  CHECK(only(lint_text(service("{selector: {app: wbe}, ports: [{port: 80}]}")), "no-endpoints")
            .message.find("app=wbe") != std::string::npos);
  CHECK(has(lint_text(service("{selector: {app: web}, ports: [{port: 1, targetPort: htp}]}")),
            "no-such-port"));
  CHECK_FALSE(
      has(lint_text(service("{selector: {app: web}, ports: [{port: 1, targetPort: http}]}")),
          "no-such-port"));
  std::string broken = kDeployment;
  broken.replace(broken.find("labels: {app: web}"), 18, "labels: {app: wbe}");
  CHECK(only(lint_text(broken), "selector-mismatch").severity == Severity::kError);
}

TEST_CASE("an Ingress must find its Service and port") {
  const auto ingress = [](const std::string& backend) {
    return lint_text(service("{selector: {app: web}, ports: [{port: 80}]}") +
                     "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n"
                     "spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: "
                     "{service: " +
                     backend + "}}]}}]}\n");
  };
  CHECK(ingress("{name: web, port: {number: 80}}").empty());
  CHECK(has(ingress("{name: wbe, port: {number: 80}}"), "no-such-service"));
  CHECK(has(ingress("{name: web, port: {number: 81}}"), "no-such-port"));
}

TEST_CASE("an object that stands there twice is an error") {
  const std::string twice = container("") + "---\n" + container("");
  CHECK(only(lint_text(twice), "double").position.line == 12);
}

TEST_CASE("variables are held against their use") {
  const auto findings = lint_text(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: \"$NAME\"}\nspec:\n  nodeName: $NODE\n"
      "  containers: []\n" +
      header("- {name: IDLE, default: x}\n- {name: HOSTNAME, default: x}\n"));
  CHECK(only(findings, "undefined-variable").position.line == 5);
  const auto idle = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.message.find("IDLE") != std::string::npos;
  });
  REQUIRE(idle != findings.end());
  CHECK(idle->severity == Severity::kWarning);
  CHECK(has(lint_text(pod("  containers: []\n") + "---\nkind: Template\nname: t\nvariables: []\n"),
            "no-name"));
}

TEST_CASE("a variable without default gets a value for looking") {
  const auto findings = lint_text(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"$NAME\"}\nspec:\n"
      "  replicas: $N\n  selector: {}\n  template: {spec: {containers: []}}\n" +
      header("- {name: N, type: int, min: 2}\n"));
  CHECK(all(findings).empty());
}

TEST_CASE("what render refuses is a finding with its place") {
  const auto findings = lint_text(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"$NAME\"}\nspec:\n"
      "  replicas: $N\n" +
      header("- {name: N, default: many}\n"));
  CHECK(only(findings, "template").position.column == 13);
}

TEST_CASE("a version that Kubernetes never had is told, with the one that was meant") {
  const auto of = [](const std::string& version, const std::string& kind) {
    return lint_text("apiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: x}\n");
  };
  CHECK(only(of("apps/v11", "Deployment"), "unknown-kind").fix == "write apiVersion: apps/v1");
  CHECK(only(of("app/v1", "Deployment"), "unknown-kind").fix == "write apiVersion: apps/v1");
  CHECK(only(of("v11", "Pod"), "unknown-kind").fix == "write apiVersion: v1");
  CHECK(only(of("networking.k8s.io/v2", "Ingress"), "unknown-kind").fix ==
        "write apiVersion: networking.k8s.io/v1");
  CHECK_FALSE(has(of("autoscaling/v1", "HorizontalPodAutoscaler"), "unknown-kind"));
  CHECK_FALSE(has(of("extensions/v1beta1", "Ingress"), "unknown-kind"));
  CHECK_FALSE(has(of("example.org/v1", "Deployment"), "unknown-kind"));
  CHECK_FALSE(has(of("resource.k8s.io/v1", "ResourceClaim"), "unknown-kind"));
}

TEST_CASE("a map of very many keys is looked at in one go") {
  constexpr int kMany = 100'000;
  std::string text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n";
  for (int i = 0; i < kMany; ++i) {  // a finding for every second key
    text += "  k" + std::to_string(i) + (i % 2 == 0 ? ": yes\n" : ": '1'\n");
  }
  const auto findings = lint_text(text);
  REQUIRE(findings.size() == kMany / 2);
  CHECK(findings.back().rule == "type-change");
  CHECK(findings.back().position.line == kMany + 3);
}

TEST_CASE("an error with a place becomes a finding, one without too") {
  const Finding with =
      finding_of({Errc::kInput, "f.yaml:3:4: broken: badly", "hint", {}}, "f.yaml", "yaml");
  CHECK(with.position.line == 3);
  CHECK(with.position.column == 4);
  CHECK(with.message == "broken: badly");
  const Finding without = finding_of({Errc::kInput, "f.yaml: too large", "", {}}, "f.yaml", "yaml");
  CHECK(without.position.line == 0);
  CHECK(without.message == "too large");
}

}  // namespace marvel::deploy
