#include "federate/options.hpp"

#include "federate/secure/messages.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

Status check_address(const std::string& address, const char* flag) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return fail(Errc::kUsage, std::string(flag) + " must be HOST:PORT, not '" + address + "'");
  }
  return {};
}

// Both would write its lines.
Status check_rounds_out(const ServerOptions& options) {
  const auto kept = std::filesystem::path(options.checkpoint) / "rounds.jsonl";
  std::error_code ignored;
  const auto plain = [&ignored](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  if (!options.checkpoint.empty() && !options.rounds_out.empty() &&
      plain(kept) == plain(options.rounds_out)) {
    return fail(Errc::kUsage, "--metrics-out must not be rounds.jsonl in --checkpoint",
                "leave it out: the checkpoint has the same lines there");
  }
  return {};
}

Status check_pair(const std::string& cert, const std::string& key) {
  if (cert.empty() != key.empty()) {
    return fail(Errc::kUsage, "--tls-cert and --tls-key go together");
  }
  return {};
}

// What secure sums leave possible: the server sees nothing but the sum.
Status check_secure(const ServerOptions& options) {
  const auto exclude = [](const std::string& other, const char* why) {
    return fail(Errc::kUsage, "--secure-aggregation and " + other + " exclude each other", why);
  };
  if (options.strategy.kind > StrategyKind::kFedAdagrad) {
    return exclude(
        "--strategy " + strategy_names()[static_cast<std::size_t>(options.strategy.kind)],
        "it looks at single updates: use fedavg or one of its optimisers");
  }
  if (options.strategy.privacy) {
    return exclude("--dp-clip", "the server cannot clip what it does not see");
  }
  if (options.rules.carry_late) {
    return exclude("--late carry", "a late update is masked for another sum: use --late drop");
  }
  if (options.rules.encoding != wire::UpdateEncoding::kNone) {
    return exclude("--update-encoding", "masked updates cannot be made smaller");
  }
  if (options.rules.clients_per_round == 1 || options.rules.min_available < 2) {
    return fail(Errc::kUsage, "--secure-aggregation needs at least two clients per round",
                "raise --min-available and --clients-per-round");
  }
  if (options.rules.clients_per_round > secure::kMostClients) {
    return fail(Errc::kUsage,
                fmt::format("--clients-per-round can be {} at most with --secure-aggregation",
                            secure::kMostClients));
  }
  return {};
}

}  // namespace

StrategyOptions accounted(StrategyOptions strategy, const RoundRules& rules) {
  if (strategy.privacy) {
    const auto clients = static_cast<double>(rules.min_available);
    const auto wanted = static_cast<double>(rules.clients_per_round);
    auto& privacy = *strategy.privacy;
    privacy.sampling_rate = wanted > 0 ? std::min(1.0, wanted / clients) : 1;
    privacy.expected = privacy.sampling_rate * clients;
  }
  return strategy;
}

StrategyOptions strategy_of(const ServerOptions& options) {
  StrategyOptions strategy = accounted(options.strategy, options.rules);
  strategy.spool = options.checkpoint.empty() ? std::filesystem::temp_directory_path()
                                              : std::filesystem::path(options.checkpoint);
  return strategy;
}

Status validate_private(const RoundRules& rules) {
  if (rules.carry_late) {
    return fail(Errc::kUsage, "--late carry and --dp-clip exclude each other",
                "an update counts in the round whose coin fell for it: use --late drop");
  }
  if (rules.over_selection > 0) {
    return fail(Errc::kUsage, "--over-selection and --dp-clip exclude each other",
                "how many are asked is left to coins: raise --clients-per-round instead");
  }
  return {};
}

Status validate(const ServerOptions& options) {
  MARVEL_TRY_STATUS(check_address(options.address, "--address"));
  MARVEL_TRY_STATUS(validate(options.rules));
  MARVEL_TRY_STATUS(validate(strategy_of(options)));
  if (options.strategy.privacy) {
    MARVEL_TRY_STATUS(validate_private(options.rules));
  }
  if (options.rules.secure) {
    MARVEL_TRY_STATUS(check_secure(options));
  }
  MARVEL_TRY_STATUS(check_rounds_out(options));
  MARVEL_TRY_STATUS(check_pair(options.tls_cert, options.tls_key));
  if (!options.client_ca.empty() && options.tls_cert.empty()) {
    return fail(Errc::kUsage, "--client-ca needs --tls-cert and --tls-key");
  }
  if (options.resume && options.checkpoint.empty()) {
    return fail(Errc::kUsage, "--resume needs the folder of the run", "name it with --checkpoint");
  }
  return {};
}

Status validate(const ClientOptions& options) {
  if (options.cid.empty()) {
    return fail(Errc::kUsage, "--cid is missing", "name this client, as in --cid 1");
  }
  constexpr std::size_t kLongestName = 256;
  const bool printable = std::all_of(options.cid.begin(), options.cid.end(),
                                     [](char byte) { return byte >= 0x20 && byte < 0x7f; });
  if (!printable || options.cid.size() > kLongestName) {
    return fail(Errc::kUsage, "--cid must be at most 256 printable ASCII characters");
  }
  if (options.address.empty()) {
    return fail(Errc::kUsage, "--server-address is missing",
                "name the server, as in --server-address localhost:8080");
  }
  MARVEL_TRY_STATUS(check_address(options.address, "--server-address"));
  MARVEL_TRY_STATUS(check_pair(options.tls_cert, options.tls_key));
  if (options.keepalive < std::chrono::seconds(10)) {
    return fail(Errc::kUsage, "--keepalive must be at least 10s");
  }
  if (!options.tls_cert.empty() && options.tls_ca.empty()) {
    return fail(Errc::kUsage, "--tls-cert needs --tls-ca");
  }
  return {};
}

}  // namespace marvel::federate
