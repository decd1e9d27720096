#pragma once

#include "deploy/yaml.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace marvel::deploy {

// Where yaml-cpp 0.7 reads text in another way than it says or than others do. Internal to
// yaml.cpp, which calls them around the parser:
//
//   before     control_character, broken_utf8: what it would read wrong without a word is refused;
//              join_surrogates: what it refuses without need is rewritten
//   for each   repair_latin1, loses_line_ends: what it decodes wrong is repaired where that is
//   scalar     possible, and refused where the text is lost
//
// Each goes once over its argument and keeps nothing.

// The first control character but tabs and line ends. One would end yaml-cpp's reading early (it
// takes 4 for the end of the file), so that half a manifest would pass for a whole one.
std::optional<Position> control_character(std::string_view text);

// The first byte that is no UTF-8 (RFC 3629). yaml-cpp would hand it on, and no JSON can hold it.
// UTF-16 with its byte order mark, which YAML allows, is refused here or by control_character.
std::optional<Position> broken_utf8(std::string_view text);

// For the text of one scalar.
// yaml-cpp decodes the escapes \N and \_ to one byte of Latin-1, which is no UTF-8. This makes
// UTF-8 of such bytes; they come from nowhere else, since its reader has made all other text UTF-8.
std::string repair_latin1(const std::string& text);

// Whether the quoted scalar that begins at `begin` ends in blank lines: yaml-cpp drops them, where
// others keep them. False for scalars without quotes, and for a `begin` behind the text. `text` is
// the whole source that the parser saw, `begin` an offset in it.
bool loses_line_ends(std::string_view text, std::size_t begin);

// JSON writes letters beyond 16 bits as two escapes ("\ud83d\ude00"), which YAML does not know.
// Where `text` begins as JSON does ('{' or '['), this makes one escape of YAML of each pair:
// "\U0001f600", which is two bytes shorter, so columns behind it on the line are too. Other text
// comes back as it is.
std::string join_surrogates(std::string_view text);

}  // namespace marvel::deploy
