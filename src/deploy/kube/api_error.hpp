#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::kube {

// One line of `details.causes` of a Status object, as for a field of somebody else:
//   {"FieldManagerConflict", "conflict with \"kubectl\" using apps/v1", ".spec.replicas"}
struct Cause {
  std::string reason;
  std::string message;
  std::string field;
  bool operator==(const Cause&) const = default;
};

// What a Kubernetes Status object (the body of an answer that is no success) says. Servers quote
// what they refuse, so the texts may hold values of the request, secrets too.
struct ApiStatus {
  // The HTTP status, whatever the body's own code says.
  int code = 0;
  std::string reason;
  std::string message;
  // At most 100, without the doubles that old servers send.
  std::vector<Cause> causes;
};

// Reads a body; anything but a Status becomes a message made of the HTTP status and the first 200
// bytes of the body, without control characters. Never fails. Messages are cut off at 2000 bytes.
ApiStatus read_status(int http_status, std::string_view body);

// The same as an Error with the JSON word of its kind:
//   400, 405, 406, 413, 415, 422 kInput rejected
//   401 kDenied unauthorized       403 kDenied forbidden
//   404 kNotFound not_found        409 kConflict conflict     410 kConflict expired
//   408, 504 kTimeout timeout      429, 5xx and all else kUnavailable unavailable
// `what` names the request ("patching node edge1"). Callers tell kinds apart by the reason:
// "not_found" for what may be absent, "expired" for a list or watch that has to begin anew.
Error to_error(const ApiStatus& status, const std::string& what);

}  // namespace marvel::kube
