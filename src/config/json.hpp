#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel {

// Writing JSON, and showing a JSON document in the other formats of --output. Reading documents
// into structs is the business of the module that owns the struct; here is what all of them hold
// documents from outside against. Texts are passed as std::string, so that no header of a JSON
// library is needed to use them: small documents are put together by json_object, large ones by
// nlohmann-json in the .cpp file that needs it.
//   const std::string row = json_object({{"name", json_string(name)}, {"bytes", "12"}});
//   MARVEL_TRY(const std::string shown, yaml_from_json(row));
//
// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so a file name
// can never make a document unreadable.
std::string json_string(std::string_view text);

// {"name": value, ...} on one line; the values are JSON already (json_string, "true", "12"). They
// are not looked at: whoever passes one that is no JSON gets a document that is none. Names are
// quoted here, members stay in order, and a name given twice stands there twice.
std::string json_object(const std::vector<std::pair<std::string, std::string>>& members);

// The same document with line breaks and two blanks per level. kInternal when `json` is damaged,
// because every caller has just written it; the same for the two below. Ends with a line end, as
// the two below do. Memory for the whole document as a tree; recursion follows its depth, so it is
// for documents of ours, not for those of strangers.
Result<std::string> pretty_json(const std::string& json);
// As YAML, keys in the same order. Strings are always quoted, because a bare "no" or "1e3" would
// come back as another type.
Result<std::string> yaml_from_json(const std::string& json);
// One "path<TAB>value" line per leaf for cut and awk: "epochs.0.loss<TAB>0.31". Lists of plain
// values are one leaf, joined by commas; null is an empty value; tabs and line ends in strings
// are written as \t and \n.
//   {"epochs": [{"loss": 0.31}], "layers": [784, 10]}
// is
//   epochs.0.loss<TAB>0.31
//   layers<TAB>784,10
// Dots and commas inside of keys and values are not escaped: the format is for people at a shell.
Result<std::string> plain_from_json(const std::string& json);

// Whether the brackets of `json` stand inside of each other by more than `levels`. nlohmann reads
// any depth, but works on what it has read by recursion, so this is asked before. Brackets inside
// of strings do not count, and whether they fit each other is not looked at. One pass, no
// allocation.
[[nodiscard]] bool nests_deeper(std::string_view json, int levels);

}  // namespace marvel
