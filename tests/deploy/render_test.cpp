#include "deploy/render.hpp"

#include "base/file.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

constexpr const char* kHeader =
    "---\nkind: Template\nname: t\nvariables:\n"
    "- {name: NAME, default: web}\n- {name: SERVERS, default: 3}\n"
    "- {name: ADDRESS, default: 'zookeeper'}\n- {name: PASSWORD, secret: true, default: ''}\n";

Template read(const std::string& text) {
  auto result = read_template(text, "t.yaml");
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  return *result;
}

Json only(const Template& source, const Values& values = {}) {
  const auto rendered = render(source, {values, Secrets::kShow});
  REQUIRE_MESSAGE(rendered.has_value(), rendered.error().message);
  REQUIRE(rendered->objects.size() == 1);
  return rendered->objects[0].body();
}

Json container(const std::string& line, const Values& values = {}) {
  const Json body = only(read("apiVersion: v1\nkind: Pod\nmetadata: {name: \"${NAME}\"}\nspec:\n"
                              "  containers:\n  - name: c\n" +
                              line + kHeader),
                         values);
  return body["spec"]["containers"][0];
}

std::string seed_listing(const std::string& name) {
  return read_file(std::string(MARVEL_TEST_DATA) + "/" + name).value();
}

// The same shape: equal maps' keys and lists' lengths, whatever the scalars are.
Json shape(const Json& value) {
  if (!value.is_structured()) {
    return nullptr;
  }
  Json out = value.is_array() ? Json::array() : Json::object();
  for (const auto& [key, member] : value.items()) {
    if (value.is_array()) {
      out.push_back(shape(member));
    } else {
      out[key] = shape(member);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a plain scalar gets the type that Kubernetes wants there") {
  CHECK(container("    ports: [{containerPort: \"80\"}]\n")["ports"][0]["containerPort"] == "80");
  CHECK(container("    ports:\n    - containerPort: ${SERVERS}\n")["ports"][0]["containerPort"] ==
        3);
  // The old engine made numbers of these two; the API server refuses numbers there.
  CHECK(container("    env:\n    - {name: A, value: \"${SERVERS}\"}\n")["env"][0]["value"] == "3");
  CHECK(container("    env:\n    - name: A\n      value: ${ADDRESS}\n",
                  {{"ADDRESS", {"5555"}}})["env"][0]["value"] == "5555");
}

TEST_CASE("without a schema the variable's own type decides") {
  const auto custom = [](const std::string& value) {
    return only(read("apiVersion: example.com/v1\nkind: Robot\nmetadata: {name: r}\nspec:\n  x: " +
                     value + "\n" + kHeader))["spec"]["x"];
  };
  CHECK(custom("${SERVERS}") == 3);
  CHECK(custom("\"${SERVERS}\"") == "3");
  CHECK(custom("${ADDRESS}") == "zookeeper");
  CHECK(custom("n${SERVERS}") == "n3");
}

TEST_CASE("a value of the wrong type is refused where it would land") {
  const auto source = read(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: "
      "${SERVERS}\n" +
      std::string(kHeader));
  const auto rendered = render(source, {{{"SERVERS", {"many"}}}, Secrets::kShow});
  REQUIRE_FALSE(rendered.has_value());
  CHECK(rendered.error().message ==
        "t.yaml:5:13: spec.replicas wants a whole number, and SERVERS makes it 'many'");
}

TEST_CASE("values never change the shape of a document") {
  const auto source = read(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: ${ADDRESS}\n"
      "  b: before ${ADDRESS} after\n  c: |\n    line ${ADDRESS}\n    end\n  d: \"q "
      "${ADDRESS}\"\n" +
      std::string(kHeader));
  const Json expected = shape(only(source));
  constexpr std::string_view kLetters = "ab :#-\n'\"{}[]&*!|>%@\\$\t,0=";
  CounterRng random(3);
  std::vector<std::string> values = {
      "a: b", "x\n---\nkind: Evil", "# gone",  "[1", "{", "&a *a", "'",
      "\"",   "\n  injected: true", "${NAME}", "$$"};
  for (int round = 0; round < 2000; ++round) {
    std::string value;
    for (std::uint32_t i = random.below(14); i > 0; --i) {
      value += kLetters[random.below(kLetters.size())];
    }
    values.push_back(value);
  }
  for (const auto& value : values) {
    CAPTURE(value);
    const Json body = only(source, {{"ADDRESS", {value}}});
    CHECK(shape(body) == expected);
    CHECK(body["data"]["a"] == value);
    CHECK(body["data"]["c"] == "line " + value + "\nend\n");
    const auto back = read_manifests(write_yaml({Object(body)}), "written");
    REQUIRE(back.has_value());
    CHECK(back->front().body() == body);
  }
}

TEST_CASE("keys are filled in too, and may not meet") {
  const std::string text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  ${NAME}.conf: a\n"
      "  web.conf: b\n";
  const auto rendered = render(read(text + kHeader), {});
  REQUIRE_FALSE(rendered.has_value());
  CHECK(rendered.error().message == "t.yaml:6:3: two keys become 'web.conf'");
  CHECK(only(read(text + kHeader), {{"NAME", {"other"}}})["data"]["other.conf"] == "a");
}

TEST_CASE("unknown names and unused variables are told") {
  const auto rendered = render(
      read("apiVersion: v1\nkind: Pod\nmetadata: {name: \"$NAME\"}\nspec: {x: \"$OTHER\"}\n" +
           std::string(kHeader)),
      {});
  REQUIRE(rendered.has_value());
  REQUIRE(rendered->unknown.size() == 1);
  CHECK(rendered->unknown[0].name == "OTHER");
  CHECK(rendered->unknown[0].position.line == 4);
  CHECK(rendered->unused == std::vector<std::string>{"SERVERS", "ADDRESS", "PASSWORD"});
}

TEST_CASE("messages show no secret, wherever a template puts it") {
  const std::string head =
      "kind: Template\nname: t\nvariables:\n- {name: USER}\n- {name: PASSWORD, secret: true}\n---\n"
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n";
  for (const char* body :
       {"spec:\n  replicas: ${USER}${PASSWORD}\n", "spec: {replicas: $PASSWORD}\n",
        "spec: {replicas: $USER$PASSWORD}\n", "spec: {$PASSWORD: 1, hunter2: 2}\n",
        "spec: {$PASSWORD: {a: 1, a$EMPTY: $USER}, replicas: $USER}\n"}) {
    CAPTURE(body);
    const auto source = read_template(head + body, "t.yaml");
    REQUIRE(source.has_value());
    const Values values{{"USER", {"anna"}}, {"PASSWORD", {"hunter2"}}};
    const auto rendered = render(*source, {values, Secrets::kShow});
    REQUIRE_FALSE(rendered.has_value());
    CHECK(rendered.error().message.find("hunter2") == std::string::npos);
    CHECK(rendered.error().hint.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("secrets are masked when asked, and refused from the command line") {
  const auto source = read(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {p: \"${PASSWORD}\", q: z}\n"
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {p: \"in ${PASSWORD}\"}\n" +
      std::string(kHeader));
  const auto masked = render(source, {{{"PASSWORD", {"hunter2"}}}, Secrets::kMaskAll});
  REQUIRE(masked.has_value());
  CHECK(masked->objects[0].body()["stringData"] == Json{{"p", kMask}, {"q", kMask}});
  CHECK(masked->objects[1].body()["data"]["p"] == std::string("in ") + kMask);
  CHECK_FALSE(masked->values.contains("PASSWORD"));
  const auto open = render(source, {{{"PASSWORD", {"hunter2"}}}, Secrets::kShow});
  CHECK(open->objects[0].body()["stringData"]["p"] == "hunter2");
  const auto exposed = render(source, {{{"PASSWORD", {"hunter2", true}}}, Secrets::kShow});
  REQUIRE_FALSE(exposed.has_value());
  CHECK(exposed.error().code == Errc::kUsage);
  CHECK(describe(exposed.error()).find("hunter2") == std::string::npos);
}

TEST_CASE("names must be fit for DNS") {
  const auto source =
      read("apiVersion: v1\nkind: Pod\nmetadata: {name: \"$NAME\"}\n" + std::string(kHeader));
  CHECK_FALSE(render(source, {{{"NAME", {"Upper"}}}, Secrets::kShow}).has_value());
  CHECK_FALSE(render(source, {{{"NAME", {std::string(64, 'a')}}}, Secrets::kShow}).has_value());
  CHECK(render(source, {{{"NAME", {"a-1"}}}, Secrets::kShow}).has_value());
}

TEST_CASE("a required variable needs a value") {
  const auto source = read(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n---\nkind: Template\nname: t\nvariables:\n"
      "- name: V\n");
  const auto rendered = render(source, {});
  REQUIRE_FALSE(rendered.has_value());
  CHECK(rendered.error().message == "t.yaml:8:3: V has no value");
  CHECK(rendered.error().hint == "give it with --set V=...");
}

TEST_CASE("a misspelt name of a value is told with the likely meaning") {
  const auto source =
      read("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n" + std::string(kHeader));
  const auto wrong = check_names({{"SERVER", {"3"}}}, {source});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().hint == "did you mean SERVERS?");
  CHECK(check_names({{"SERVERS", {"3"}}}, {source}).has_value());
}

TEST_CASE("escape: $$ makes two dollars one") {
  const std::string text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
      "data: {a: \"$$NAME $$\"}\n---\nkind: Template\nname: t\n";
  const std::string variables = "variables: [{name: NAME, default: web}]\n";
  CHECK(only(read(text + variables))["data"]["a"] == "$web $$");
  CHECK(only(read(text + "escape: $$\n" + variables))["data"]["a"] == "$NAME $");
}

TEST_CASE("the listings of D3.2 render") {
  const auto kafka = render(read(seed_listing("kafka.template.yaml")), {});
  REQUIRE(kafka.has_value());
  REQUIRE(kafka->objects.size() == 2);
  const Json& spec = kafka->objects[1].body()["spec"];
  CHECK(spec["replicas"] == 3);
  const std::string script = spec["template"]["spec"]["containers"][0]["command"][2];
  for (const char* part : {"${HOSTNAME##*-}", "//${HOSTNAME}.kafka.default.svc", "${HOST_IP}:$((",
                           "/private/.cp-kafka-$KAFKA_BROKER_ID/data"}) {
    CAPTURE(part);
    CHECK(script.find(part) != std::string::npos);
  }
  const auto smartviz = render(read(seed_listing("smartviz.template.yaml")), {});
  REQUIRE(smartviz.has_value());
  REQUIRE(smartviz->objects.size() == 5);
  const Json& pod = smartviz->objects[4].body()["spec"]["template"]["spec"];
  CHECK(pod["volumes"][0]["configMap"]["defaultMode"] == 420);
  CHECK(pod["containers"][1]["image"] == "stellamarkop/dmtserv:test");
  CHECK(smartviz->objects[2].body()["data"]["default.conf"].get<std::string>().find(
            "proxy_set_header Host $host;") != std::string::npos);
}

TEST_CASE("the listings as the PDF breaks them are refused with line and column") {
  for (const char* name : {"listing16_raw.yaml", "listing27_raw.yaml"}) {
    CAPTURE(name);
    const auto result = read_template(seed_listing(name), name);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message.find(std::string(name) + ":") == 0);
  }
}

}  // namespace marvel::deploy
