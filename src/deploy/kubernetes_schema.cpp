#include "deploy/kubernetes_schema.hpp"

#include <algorithm>
#include <utility>

namespace marvel::deploy {
namespace {

std::string_view next_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

}  // namespace

FieldKind FieldType::kind() const {
  if (text_.empty()) {
    return FieldKind::kUnknown;
  }
  if (text_.size() > 1) {
    return text_[0] == '['   ? FieldKind::kList
           : text_[0] == '{' ? FieldKind::kMap
                             : FieldKind::kObject;
  }
  switch (text_[0]) {
    case 's':
      return FieldKind::kText;
    case 'i':
      return FieldKind::kInteger;
    case 'n':
      return FieldKind::kNumber;
    case 'b':
      return FieldKind::kBoolean;
    case 'q':
      return FieldKind::kQuantity;
    case 'p':
      return FieldKind::kIntegerOrText;
    default:
      return FieldKind::kAny;
  }
}

FieldType FieldType::element() const {
  const FieldKind own = kind();
  const bool container = own == FieldKind::kList || own == FieldKind::kMap;
  return container ? FieldType(*schema_, text_.substr(1, text_.size() - 2)) : FieldType();
}

std::optional<FieldType> FieldType::field(std::string_view name) const {
  switch (kind()) {
    case FieldKind::kUnknown:
    case FieldKind::kAny:
      return FieldType();
    case FieldKind::kMap:
      return element();
    case FieldKind::kObject: {
      const Schema::Fields* fields = schema_->fields_of(text_);
      if (fields == nullptr) {
        return FieldType();
      }
      const auto found = fields->find(name);
      return found == fields->end() ? std::nullopt : std::optional(found->second.type);
    }
    default:
      return std::nullopt;
  }
}

std::vector<std::string> FieldType::fields() const {
  std::vector<std::string> names;
  const Schema::Fields* fields = kind() == FieldKind::kObject ? schema_->fields_of(text_) : nullptr;
  for (const auto& entry : fields != nullptr ? *fields : Schema::Fields()) {
    names.emplace_back(entry.first);
  }
  return names;
}

std::vector<std::string> FieldType::required_fields() const {
  std::vector<std::string> names;
  const Schema::Fields* fields = kind() == FieldKind::kObject ? schema_->fields_of(text_) : nullptr;
  for (const auto& [name, field] : fields != nullptr ? *fields : Schema::Fields()) {
    if (field.required) {
      names.emplace_back(name);
    }
  }
  return names;
}

std::string FieldType::words() const {
  switch (kind()) {
    case FieldKind::kText:
      return "text";
    case FieldKind::kInteger:
      return "a whole number";
    case FieldKind::kNumber:
      return "a number";
    case FieldKind::kBoolean:
      return "true or false";
    case FieldKind::kQuantity:
      return "a quantity as in 500m or 1Gi";
    case FieldKind::kIntegerOrText:
      return "a whole number or text";
    case FieldKind::kList:
      return "a list";
    case FieldKind::kObject:
    case FieldKind::kMap:
      return "a map";
    default:
      return "anything";
  }
}

Schema::Schema(std::string table) : table_(std::move(table)) {
  std::string_view rest = table_;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) {
      const std::string_view name = line.substr(0, colon);
      Fields fields = read_fields(line.substr(colon + 2));
      types_[name] = fields;
      if (const auto blank = name.find(' '); blank != std::string_view::npos) {
        // The same inside another object, as in volumeClaimTemplates, needs not say what it is.
        fields["apiVersion"].required = fields["kind"].required = false;
        types_[name.substr(0, blank)] = std::move(fields);
      }
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

Schema::Fields Schema::read_fields(std::string_view line) const {
  Fields fields;
  while (!line.empty()) {
    const std::string_view word = next_word(line);
    const auto equals = word.find('=');
    if (equals != std::string_view::npos) {
      const bool required = word[equals - 1] == '!';
      fields[word.substr(0, equals - (required ? 1 : 0))] = {
          FieldType(*this, word.substr(equals + 1)), required};
    }
  }
  return fields;
}

const Schema::Fields* Schema::fields_of(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

FieldType Schema::type(std::string_view api_version, std::string_view kind) const {
  const std::string name = std::string(kind) + " " + std::string(api_version);
  const auto found = types_.find(name);
  return found == types_.end() ? FieldType() : FieldType(*this, found->first);
}

std::vector<std::string> Schema::versions_of(std::string_view kind) const {
  std::vector<std::string> versions;
  for (const auto& entry : types_) {
    const auto blank = entry.first.find(' ');
    if (blank != std::string_view::npos && entry.first.substr(0, blank) == kind) {
      versions.emplace_back(entry.first.substr(blank + 1));
    }
  }
  return versions;
}

std::vector<std::string> Schema::kinds_of(std::string_view api_version) const {
  std::vector<std::string> kinds;
  for (const auto& entry : types_) {
    const auto blank = entry.first.find(' ');
    if (blank != std::string_view::npos && entry.first.substr(blank + 1) == api_version) {
      kinds.emplace_back(entry.first.substr(0, blank));
    }
  }
  return kinds;
}

const Schema& builtin_schema() {
  static const Schema kSchema{std::string(kubernetes_table())};
  return kSchema;
}

FieldType kubernetes_type(std::string_view api_version, std::string_view kind) {
  return builtin_schema().type(api_version, kind);
}

}  // namespace marvel::deploy
