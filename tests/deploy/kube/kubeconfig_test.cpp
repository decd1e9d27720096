#include "deploy/kube/kubeconfig.hpp"

#include "support/temp_dir.hpp"

#include <fstream>

#include <doctest/doctest.h>

namespace marvel::kube {
namespace {

constexpr const char* kWhole = R"(apiVersion: v1
kind: Config
current-context: grn
clusters:
- name: one
  cluster:
    server: https://one:6443
    tls-server-name: inner
    certificate-authority: certs/ca.crt
    proxy-url: socks5://p:1
    extensions:
    - {name: other, extension: 1}
    - {name: client.authentication.k8s.io/exec, extension: {audience: a b, n: 3, on: true, s: "3", l: [x, ~]}}
- {name: two, cluster: {server: "https://two", insecure-skip-tls-verify: true, certificate-authority-data: Zm9v}}
users:
- name: anna
  user:
    client-certificate-data: Zm9v
    client-key-data: YmFy
    as: boss
    as-groups: [g1, g2]
    as-user-extra: {reason: [a, b]}
- name: robot
  user:
    tokenFile: token
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./login
      args: [get, token]
      env: [{name: A, value: "1"}]
      installHint: install it
      provideClusterInfo: true
- name: old
  user: {auth-provider: {name: gcp}}
contexts:
- {name: grn, context: {cluster: one, user: anna, namespace: grn}}
- {name: robot, context: {cluster: two, user: robot}}
- {name: old, context: {cluster: two, user: old}}
- {name: bad, context: {cluster: none, user: anna}}
- {name: nobody, context: {cluster: two, user: none}}
)";

Kubeconfig whole() {
  auto config = parse_kubeconfig(kWhole, "/etc/kube/config");
  REQUIRE(config.has_value());
  return std::move(*config);
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string refusal(const Result<Access>& access) {
  REQUIRE_FALSE(access.has_value());
  CHECK(access.error().code == Errc::kInput);
  CHECK(access.error().reason == "kubeconfig_invalid");
  return describe(access.error());
}

}  // namespace

TEST_CASE("a context joins its cluster and its user") {
  const auto access = whole().access("", "");
  REQUIRE(access.has_value());
  CHECK(access->context == "grn");
  CHECK(access->namespace_name == "grn");
  CHECK(access->cluster.server == "https://one:6443");
  CHECK(access->cluster.tls_server_name == "inner");
  CHECK(access->cluster.ca_file == "/etc/kube/certs/ca.crt");
  CHECK(access->cluster.proxy_url == "socks5://p:1");
  CHECK(access->cluster.exec_config ==
        R"({"audience":"a b","l":["x",null],"n":3,"on":true,"s":"3"})");
  CHECK(access->user.certificate_pem == "foo");
  CHECK(access->user.key_pem == "bar");
  CHECK(access->user.as == "boss");
  CHECK(access->user.as_groups == std::vector<std::string>{"g1", "g2"});
  CHECK(access->user.as_extra.size() == 2);
}

TEST_CASE("flags choose another context and namespace") {
  const auto access = whole().access("robot", "other");
  REQUIRE(access.has_value());
  CHECK(access->namespace_name == "other");
  CHECK(access->cluster.insecure);
  CHECK(access->cluster.ca_pem == "foo");
  CHECK(access->user.token_file == "/etc/kube/token");
  REQUIRE(access->user.exec.has_value());
  CHECK(access->user.exec->command == "/etc/kube/./login");
  CHECK(access->user.exec->arguments == std::vector<std::string>{"get", "token"});
  CHECK(access->user.exec->provide_cluster_info);
  CHECK(whole().access("robot", "")->namespace_name == "default");
}

TEST_CASE("what is missing is named with what there is") {
  CHECK(refusal(whole().access("none", "")).find("it has: bad, grn, nobody, old, robot") !=
        std::string::npos);
  CHECK(refusal(whole().access("bad", "")).find("cluster 'none'") != std::string::npos);
  CHECK(refusal(whole().access("nobody", "")).find("user 'none'") != std::string::npos);
  CHECK(refusal(whole().access("old", "")).find("auth-provider 'gcp'") != std::string::npos);
  CHECK(refusal(Kubeconfig().access("", "")).find("KUBECONFIG") != std::string::npos);
}

TEST_CASE("files of a list merge, the first one wins, and missing ones are told") {
  const test::TempDir folder;
  write(folder / "a",
        "clusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: [{name: u, user: {token: "
        "t}}]\n");
  write(folder / "b",
        "current-context: x\nclusters: [{name: c, cluster: {server: 'https://b'}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n");
  const std::string list =
      (folder / "a").string() + ":" + (folder / "gone").string() + "::" + (folder / "b").string();
  const auto config = load_kubeconfig({{"KUBECONFIG", list}}, "");
  REQUIRE(config.has_value());
  CHECK(config->files.size() == 2);
  CHECK(config->warnings.size() == 1);
  const auto access = config->access("", "");
  REQUIRE(access.has_value());
  CHECK(access->cluster.server == "https://a");
  CHECK(access->user.token == "t");
  CHECK_FALSE(load_kubeconfig({}, (folder / "gone").string()).has_value());
  CHECK(load_kubeconfig({{"HOME", folder.path().string()}}, "")->files.empty());
}

TEST_CASE("damaged files are refused with file and line") {
  const auto message = [](const char* text) {
    const auto config = parse_kubeconfig(text, "f");
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == Errc::kInput);
    return config.error().message;
  };
  CHECK(message("a: [").rfind("f:1", 0) == 0);
  CHECK(message("- 1\n").rfind("f:1: expected a mapping", 0) == 0);
  CHECK(message("kind: Pod\n").rfind("f:1: this is a Pod", 0) == 0);
  CHECK(message("clusters: {a: b}\n").rfind("f:1: clusters must be a list", 0) == 0);
  CHECK(message("clusters:\n- cluster: {server: x}\n")
            .rfind("f:2: an entry of clusters needs a name", 0) == 0);
  CHECK(message("users:\n- name: u\n  user: {client-key-data: '!!'}\n")
            .rfind("f:3: client-key-data is not base64", 0) == 0);
  CHECK(message("users:\n- name: u\n  user: {token: [secret]}\n").find("secret") ==
        std::string::npos);
}

TEST_CASE("no prefix of a file does harm") {
  const std::string text = kWhole;
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    const auto config = parse_kubeconfig(text.substr(0, length), "f");
    CHECK((config.has_value() || config.error().code == Errc::kInput));
  }
}

TEST_CASE("a pod finds its own cluster") {
  const test::TempDir folder;
  const Environment pod{{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  CHECK_FALSE(in_cluster_access(pod, folder.path())->has_value());
  write(folder / "token", "t");
  write(folder / "namespace", "edge\n");
  const auto access = in_cluster_access(pod, folder.path());
  REQUIRE(access->has_value());
  CHECK((*access)->cluster.server == "https://[fd00::1]:443");
  CHECK((*access)->namespace_name == "edge");
  CHECK_FALSE(in_cluster_access({}, folder.path())->has_value());
}

}  // namespace marvel::kube
