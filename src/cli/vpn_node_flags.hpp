#pragma once

#include "cli/command.hpp"
#include "cli/vpn_credentials.hpp"
#include "cli/vpn_n2n.hpp"

#include <optional>

namespace marvel::cli {

class Binder;

// What `vpn edge` and `vpn supernode` have in common.
struct RunFlags {
  CredentialFlags credentials;
  N2nFlags n2n;
  std::string listen;
  std::string state = "/var/lib/marvel-vpn";
  std::string user;
  std::string metrics;  // ADDRESS:PORT
  int threads = 0;      // that carry packets; 0: as the machine has CPUs
};

void bind_credentials(Binder& bind, CredentialFlags& flags);
void bind_place(Binder& bind, RunFlags& flags);
const std::vector<Row>& node_exits();
// Adds the names of those that differ and take effect only at the start.
void compare_run_flags(const RunFlags& was, const RunFlags& now, std::vector<std::string>& changed);

// "4194" and ":4194" are all addresses.
Result<vpn::Endpoint> parse_listen(const std::string& text);
// Where metrics are served: nowhere for an empty text.
Result<std::optional<vpn::Endpoint>> parse_metrics(const std::string& text);
// Networks of n2n know no certificates, and n2n's mode serves no metrics.
Status check_n2n(const RunFlags& flags);
// The folder is there, and its owner's alone if it was made.
Status make_state(const std::string& folder);

}  // namespace marvel::cli
