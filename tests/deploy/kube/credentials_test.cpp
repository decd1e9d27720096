#include "deploy/kube/credentials.hpp"

#include "support/temp_dir.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

namespace marvel::kube {
namespace {

using Header = std::pair<std::string, std::string>;

// A login program that counts its runs in a file and answers with that number as its token.
Access with_plugin(const test::TempDir& folder, const std::string& more = {}) {
  const auto program = folder / "login";
  std::ofstream(program)
      << "#!/bin/sh\necho x >>" << (folder / "runs").string()
      << "\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" >" << (folder / "info").string()
      << "\necho '{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"run-'$(wc -l <"
      << (folder / "runs").string() << ")'\"" << more << "}}'\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  Access access;
  access.cluster.server = "https://one";
  access.user.exec =
      ExecPlugin{"client.authentication.k8s.io/v1", program.string(), {}, {}, "", true, ""};
  return access;
}

std::string info_of(const test::TempDir& folder) {
  std::ifstream info(folder / "info");
  return {std::istreambuf_iterator<char>(info), {}};
}

std::string token_of(const Result<Identity>& identity) {
  REQUIRE(identity.has_value());
  REQUIRE(identity->headers.size() == 1);
  return identity->headers.front().second;
}

}  // namespace

TEST_CASE("tokens, passwords and impersonation become headers") {
  const StopFlag stop;
  Access access;
  access.user.token = "t";
  access.user.as = "boss";
  access.user.as_groups = {"g"};
  access.user.as_extra = {{"why", "w"}, {"example.org/te%am", "t"}};
  CHECK(Credentials(access, stop).identity()->headers ==
        std::vector<Header>{{"Authorization", "Bearer t"},
                            {"Impersonate-User", "boss"},
                            {"Impersonate-Group", "g"},
                            {"Impersonate-Extra-why", "w"},
                            {"Impersonate-Extra-example.org%2Fte%25am", "t"}});
  Access basic;
  basic.user.name = "a";
  basic.user.password = "b";
  CHECK(token_of(Credentials(basic, stop).identity()) == "Basic YTpi");
}

TEST_CASE("a token file is read again, because it changes") {
  const test::TempDir folder;
  const StopFlag stop;
  Access access;
  access.user.token = "old";
  access.user.token_file = (folder / "token").string();
  Credentials credentials(access, stop);
  CHECK_FALSE(credentials.identity().has_value());
  std::ofstream(folder / "token") << "one\n";
  CHECK(token_of(credentials.identity()) == "Bearer one");
  std::ofstream(folder / "token") << "two\n";
  CHECK(token_of(credentials.identity()) == "Bearer two");
}

TEST_CASE("a login program runs once, and again when its answer was refused or has expired") {
  const test::TempDir folder;
  const StopFlag stop;
  Credentials credentials(with_plugin(folder), stop);
  CHECK(token_of(credentials.identity()) == "Bearer run-1");
  CHECK(token_of(credentials.identity()) == "Bearer run-1");
  const auto generation = credentials.identity()->generation;
  CHECK(credentials.refused(generation));
  CHECK(token_of(credentials.identity()) == "Bearer run-2");
  CHECK(credentials.refused(generation));  // somebody else has asked again meanwhile
  CHECK(token_of(credentials.identity()) == "Bearer run-2");
  CHECK(info_of(folder).find("\"server\":\"https://one\"") != std::string::npos);
  const test::TempDir other;
  Credentials expired(with_plugin(other, ",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\""),
                      stop);
  CHECK(token_of(expired.identity()) == "Bearer run-1");
  CHECK(token_of(expired.identity()) == "Bearer run-2");
}

TEST_CASE("what a login program answers is checked and never shown") {
  for (const char* output :
       {"", "secret", "{}", R"({"kind":"ExecCredential"})",
        R"({"kind":"ExecCredential","status":{"clientCertificateData":"secret"}})"}) {
    CAPTURE(output);
    const auto credential = parse_exec_credential(output, "login");
    REQUIRE_FALSE(credential.has_value());
    CHECK(describe(credential.error()).find("secret") == std::string::npos);
    CHECK(credential.error().reason == "unauthorized");
  }
  const auto pair = parse_exec_credential(
      R"({"kind":"ExecCredential","status":{"clientCertificateData":"c","clientKeyData":"k"}})",
      "login");
  CHECK(pair->certificate_pem == "c");
}

TEST_CASE("a login program gets the cluster's authority, from the file as well") {
  const test::TempDir folder;
  const StopFlag stop;
  Access access = with_plugin(folder);
  access.cluster.ca_file = (folder / "ca.crt").string();
  CHECK_FALSE(Credentials(access, stop).identity().has_value());  // there is no such file
  std::ofstream(folder / "ca.crt") << "a CA";
  CHECK(Credentials(access, stop).identity().has_value());
  CHECK(info_of(folder).find("\"certificate-authority-data\":\"YSBDQQ==\"") != std::string::npos);
  access.cluster.ca_pem = "inline";
  CHECK(Credentials(access, stop).identity().has_value());
  CHECK(info_of(folder).find("\"certificate-authority-data\":\"aW5saW5l\"") != std::string::npos);
}

TEST_CASE("a login program gets what the kubeconfig keeps for it beside the cluster") {
  const test::TempDir folder;
  const StopFlag stop;
  Access access = with_plugin(folder);
  access.cluster.exec_config = R"({"audience":"a"})";
  CHECK(Credentials(access, stop).identity().has_value());
  CHECK(info_of(folder).find(R"("config":{"audience":"a"})") != std::string::npos);
}

TEST_CASE("a login program asks somebody only where somebody is and its mode allows it") {
  struct Case {
    const char* mode;
    bool terminal;
    const char* info;  // what the program is told, or nothing when it is refused
  };
  const StopFlag stop;
  for (const Case& one : {Case{"", true, "\"interactive\":true"},
                          {"", false, "\"interactive\":false"},
                          {"IfAvailable", true, "\"interactive\":true"},
                          {"IfAvailable", false, "\"interactive\":false"},
                          {"Never", true, "\"interactive\":false"},
                          {"Always", true, "\"interactive\":true"},
                          {"Always", false, ""},
                          {"Sometimes", true, ""}}) {
    CAPTURE(one.mode);
    CAPTURE(one.terminal);
    const test::TempDir folder;
    Access access = with_plugin(folder);
    access.user.exec->interactive_mode = one.mode;
    const auto identity = Credentials(access, stop, one.terminal).identity();
    CHECK(identity.has_value() == (*one.info != '\0'));
    CHECK(info_of(folder).find(one.info) != std::string::npos);
    CHECK(std::filesystem::exists(folder / "runs") == identity.has_value());
  }
}

TEST_CASE("a login program that is missing or too new says so") {
  const StopFlag stop;
  Access access;
  access.user.exec = ExecPlugin{
      "client.authentication.k8s.io/v1", "no-such-login-program", {}, {}, "get it", false, ""};
  const auto missing = Credentials(access, stop).identity();
  REQUIRE_FALSE(missing.has_value());
  CHECK(describe(missing.error()).find("get it") != std::string::npos);
  access.user.exec->api_version = "client.authentication.k8s.io/v9";
  CHECK(Credentials(access, stop).identity().error().reason == "kubeconfig_invalid");
}

}  // namespace marvel::kube
