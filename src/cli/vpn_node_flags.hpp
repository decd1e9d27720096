#pragma once

#include "cli/command.hpp"
#include "cli/vpn_credentials.hpp"
#include "cli/vpn_n2n.hpp"

#include <optional>

namespace marvel::cli {

class Binder;

// What `vpn edge` and `vpn supernode` have in common. Each derives its flags from RunFlags, binds
// these groups among its own, and makes of them what vpn/io or vpn_n2n.hpp runs.
struct RunFlags {
  CredentialFlags credentials;
  N2nFlags n2n;
  // Text for parse_listen; each of the two has a default of its own.
  std::string listen;
  // Keys, leases and the status socket; the node locks it.
  std::string state = "/var/lib/marvel-vpn";
  // To go on as once all is set up; empty: nobody else.
  std::string user;
  std::string metrics;  // ADDRESS:PORT
  int threads = 0;      // that carry packets; 0: as the machine has CPUs
};

// Targets must outlive the tree's last parse.
void bind_credentials(Binder& bind, CredentialFlags& flags);
void bind_place(Binder& bind, RunFlags& flags);
// What exit codes mean to a program that runs until it is stopped.
const std::vector<Row>& node_exits();
// Adds the names of those that differ and take effect only at the start. For a reload: their names
// go into a warning. What may change while a node runs is not among them (certificate, list of
// revocations, community file).
void compare_run_flags(const RunFlags& was, const RunFlags& now, std::vector<std::string>& changed);

// "4194", ":4194", "0.0.0.0:4194" and "[::]:4194" are all addresses; port 0 takes a free one. Else
// an address or name of this machine with a port, which is looked up: kNotFound, kInput.
Result<vpn::Endpoint> parse_listen(const std::string& text);
// Where metrics are served: nowhere for an empty text.
Result<std::optional<vpn::Endpoint>> parse_metrics(const std::string& text);
// kUsage when --n2n stands beside flags of certificates: networks of n2n know none.
Status check_n2n(const RunFlags& flags);
// The folder is there, and its owner's alone if it was made. An existing folder stays as it is.
// kUnavailable when it cannot be made.
Status make_state(const std::string& folder);

}  // namespace marvel::cli
