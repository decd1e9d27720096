#pragma once

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Server-side apply of older servers refuses two things that every server takes in other requests.
// Both are written as those want them; the object that the server makes of it is the same.
//
// - A port of a Service or container without `protocol`. The list is merged by number and
//   protocol, and the schema has the default only since 1.21 (kubernetes/kubernetes#98576).
// - A quantity that is a number, such as `cpu: 1`: 1.20 wants text there.
//
// Kinds that have neither, custom ones too, are left alone. The body is changed in place, and for
// every server: so what is sent does not depend on the server's version.
void write_for_old_servers(nlohmann::json& object);

}  // namespace marvel::rollout
