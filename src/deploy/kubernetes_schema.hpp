#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Which fields the objects of Kubernetes have, and of which types. render() asks for the type of a
// scalar without quotes, lint for mistakes. Both walk along an object and its type together:
//
//   FieldType type = kubernetes_type("apps/v1", "Deployment");
//   type.field("spec")->field("replicas")->kind()    // FieldKind::kInteger
//   type.field("spec")->field("replica")             // nothing: there is no such field
//
// "Unknown" is not "wrong": of a kind without schema nobody can say what is a mistake, so all of it
// is let through. Only a schema that is there and lacks a field makes one.

// What a field of a Kubernetes object may hold.
enum class FieldKind {
  kUnknown,  // no schema for this kind: anything
  kAny,      // the schema says anything; what is inside is unknown
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

class Schema;

// A type of a schema's table: a view into it, not to be used when the schema is gone. Cheap to
// copy. A type is written
//   s i n b q p *   text, integer, number, boolean, quantity, integer or text, anything
//   [T] {T}         a list or a map of T
//   Name            an object; its line is "Name: field=T required!=T ..."
// So names have at least two letters. An object whose line the table lacks has a field of unknown
// type under any name, and fields() is empty.
class FieldType {
 public:
  FieldType() = default;  // unknown
  FieldType(const Schema& schema, std::string_view text) : schema_(&schema), text_(text) {}

  [[nodiscard]] FieldKind kind() const;
  // As written in the table: "Container", "[s]", "Deployment apps/v1"; empty for unknown.
  [[nodiscard]] std::string_view name() const { return text_; }
  // Of a list or map; unknown for others.
  [[nodiscard]] FieldType element() const;
  // The type of a field of an object, or of any key of a map; unknown where there is no schema,
  // nothing when the schema has no such field. Lists and scalars have no fields.
  [[nodiscard]] std::optional<FieldType> field(std::string_view name) const;
  // The fields of an object, in alphabetical order; empty for others.
  [[nodiscard]] std::vector<std::string> fields() const;
  [[nodiscard]] std::vector<std::string> required_fields() const;
  // "a whole number", "text", ... for messages.
  [[nodiscard]] std::string words() const;

 private:
  const Schema* schema_ = nullptr;
  std::string_view text_;
};

// The fields of some kinds of objects. Any thread may read it. It is never copied or moved, because
// the types inside point back to it; keep one that must outlive a function in a unique_ptr.
class Schema {
 public:
  struct Field {
    FieldType type;
    bool required = false;
  };
  using Fields = std::map<std::string_view, Field>;

  // A line for each type, "Kind group/version: ..." for what objects are; other lines are left out,
  // without a failure. Of two lines of one name the later one counts. A kind's line also makes a
  // type by the bare name, for kinds inside others (volumeClaimTemplates): there apiVersion and
  // kind are not required. All is parsed here, once.
  explicit Schema(std::string table);
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;
  ~Schema() = default;

  // The type of objects of a kind: ("apps/v1", "Deployment"); unknown when the table has none.
  [[nodiscard]] FieldType type(std::string_view api_version, std::string_view kind) const;
  // The versions that have a kind, and the kinds that a version has; sorted as text, empty for
  // none. These go through the whole table.
  [[nodiscard]] std::vector<std::string> versions_of(std::string_view kind) const;
  [[nodiscard]] std::vector<std::string> kinds_of(std::string_view api_version) const;

 private:
  friend class FieldType;
  [[nodiscard]] Fields read_fields(std::string_view line) const;
  [[nodiscard]] const Fields* fields_of(std::string_view name) const;

  std::string table_;
  // "Name group/version" for a kind, "Name" for a type used inside; views of table_.
  std::map<std::string_view, Fields> types_;
};

// What marvel knows of Kubernetes 1.37 without a cluster. Read when first asked for: most runs need
// none of it. It lives until the program ends, so its types are always good.
const Schema& builtin_schema();
// builtin_schema().type(...).
FieldType kubernetes_type(std::string_view api_version, std::string_view kind);

// Its table; see FieldType for the notation.
std::string_view kubernetes_table();

}  // namespace marvel::deploy
