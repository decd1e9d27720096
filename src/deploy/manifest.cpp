#include "deploy/manifest.hpp"

#include "base/text.hpp"
#include "deploy/scalar.hpp"

#include <algorithm>

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

Step step(const Node& node, const std::string& name) {
  if (node.kind == Node::Kind::kMap) {
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      if (node.items[i].text == name) {
        return {&node.items[i], &node.items[i + 1]};
      }
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

// What `of` says of the last step along `path` that there is; the document's own without any.
template <class Of>
Position last_position(const Node& document, const Path& path, const Of& of) {
  Position last = document.position;
  const Node* node = &document;
  for (const std::string& part : path) {
    const Step next = step(*node, part);
    if (next.value == nullptr) {
      return last;
    }
    last = of(next);
    node = next.value;
  }
  return last;
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

Object::Object(std::string file, Node source)
    : file_(std::move(file)),
      source_(std::make_shared<const Node>(std::move(source))),
      body_(std::make_unique<Json>(to_json(*source_))) {}
Object::Object(const Json& body)
    : file_("-"), source_(std::make_shared<const Node>()), body_(std::make_unique<Json>(body)) {}
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
  return last_position(*source_, path, [](const Step& last) {
    const bool empty = last.value->kind == Node::Kind::kNull && last.key != nullptr;
    return (empty ? last.key : last.value)->position;
  });
}

Position Object::key_position(const Path& path) const {
  return last_position(*source_, path, [](const Step& last) {
    return (last.key != nullptr ? last.key : last.value)->position;
  });
}

const Node* Object::source(const Path& path) const {
  const Node* node = source_.get();
  for (const std::string& part : path) {
    node = step(*node, part).value;
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
