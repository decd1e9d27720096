#pragma once

#include "federate/privacy/options.hpp"

#include <nlohmann/json_fwd.hpp>

namespace marvel::federate {

// The object "privacy" of reports and of the checkpoint; see docs/formats/fedl.md.
nlohmann::ordered_json privacy_json(const PrivacyReport& report);
// The reverse. Throws nlohmann's exceptions, as all reading of the checkpoint
// does inside checkpoint.cpp, also for numbers that no account can hold.
PrivacyReport privacy_from(const nlohmann::ordered_json& json);

}  // namespace marvel::federate
