#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/taint.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::taint {

using scheduling::Taint;

// A taint to take away: all of a key, or the one with that effect.
struct Removal {
  std::string key;
  std::string effect;  // empty: every effect
};
// "key:Effect", or "key".
std::string to_string(const Removal& removal);

// What a command line asks for, before any node is looked at.
struct Request {
  std::vector<std::string> nodes;
  std::vector<Taint> add;
  std::vector<Removal> remove;
};

// The words after `taint nodes`, in kubectl's grammar: node names, then specs. A word with '=' or
// ':' in it, or '-' at its end, is a spec:
//   key[=value]:Effect    adds       key[=value][:Effect]-    removes (the value is ignored)
// kUsage names the word and what is wrong: an unknown effect, a key or value that no label may
// have, the same key and effect twice, or added and removed at once.
Result<Request> parse_request(const std::vector<std::string>& words);

// One spec of a file, which only adds: "Layer=GRNEDGE1:NoSchedule".
Result<Taint> parse_taint(std::string_view text);

// The rules of Kubernetes for keys ([prefix/]name) and values of labels and taints.
bool is_qualified_name(std::string_view key);
bool is_label_value(std::string_view value);
bool is_effect(std::string_view effect);

}  // namespace marvel::taint
