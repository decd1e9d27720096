#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::kube {

// One line of `details.causes` of a Status object.
struct Cause {
  std::string reason;
  std::string message;
  std::string field;
  bool operator==(const Cause&) const = default;
};

// What a Kubernetes Status object (the body of an answer that is no success) says.
struct ApiStatus {
  int code = 0;
  std::string reason;
  std::string message;
  std::vector<Cause> causes;  // without the doubles that old servers send
};

// Reads a body; anything but a Status becomes a message made of the HTTP status.
ApiStatus read_status(int http_status, std::string_view body);

// The same as an Error with the JSON word of its kind:
//   400, 422 kInput rejected       401 kDenied unauthorized   403 kDenied forbidden
//   404 kNotFound not_found        409 kConflict conflict     410 kConflict expired
//   408, 504 kTimeout timeout      429, 5xx kUnavailable unavailable
// `what` names the request ("patching node edge1").
Error to_error(const ApiStatus& status, const std::string& what);

}  // namespace marvel::kube
