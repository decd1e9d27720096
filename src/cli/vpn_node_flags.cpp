#include "cli/vpn_node_flags.hpp"

#include "base/text.hpp"
#include "cli/bind.hpp"
#include "vpn/io/udp_socket.hpp"

#include <filesystem>

namespace marvel::cli {

Result<vpn::Endpoint> parse_listen(const std::string& text) {
  const auto number = parse_unsigned(text.starts_with(':') ? text.substr(1) : text);
  if (number && *number <= 65535) {
    vpn::Endpoint all;
    all.port = static_cast<std::uint16_t>(*number);
    return all;
  }
  const bool any = text.starts_with("0.0.0.0:") || text.starts_with("[::]:");
  if (any) {
    return parse_listen(text.substr(text.rfind(':') + 1));
  }
  MARVEL_TRY(const auto endpoints, vpn::resolve(text, 0));
  return endpoints.front();
}

Result<std::optional<vpn::Endpoint>> parse_metrics(const std::string& text) {
  if (text.empty()) {
    return std::optional<vpn::Endpoint>();
  }
  MARVEL_TRY(const vpn::Endpoint place, parse_listen(text));
  return std::optional(place);
}

Status check_n2n(const RunFlags& flags) {
  const CredentialFlags& credentials = flags.credentials;
  return refuse_with_n2n({{"--identity", !credentials.identity.empty()},
                          {"--cert", !credentials.cert.empty()},
                          {"--authority", !credentials.authority.empty()},
                          {"--revoked", !credentials.revoked.empty()}});
}

Status make_state(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return fail(Errc::kUnavailable, "cannot make the folder '" + folder + "': " + error.message(),
                "--state names another one");
  }
  return {};
}

const std::vector<Row>& node_exits() {
  static const std::vector<Row> kRows{{"0", "stopped as asked, by SIGINT or SIGTERM"}};
  return kRows;
}

void compare_run_flags(const RunFlags& was, const RunFlags& now,
                       std::vector<std::string>& changed) {
  const auto compare = [&changed](const std::string& name, const auto& before, const auto& after) {
    if (before != after) {
      changed.push_back(name);
    }
  };
  compare("--key-file", was.credentials.key_file, now.credentials.key_file);
  compare("--identity", was.credentials.identity, now.credentials.identity);
  compare("--authority", was.credentials.authority, now.credentials.authority);
  compare("--n2n", was.n2n.on, now.n2n.on);
  compare("--cipher", was.n2n.cipher, now.n2n.cipher);
  compare("--header-encryption", was.n2n.header_encryption, now.n2n.header_encryption);
  compare("--password-file", was.n2n.password_file, now.n2n.password_file);
  compare("--federation-key", was.n2n.federation_key, now.n2n.federation_key);
  compare("--federation", was.n2n.federation, now.n2n.federation);
  compare("--supernode", was.n2n.supernodes, now.n2n.supernodes);
  compare("--listen", was.listen, now.listen);
  compare("--state", was.state, now.state);
  compare("--user", was.user, now.user);
  compare("--metrics", was.metrics, now.metrics);
  compare("--threads", was.threads, now.threads);
}

void bind_credentials(Binder& bind, CredentialFlags& flags) {
  bind.group("Membership");
  bind.value("--key-file", "FILE", flags.key_file,
             "Passphrase of the community; only its owner may read it (mode 0600)")
      .files = Files::kFile;
  bind.value("--identity", "FILE", flags.identity, "Secret key of this node").files = Files::kFile;
  bind.value("--authority", "FILE", flags.authority, "Public key that signs certificates").files =
      Files::kFile;
  bind.value("--revoked", "FILE", flags.revoked, "Signed list of certificates that do not count")
      .files = Files::kFile;
}

namespace {

// More threads than there is work for are harmless, numbers beyond are mistakes.
Status read_threads(const std::string& text, int& threads) {
  constexpr std::uint64_t kMost = 1024;
  const auto number = text == "auto" ? Result<std::uint64_t>(0) : parse_unsigned(text);
  if (!number || *number > kMost) {
    return fail(Errc::kInput, "'" + text + "' is no number of threads", "auto, or 1 and more");
  }
  threads = static_cast<int>(*number);
  return {};
}

}  // namespace

void bind_place(Binder& bind, RunFlags& flags) {
  bind.group("Place");
  bind.value("--listen", "ADDRESS:PORT", flags.listen, "Where UDP is received; a port is enough");
  bind.value("--state", "FOLDER", flags.state, "What is kept between runs, and the status socket")
      .files = Files::kFolder;
  bind.value("--user", "NAME", flags.user, "Go on as this user once all is set up");
  bind.value("--metrics", "ADDRESS:PORT", flags.metrics,
             "Where Prometheus may ask, over TCP; nowhere by default");
  bind.add("--threads", "N", "Threads that carry packets, 1 to 3; auto goes by the CPUs",
           [&flags](const std::string& text) { return read_threads(text, flags.threads); })
      .default_text = "auto";
}

}  // namespace marvel::cli
