#pragma once

#include "deploy/yaml.hpp"

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// What a scalar without quotes means. The rules are YAML 1.1's as PyYAML 6 applies them, because
// the old templates were written for that reader: 0644 is 420, yes and on are true, 1_000 is 1000,
// 12:30 is 750, and 1e3 and 0o644 stay text. Dates stay text too, since JSON has no dates.
// tests/deploy/against_python.py asks PyYAML about thousands of random scalars.
//
// Reading and writing want different answers. What a file means is one reader's word: plain_type.
// What may be written without quotes is what no reader types: needs_quotes, which is stricter.
// None of these functions fails; any thread may call them.
enum class ScalarType { kNull, kBoolean, kInteger, kReal, kText };
ScalarType plain_type(std::string_view text);

// The value of `text` without quotes. Decimal integers beyond 64 bits become reals; binary, octal
// and hexadecimal ones stay text, and so do .inf and .nan, which JSON cannot say.
nlohmann::json plain_value(std::string_view text);

// Whether some reader of YAML (1.1 or 1.2) gives plain `text` a type other than text, or takes it
// for syntax. Such text needs quotes when it is written. On the safe side: text with commas or
// brackets, and all that is not printable ASCII, counts as needing them wherever it stands.
bool needs_quotes(std::string_view text);

// Whether the readers in use disagree on plain `text`: PyYAML, Kubernetes' own reader, YAML 1.2.
// "12:30", "1e3", "y", "yes", "0o17", "0644", "1_000". What means the same to all of them ("true",
// "3", "v1") is not ambiguous. For lint, which warns of such text where it stands for text.
bool ambiguous(std::string_view text);

// The whole tree as JSON. Keys are always the text as written, whatever type it would have, for
// Kubernetes has no other keys: "80: web" is {"80": "web"}. Positions and quotes are lost here.
nlohmann::json to_json(const Node& node);

}  // namespace marvel::deploy
