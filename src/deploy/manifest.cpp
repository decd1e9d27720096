#include "deploy/manifest.hpp"

#include "base/text.hpp"
#include "deploy/scalar.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

const Json* step(const Json& body, std::string_view key) {
  const auto found = body.is_object() ? body.find(std::string(key)) : body.end();
  return found != body.end() ? &*found : nullptr;
}

std::string text_of(const Json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string metadata_text(const Json& body, std::string_view key) {
  const Json* metadata = step(body, "metadata");
  return metadata == nullptr ? std::string() : text_of(step(*metadata, key));
}

// The key node and the value node one level down; key is null in lists.
struct Step {
  const Node* key = nullptr;
  const Node* value = nullptr;
};

// Where the keys of large maps stand: an object with n of them asks for each, and to look through
// the map each time would cost n² steps.
using KeyIndex = std::unordered_map<std::string_view, std::size_t>;
using LargeMaps = std::unordered_map<const Node*, KeyIndex>;
constexpr std::size_t kLargeMap = 64;  // nodes; keys and values

LargeMaps index_large_maps(const Node& document) {
  LargeMaps all;
  std::vector<const Node*> open{&document};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    if (node.kind == Node::Kind::kMap && node.items.size() >= kLargeMap) {
      KeyIndex& index = all[&node];
      for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        index.try_emplace(node.items[i].text, i);
      }
    }
    for (const Node& item : node.items) {
      open.push_back(&item);
    }
  }
  return all;
}

std::optional<std::size_t> place_of(const Node& map, const LargeMaps& large,
                                    const std::string& name) {
  if (const auto index = large.find(&map); index != large.end()) {
    const auto found = index->second.find(name);
    return found == index->second.end() ? std::nullopt : std::optional(found->second);
  }
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    if (map.items[i].text == name) {
      return i;
    }
  }
  return std::nullopt;
}

Step step(const Node& node, const LargeMaps& large, const std::string& name) {
  if (node.kind == Node::Kind::kMap) {
    if (const auto place = place_of(node, large, name)) {
      return {&node.items[*place], &node.items[*place + 1]};
    }
  } else if (node.kind == Node::Kind::kList) {
    const auto index = parse_unsigned(name);
    if (index && *index < node.items.size()) {
      return {nullptr, &node.items[*index]};
    }
  }
  return {};
}

Status check(const std::string& file, const Node& document) {
  if (document.kind != Node::Kind::kMap) {
    return fail(Errc::kInput, describe(file, document.position) +
                                  ": expected an object, as in "
                                  "'kind: Deployment'");
  }
  for (const std::string_view key : {"apiVersion", "kind"}) {
    if (text_at(document, key).empty()) {
      return fail(Errc::kInput,
                  describe(file, document.position) + ": an object without " + std::string(key),
                  "every Kubernetes object needs apiVersion, kind and metadata.name");
    }
  }
  return {};
}

Status check_name(const std::string& file, const Node& document) {
  const Node* metadata = find(document, "metadata");
  if (metadata == nullptr ||
      (text_at(*metadata, "name").empty() && text_at(*metadata, "generateName").empty())) {
    return fail(Errc::kInput,
                describe(file, (metadata != nullptr ? *metadata : document).position) + ": " +
                    std::string(text_at(document, "kind")) + " without metadata.name");
  }
  return {};
}

}  // namespace

std::string describe(const Path& path) {
  std::string text;
  for (const std::string& part : path) {
    const bool index = !part.empty() && std::all_of(part.begin(), part.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
    if (index || part.find('.') != std::string::npos) {
      text += "[" + part + "]";
    } else {
      text += (text.empty() ? "" : ".") + part;
    }
  }
  return text;
}

// The document as it was read. It never changes and never moves: the index points into it.
struct Object::Source {
  explicit Source(Node tree) : document(std::move(tree)), large(index_large_maps(document)) {}

  // What `of` says of the last step along `path` that there is; the document's own without any.
  template <class Of>
  Position last_position(const Path& path, const Of& of) const {
    Position last = document.position;
    const Node* node = &document;
    for (const std::string& part : path) {
      const Step next = step(*node, large, part);
      if (next.value == nullptr) {
        return last;
      }
      last = of(next);
      node = next.value;
    }
    return last;
  }

  Node document;
  LargeMaps large;
};

Object::Object(std::string file, Node source)
    : file_(std::move(file)),
      source_(std::make_shared<const Source>(std::move(source))),
      body_(std::make_unique<Json>(to_json(source_->document))) {}
Object::Object(const Json& body)
    : file_("-"),
      source_(std::make_shared<const Source>(Node())),
      body_(std::make_unique<Json>(body)) {}
Object::Object(const Object& other)
    : file_(other.file_),
      source_(other.source_),
      body_(std::make_unique<Json>(*other.body_)),
      hidden_(other.hidden_) {}
Object::Object(Object&& other) noexcept = default;
Object& Object::operator=(const Object& other) {
  return *this = Object(other);
}
Object& Object::operator=(Object&& other) noexcept = default;
Object::~Object() = default;

std::string Object::api_version() const {
  return text_of(step(*body_, "apiVersion"));
}
std::string Object::kind() const {
  return text_of(step(*body_, "kind"));
}
std::string Object::name() const {
  return metadata_text(*body_, "name");
}
std::string Object::space() const {
  return metadata_text(*body_, "namespace");
}
std::string Object::label() const {
  return kind() + "/" + (space().empty() ? "" : space() + "/") + name();
}

Position Object::position(const Path& path) const {
  return source_->last_position(path, [](const Step& last) {
    const bool empty = last.value->kind == Node::Kind::kNull && last.key != nullptr;
    return (empty ? last.key : last.value)->position;
  });
}

Position Object::key_position(const Path& path) const {
  return source_->last_position(path, [](const Step& last) {
    return (last.key != nullptr ? last.key : last.value)->position;
  });
}

const Node* Object::source(const Path& path) const {
  const Node* node = &source_->document;
  for (const std::string& part : path) {
    node = step(*node, source_->large, part).value;
    if (node == nullptr) {
      return nullptr;
    }
  }
  return node;
}

Result<std::vector<Object>> to_objects(const std::string& file,
                                       const std::vector<Node>& documents) {
  std::vector<Object> objects;
  for (const Node& document : documents) {
    MARVEL_TRY_STATUS(check(file, document));
    const Node* items = find(document, "items");
    const bool list =
        text_at(document, "kind") == "List" && items != nullptr && items->kind == Node::Kind::kList;
    if (list) {
      MARVEL_TRY(auto inner, to_objects(file, items->items));
      std::move(inner.begin(), inner.end(), std::back_inserter(objects));
      continue;
    }
    MARVEL_TRY_STATUS(check_name(file, document));
    objects.emplace_back(file, document);
  }
  return objects;
}

Result<std::vector<Object>> read_manifests(std::string_view text, const std::string& file) {
  MARVEL_TRY(const auto documents, read_yaml(text, file));
  return to_objects(file, documents);
}

}  // namespace marvel::deploy
