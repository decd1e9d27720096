// A kubeconfig is three lists of named things (clusters, users, contexts) and the name of the
// current context. Reading goes file by file: parse, resolve relative paths, merge.
#include "deploy/kube/kubeconfig.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "deploy/kube/json_text.hpp"

#include <functional>
#include <system_error>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace marvel::kube {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
constexpr std::size_t kQuickBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxEntries = 10'000;
constexpr int kMaxDepth = 64;

// Without quotes it is what JSON reads in it, else text.
nlohmann::json json_of_scalar(const YAML::Node& node) {
  if (node.Tag() == "?") {
    auto value = nlohmann::json::parse(node.Scalar(), nullptr, false);
    if (value.is_primitive()) {
      return value;
    }
  }
  return node.Scalar();
}

// The one place where yaml-cpp's exceptions end is parse_kubeconfig; inside, a damaged value is
// thrown as an Error of ours too, so that every reader stays one line.
struct BadValue {
  Error error;
};

class Reader {
 public:
  Reader(const fs::path& file, Kubeconfig& config) : file_(file), config_(config) {}

  void read(const YAML::Node& document) {
    if (!document.IsMap()) {
      refuse(document, "expected a mapping with clusters, users and contexts");
    }
    if (const std::string kind = text(document, "kind"); !kind.empty() && kind != "Config") {
      refuse(document["kind"], "this is a " + kind + ", not a Config");
    }
    config_.current_context = text(document, "current-context");
    each(document, "clusters", "cluster", [this](const std::string& name, const YAML::Node& body) {
      config_.clusters.emplace(name, cluster(body));
    });
    each(document, "users", "user", [this](const std::string& name, const YAML::Node& body) {
      config_.users.emplace(name, user(body));
    });
    each(document, "contexts", "context", [this](const std::string& name, const YAML::Node& body) {
      config_.contexts.emplace(
          name, ContextEntry{text(body, "cluster"), text(body, "user"), text(body, "namespace")});
    });
  }

 private:
  [[noreturn]] void refuse(const YAML::Node& node, const std::string& what) const {
    const int line = node.IsDefined() ? node.Mark().line + 1 : 0;
    throw BadValue{{Errc::kInput,
                    file_.string() + ":" + std::to_string(line) + ": " + what,
                    "compare with 'kubectl config view'",
                    {},
                    "kubeconfig_invalid"}};
  }

  [[nodiscard]] std::string text(const YAML::Node& map, const char* key) const {
    const YAML::Node value = map.IsMap() ? map[key] : YAML::Node();
    if (!value.IsDefined() || value.IsNull()) {
      return {};
    }
    if (!value.IsScalar()) {
      refuse(value, std::string(key) + " must be a plain value");
    }
    return value.Scalar();
  }

  [[nodiscard]] bool truth(const YAML::Node& map, const char* key) const {
    const std::string word = text(map, key);
    const auto value = word.empty() ? Result<bool>(false) : parse_bool(word);
    if (!value) {
      refuse(map[key], std::string(key) + ": " + value.error().message);
    }
    return *value;
  }

  [[nodiscard]] std::string decoded(const YAML::Node& map, const char* key) const {
    const auto bytes = base64_decode(text(map, key));
    if (!bytes) {
      refuse(map[key], std::string(key) + " is " + bytes.error().message);
    }
    return *bytes;
  }

  // Relative paths count from the file that holds them.
  [[nodiscard]] std::string path(const YAML::Node& map, const char* key) const {
    const std::string value = text(map, key);
    return value.empty() ? value : (file_.parent_path() / value).string();
  }

  [[nodiscard]] std::vector<std::string> words(const YAML::Node& map, const char* key) const {
    std::vector<std::string> list;
    const YAML::Node value = map[key];
    if (value.IsDefined() && !value.IsNull()) {
      check_list(value, key);
      for (const auto& item : value) {
        if (!item.IsScalar()) {
          refuse(item, std::string(key) + " must be a list of plain values");
        }
        list.push_back(item.Scalar());
      }
    }
    return list;
  }

  void check_list(const YAML::Node& value, const char* key) const {
    if (!value.IsSequence() || value.size() > kMaxEntries) {
      refuse(value, std::string(key) + " must be a list of at most 10000 entries");
    }
  }

  void each(const YAML::Node& document, const char* list, const char* body,
            const std::function<void(const std::string&, const YAML::Node&)>& take) const {
    const YAML::Node entries = document[list];
    if (!entries.IsDefined() || entries.IsNull()) {
      return;
    }
    check_list(entries, list);
    for (const auto& entry : entries) {
      const std::string name = text(entry, "name");
      if (!entry.IsMap() || name.empty()) {
        refuse(entry, std::string("an entry of ") + list + " needs a name");
      }
      const YAML::Node value = entry[body];
      take(name, value.IsDefined() && value.IsMap() ? value : YAML::Node(YAML::NodeType::Map));
    }
  }

  [[nodiscard]] Cluster cluster(const YAML::Node& body) const {
    Cluster cluster;
    cluster.server = text(body, "server");
    cluster.tls_server_name = text(body, "tls-server-name");
    cluster.insecure = truth(body, "insecure-skip-tls-verify");
    cluster.ca_file = path(body, "certificate-authority");
    cluster.ca_pem = decoded(body, "certificate-authority-data");
    cluster.proxy_url = text(body, "proxy-url");
    const YAML::Node extensions = body["extensions"];
    if (extensions.IsDefined() && extensions.IsSequence()) {
      for (const auto& entry : extensions) {
        if (text(entry, "name") == "client.authentication.k8s.io/exec") {
          std::size_t room = kMaxEntries;
          cluster.exec_config = json_text(json_of(entry["extension"], 0, room));
        }
      }
    }
    return cluster;
  }

  // `room` counts down: aliases make much of little, or a circle.
  [[nodiscard]] nlohmann::json json_of(const YAML::Node& node, int depth, std::size_t& room) const {
    if (depth > kMaxDepth || room-- == 0) {
      refuse(node, "an extension has more than 10000 entries, or is nested too deep");
    }
    if (!node.IsDefined() || node.IsNull()) {
      return nullptr;
    }
    if (node.IsScalar()) {
      return json_of_scalar(node);
    }
    nlohmann::json value = node.IsMap() ? nlohmann::json::object() : nlohmann::json::array();
    for (const auto& item : node) {
      if (node.IsMap()) {
        value[item.first.IsScalar() ? item.first.Scalar() : ""] =
            json_of(item.second, depth + 1, room);
      } else {
        value.push_back(json_of(item, depth + 1, room));
      }
    }
    return value;
  }

  [[nodiscard]] User user(const YAML::Node& body) const {
    User user;
    user.certificate_file = path(body, "client-certificate");
    user.certificate_pem = decoded(body, "client-certificate-data");
    user.key_file = path(body, "client-key");
    user.key_pem = decoded(body, "client-key-data");
    user.token = text(body, "token");
    user.token_file = path(body, "tokenFile");
    user.name = text(body, "username");
    user.password = text(body, "password");
    user.as = text(body, "as");
    user.as_uid = text(body, "as-uid");
    user.as_groups = words(body, "as-groups");
    read_extra(body["as-user-extra"], user);
    if (const YAML::Node exec = body["exec"]; exec.IsDefined() && exec.IsMap()) {
      user.exec = plugin(exec);
    }
    if (const YAML::Node provider = body["auth-provider"];
        provider.IsDefined() && provider.IsMap()) {
      user.unsupported = text(provider, "name");
    }
    return user;
  }

  void read_extra(const YAML::Node& extra, User& user) const {
    if (extra.IsDefined() && extra.IsMap()) {
      for (const auto& pair : extra) {
        const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
        for (const auto& value : words(extra, key.c_str())) {
          user.as_extra.emplace_back(key, value);
        }
      }
    }
  }

  [[nodiscard]] ExecPlugin plugin(const YAML::Node& exec) const {
    ExecPlugin plugin;
    plugin.api_version = text(exec, "apiVersion");
    plugin.command = text(exec, "command");
    if (plugin.command.find('/') != std::string::npos) {
      plugin.command = path(exec, "command");
    }
    plugin.arguments = words(exec, "args");
    plugin.install_hint = text(exec, "installHint");
    plugin.provide_cluster_info = truth(exec, "provideClusterInfo");
    plugin.interactive_mode = text(exec, "interactiveMode");
    const YAML::Node variables = exec["env"];
    if (variables.IsDefined() && variables.IsSequence()) {
      for (const auto& variable : variables) {
        plugin.environment.emplace_back(text(variable, "name"), text(variable, "value"));
      }
    }
    return plugin;
  }

  const fs::path& file_;
  Kubeconfig& config_;
};

// The first file that says something wins.
void merge(Kubeconfig& into, Kubeconfig from) {
  into.clusters.merge(from.clusters);
  into.users.merge(from.users);
  into.contexts.merge(from.contexts);
  if (into.current_context.empty()) {
    into.current_context = std::move(from.current_context);
  }
}

Status read_into(Kubeconfig& config, const fs::path& file) {
  auto text = read_file(file);
  if (!text) {
    return fail({Errc::kInput,
                 "cannot read kubeconfig: " + text.error().message,
                 "name another file by --kubeconfig or KUBECONFIG",
                 {},
                 "kubeconfig_invalid"});
  }
  std::error_code ignored;
  const fs::path whole = fs::absolute(file, ignored);
  MARVEL_TRY(Kubeconfig one, parse_kubeconfig(*text, ignored ? file : whole));
  merge(config, std::move(one));
  config.files.push_back(file.string());
  return {};
}

template <class Map>
std::string names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& entry : map) {
    names.push_back(entry.first);
    if (names.size() == 10 && map.size() > 10) {
      names.emplace_back("...");
      break;
    }
  }
  return names.empty() ? "none" : join(names, ", ");
}

tl::unexpected<Error> invalid(std::string message, std::string hint) {
  return fail({Errc::kInput, std::move(message), std::move(hint), {}, "kubeconfig_invalid"});
}

// The files that count when none is named.
std::vector<std::string> usual_files(const Environment& environment) {
  if (const auto list = environment.get("KUBECONFIG")) {
    return split(*list, ':');
  }
  const auto home = environment.get("HOME");
  return home ? std::vector{*home + "/.kube/config"} : std::vector<std::string>();
}

// Certificates and keys are most of a kubeconfig; reading past them takes most of the time.
std::string without_data(std::string_view text) {
  std::string rest;
  for (const std::string& line : split(text, '\n')) {
    const auto data = line.find("-data: ");
    rest += data == std::string::npos || line.find_first_of("{\"'") != std::string::npos
                ? line
                : line.substr(0, data) + "-data: \"\"";
    rest += '\n';
  }
  return rest;
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const fs::path& file) {
  if (text.size() > kMaxBytes) {
    return invalid(file.string() + " is larger than 4 MiB", "is this a kubeconfig?");
  }
  Kubeconfig config;
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    if (document.IsDefined() && !document.IsNull()) {  // an empty file is an empty configuration
      Reader(file, config).read(document);
    }
  } catch (const BadValue& bad) {
    return fail(bad.error);
  } catch (const YAML::Exception& error) {
    return invalid(file.string() + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg,
                   "compare with 'kubectl config view'");
  }
  return config;
}

Result<Kubeconfig> load_kubeconfig(const Environment& environment, const std::string& named) {
  Kubeconfig config;
  if (!named.empty()) {
    MARVEL_TRY_STATUS(read_into(config, named));
    return config;
  }
  const bool list = environment.get("KUBECONFIG").has_value();
  for (const auto& file : usual_files(environment)) {
    std::error_code ignored;
    if (!file.empty() && fs::exists(file, ignored)) {
      MARVEL_TRY_STATUS(read_into(config, file));
    } else if (!file.empty() && list) {
      config.warnings.push_back("KUBECONFIG names " + file + ", which does not exist");
    }
  }
  return config;
}

std::vector<std::string> context_names(const Environment& environment) {
  Kubeconfig config;
  for (const auto& file : usual_files(environment)) {
    std::error_code none;
    const bool quick = fs::is_regular_file(file, none) && fs::file_size(file, none) <= kQuickBytes;
    const auto text = quick && !none ? read_file(file) : Result<std::string>(std::string());
    if (auto one = parse_kubeconfig(text ? without_data(*text) : "", file)) {
      merge(config, std::move(*one));
    }
  }
  std::vector<std::string> names;
  for (const auto& entry : config.contexts) {
    names.push_back(entry.first);
  }
  return names;
}

Result<Access> Kubeconfig::access(const std::string& context,
                                  const std::string& namespace_name) const {
  const std::string wanted = context.empty() ? current_context : context;
  if (wanted.empty()) {
    return invalid("no cluster is configured: there is no current context",
                   "set KUBECONFIG, or name one of these by --context: " + names_of(contexts));
  }
  const auto found = contexts.find(wanted);
  if (found == contexts.end()) {
    return invalid("kubeconfig has no context '" + wanted + "'", "it has: " + names_of(contexts));
  }
  const ContextEntry& entry = found->second;
  const auto cluster = clusters.find(entry.cluster);
  if (cluster == clusters.end() || cluster->second.server.empty()) {
    return invalid(
        "context '" + wanted + "' names cluster '" + entry.cluster + "', which has no server",
        "kubeconfig has: " + names_of(clusters));
  }
  Access access{wanted, cluster->second, {}, "default"};
  if (!entry.user.empty()) {
    const auto user = users.find(entry.user);
    if (user == users.end()) {
      return invalid("context '" + wanted + "' names user '" + entry.user + "', who is not defined",
                     "kubeconfig has: " + names_of(users));
    }
    access.user = user->second;
  }
  if (!access.user.unsupported.empty()) {
    return invalid("user '" + entry.user + "' logs in by the legacy auth-provider '" +
                       access.user.unsupported + "'",
                   "use an exec plugin or a token instead");
  }
  const std::string& name = namespace_name.empty() ? entry.namespace_name : namespace_name;
  access.namespace_name = name.empty() ? "default" : name;
  return access;
}

Result<std::optional<Access>> in_cluster_access(const Environment& environment,
                                                const fs::path& folder) {
  const auto host = environment.get("KUBERNETES_SERVICE_HOST");
  const auto port = environment.get("KUBERNETES_SERVICE_PORT");
  std::error_code ignored;
  if (!host || !port || !fs::exists(folder / "token", ignored)) {
    return std::optional<Access>();
  }
  const bool is_ipv6 = host->find(':') != std::string::npos;
  Access access;
  access.cluster.server = "https://" + (is_ipv6 ? "[" + *host + "]" : *host) + ":" + *port;
  access.cluster.ca_file = (folder / "ca.crt").string();
  access.user.token_file = (folder / "token").string();
  if (const auto name = read_file(folder / "namespace")) {
    access.namespace_name = std::string(trim(*name));
  }
  return std::optional<Access>(std::move(access));
}

}  // namespace marvel::kube
