#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/wire/endpoint.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel::cli {

class Binder;

// The flags that only the protocol of n2n has; those of the native protocol that mean the same
// there come along when a node is run.
struct N2nFlags {
  bool on = false;
  std::string cipher = "speck";
  bool header_encryption = false;
  std::string password_file;   // of the user whose name is the node's
  std::string federation_key;  // public
  // Of a super node:
  std::string community_file;
  std::string federation;               // a file with its name
  std::vector<std::string> supernodes;  // HOST:PORT of others
};
void bind_n2n(Binder& bind, N2nFlags& flags, bool edge);
// Flags of the native protocol that would be without effect with --n2n: whoever gives one relies
// on it. kUsage, naming the first one that was given.
Status refuse_with_n2n(std::initializer_list<std::pair<std::string_view, bool>> given);

// Where super nodes were found, by the text that names them.
using KnownEndpoints = std::map<std::string, vpn::Endpoint>;
// Of "HOST:PORT"; as it is known when the name cannot be looked up now. kNotFound, kInput.
Result<vpn::Endpoint> look_up(const std::string& text, KnownEndpoints& known);

struct N2nEdge {
  N2nFlags n2n;
  std::string community;
  std::string name;
  std::vector<std::string> supernodes;  // HOST:PORT
  std::string address;                  // empty: the super node's choice
  std::string key_file;
  std::string state;
  std::string user;
  std::string device;
  int mtu = 0;
  bool multicast = false;
  vpn::Endpoint listen;
  std::optional<vpn::Endpoint> metrics;
  std::function<void(const std::string& address)> on_address;
  std::function<Status(N2nEdge& now)> read_again;  // at SIGHUP
  std::vector<std::string> restart;  // flags that have changed and count only after a restart
  int threads = 0;
};
Status run_n2n_edge(const N2nEdge& edge, Context& context);

struct N2nSupernode {
  N2nFlags n2n;
  std::vector<std::string> communities;  // NAME or NAME=NETWORK
  std::string state;
  std::string user;
  vpn::Endpoint listen;
  std::optional<vpn::Endpoint> metrics;
  std::function<Status(N2nSupernode& now)> read_again;  // at SIGHUP
  std::vector<std::string> restart;  // flags that have changed and count only after a restart
  int threads = 0;
};
Status run_n2n_supernode(const N2nSupernode& supernode, Context& context);

// What a super node has to know of a user, or edges of a federation, whose password or name stands
// in the file: a line of n2n's file of communities, or a key. Empty `user`: a federation.
Result<std::string> n2n_public_text(const std::string& file, const std::string& user);

}  // namespace marvel::cli
