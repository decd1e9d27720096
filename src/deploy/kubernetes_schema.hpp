#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// What a field of a Kubernetes object may hold.
enum class FieldKind {
  kUnknown,  // no schema for this kind: anything
  kAny,      // the schema says anything
  kText,
  kInteger,
  kNumber,
  kBoolean,
  kQuantity,       // "500m", "1Gi", or a number
  kIntegerOrText,  // a port by number or name
  kObject,
  kList,
  kMap,  // keys of the user's choice, values of one type
};

// A type of the table: a view into text that lives as long as the program. A type is written
//   s i n b q p *   text, integer, number, boolean, quantity, integer or text, anything
//   [T] {T}         a list or a map of T
//   Name            an object; its line is "Name: field=T required!=T ..."
class FieldType {
 public:
  FieldType() = default;  // unknown
  explicit FieldType(std::string_view text) : text_(text) {}

  [[nodiscard]] FieldKind kind() const;
  // As written in the table: "Container", "[s]".
  [[nodiscard]] std::string_view name() const { return text_; }
  // Of a list or map; unknown for others.
  [[nodiscard]] FieldType element() const;
  // The type of a field of an object, or of any key of a map; unknown where there is no schema,
  // nothing when the schema has no such field.
  [[nodiscard]] std::optional<FieldType> field(std::string_view name) const;
  // The fields of an object, in alphabetical order; empty for others.
  [[nodiscard]] std::vector<std::string> fields() const;
  [[nodiscard]] std::vector<std::string> required_fields() const;
  // "a whole number", "text", ... for messages.
  [[nodiscard]] std::string words() const;

 private:
  std::string_view text_;
};

// The type of objects of a kind: ("apps/v1", "Deployment"); unknown when the table has none.
FieldType kubernetes_type(std::string_view api_version, std::string_view kind);
// The versions that have a kind, and the kinds that a version has.
std::vector<std::string> api_versions_of(std::string_view kind);
std::vector<std::string> kinds_of(std::string_view api_version);

// The table itself; see FieldType for its notation.
std::string_view kubernetes_table();

}  // namespace marvel::deploy
