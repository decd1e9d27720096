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

// Nodes of networks of n2n version 3, for communities that have not moved yet
// (docs/user/vpn-from-n2n.md). The protocol is insecure, and each start says so in a warning.
// vpn_edge_command.cpp and vpn_supernode_command.cpp parse flags, and hand over here with --n2n
// what they would run themselves without it.
//
// The flags that only the protocol of n2n has; those of the native protocol that mean the same
// there come along when a node is run.
struct N2nFlags {
  bool on = false;
  // "speck", "aes", "chacha20" or "null", n2n's -A5, -A3, -A4 and -A1. For an edge.
  std::string cipher = "speck";
  bool header_encryption = false;
  // Only with speck and chacha20.
  std::string password_file;  // of the user whose name is the node's
  // As `marvel vpn pubkey --n2n-federation` prints it; without one that of n2n's default
  // federation.
  std::string federation_key;  // public
  // Of a super node, in the form of n2n's -c; read again at SIGHUP.
  std::string community_file;
  std::string federation;               // a file with its name
  std::vector<std::string> supernodes;  // HOST:PORT of others
};
// `edge` tells which half is bound, that of an edge or that of a super node.
void bind_n2n(Binder& bind, N2nFlags& flags, bool edge);
// Flags of the native protocol that would be without effect with --n2n: whoever gives one relies
// on it. kUsage, naming the first one that was given.
Status refuse_with_n2n(std::initializer_list<std::pair<std::string_view, bool>> given);

// Where super nodes were found, by the text that names them. Kept over reloads by whoever runs a
// node, so that a name server that is away at SIGHUP does no harm.
using KnownEndpoints = std::map<std::string, vpn::Endpoint>;
// Of "HOST:PORT"; as it is known when the name cannot be looked up now. kNotFound, kInput. Of
// several addresses the first. A look-up may take as long as the resolver lets it.
Result<vpn::Endpoint> look_up(const std::string& text, KnownEndpoints& known);
// Of the super nodes of --supernode, in their order; none for one whose name cannot be found while
// another one is there: a node does without it, and `warnings` has a line that ends with `again`,
// which says what looks once more. kNotFound when none is found; kInput as above.
Result<std::vector<std::optional<vpn::Endpoint>>> look_up_all(const std::vector<std::string>& texts,
                                                              KnownEndpoints& known,
                                                              const std::string& again,
                                                              std::vector<std::string>& warnings);
// For an edge.
inline constexpr const char* kReloadLooksAgain = "SIGHUP looks again";

// All that an edge is run with. Values are texts from flags where the protocol has its own idea of
// them; run_n2n_edge checks them.
struct N2nEdge {
  N2nFlags n2n;
  std::string community;
  // Also its user's where there is a password.
  std::string name;
  std::vector<std::string> supernodes;  // HOST:PORT
  std::string address;                  // empty: the super node's choice
  // The secret of n2n's -k; not needed with the cipher "null".
  std::string key_file;
  // Where the identity lies from which the MAC and id of the node follow, so that it is known
  // again.
  std::string state;
  std::string user;
  std::string device;
  // At most 1900: a datagram of n2n has at most 2048 bytes.
  int mtu = 0;
  bool multicast = false;
  vpn::Endpoint listen;
  std::optional<vpn::Endpoint> metrics;
  // Called with "10.8.0.2/24" once the device has it; empty: nobody asks.
  std::function<void(const std::string& address)> on_address;
  // Fills in `supernodes`, `multicast` and `restart`; a failure leaves the node as it is.
  std::function<Status(N2nEdge& now)> read_again;  // at SIGHUP
  std::vector<std::string> restart;  // flags that have changed and count only after a restart
  int threads = 0;
};
// Returns when somebody has asked to stop. kUsage for flags that make no sense with n2n, kInput and
// kDenied for files with secrets, and what vpn::n2n::run_edge fails with.
Status run_n2n_edge(const N2nEdge& edge, Context& context);

// All that a super node is run with. Those of its fields that an edge has too mean the same.
struct N2nSupernode {
  N2nFlags n2n;
  // Those of the community file come before them.
  std::vector<std::string> communities;  // NAME or NAME=NETWORK
  std::string state;
  std::string user;
  vpn::Endpoint listen;
  std::optional<vpn::Endpoint> metrics;
  // Fills in what run_n2n_supernode reads again: communities, the community file, `restart`.
  std::function<Status(N2nSupernode& now)> read_again;  // at SIGHUP
  std::vector<std::string> restart;  // flags that have changed and count only after a restart
  int threads = 0;
};
// As run_n2n_edge. kUsage without any community.
Status run_n2n_supernode(const N2nSupernode& supernode, Context& context);

// What a super node has to know of a user, or edges of a federation, whose password or name stands
// in the file: a line of n2n's file of communities, or a key. Empty `user`: a federation. What
// `marvel vpn pubkey` prints for n2n; it holds no secret. kDenied where others may read the file.
Result<std::string> n2n_public_text(const std::string& file, const std::string& user);

}  // namespace marvel::cli
