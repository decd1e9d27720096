#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/taint.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::taint {

// The words that people write for taints, on the command line and in files, in kubectl's grammar
// (1.20 to 1.37). First of four steps: a Request is parsed here, edit.hpp works out what it does to
// one node, writer.hpp sends that, and desired.hpp does the same for a file that says how nodes
// shall be. All of this header is pure; any thread may call it.

using scheduling::Taint;

// A taint to take away: all of a key, or the one with that effect.
struct Removal {
  std::string key;
  std::string effect;  // empty: every effect
};
// "key:Effect", or "key".
std::string to_string(const Removal& removal);

// What a command line asks for, before any node is looked at. As parse_request makes it, no key and
// effect is twice in `add`, nothing in `add` is taken away by `remove`, and one of the two at least
// holds something. `nodes` may be empty: then a selector or --all says which.
struct Request {
  std::vector<std::string> nodes;
  std::vector<Taint> add;
  std::vector<Removal> remove;
};

// The words after `taint nodes`, in kubectl's grammar: node names, then specs. A word with '=' or
// ':' in it, or '-' at its end, is a spec:
//   key[=value]:Effect    adds       key[=value][:Effect]-    removes (the value is ignored)
// kUsage names the word and what is wrong: an unknown effect, a key or value that no label may
// have, the same key and effect twice, added and removed at once, a node name behind the first
// spec, or no spec at all.
//   parse_request({"grnedge1", "Layer=GRNEDGE1:NoSchedule", "old-"})   // adds one, removes all of
//   "old"
Result<Request> parse_request(const std::vector<std::string>& words);

// One spec of a file, which only adds: "Layer=GRNEDGE1:NoSchedule". kUsage for anything else, also
// without an effect. Its time_added is empty.
Result<Taint> parse_taint(std::string_view text);

// The rules of Kubernetes for keys ([prefix/]name) and values of labels and taints: names and
// values of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; the
// prefix a DNS name of at most 253 bytes. A value may be empty. The effects are NoSchedule,
// PreferNoSchedule and NoExecute, in just this spelling.
bool is_qualified_name(std::string_view key);
bool is_label_value(std::string_view value);
bool is_effect(std::string_view effect);

}  // namespace marvel::taint
