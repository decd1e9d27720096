#pragma once

#include "base/result.hpp"
#include "deploy/hidden.hpp"
#include "deploy/yaml.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// A place inside a document, outermost first: {"spec", "containers", "0", "image"}. Numbers are
// indices of lists.
using Path = std::vector<std::string>;
// "spec.containers[0].image", as Kubernetes writes it. Keys with dots stand in brackets.
std::string describe(const Path& path);

// One Kubernetes object: its body as JSON, where each part of it was written, and which parts hold
// secrets of variables. A value type;
// a copy copies the body and shares the source. Not for two threads at once while one changes it.
class Object {
 public:
  // `source` is the tree `body` was made of, for positions.
  Object(std::string file, Node source);
  // An object that stands in no file, for tests and for what marvel makes itself.
  explicit Object(const nlohmann::json& body);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  [[nodiscard]] nlohmann::json& body() { return *body_; }
  [[nodiscard]] const nlohmann::json& body() const { return *body_; }

  // Empty when absent or no text.
  [[nodiscard]] std::string api_version() const;
  [[nodiscard]] std::string kind() const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string space() const;  // metadata.namespace
  // "Deployment/cp-kafka", or with a namespace "Deployment/grn/cp-kafka".
  [[nodiscard]] std::string label() const;

  // Where values of secret variables stand in the body; to be hidden before it is shown.
  [[nodiscard]] const Hidden& hidden() const { return hidden_; }
  void set_hidden(Hidden hidden) { hidden_ = std::move(hidden); }

  [[nodiscard]] const std::string& file() const { return file_; }
  // Where the value at `path` stands, or the key when the value is empty, or the nearest part
  // around it that stands in the source.
  [[nodiscard]] Position position(const Path& path = {}) const;
  // Where the key (or list item) at the end of `path` stands.
  [[nodiscard]] Position key_position(const Path& path) const;
  // The node at `path` as it was read; null when it is not in the source.
  [[nodiscard]] const Node* source(const Path& path) const;

 private:
  std::string file_;
  std::shared_ptr<const Node> source_;
  std::unique_ptr<nlohmann::json> body_;
  Hidden hidden_;
};

// The objects of a document tree; a `kind: List` gives its items. kInput with the position when a
// document is no map or has no apiVersion, kind or metadata.name (or generateName).
Result<std::vector<Object>> to_objects(const std::string& file, const std::vector<Node>& documents);

// The objects of a YAML or JSON file without template variables.
Result<std::vector<Object>> read_manifests(std::string_view text, const std::string& file);

// YAML that any reader reads back to the same types, with a line "---" between objects. Text is
// quoted wherever YAML 1.1 or 1.2 would take it for something else; text with line ends becomes a
// block where that is exact. Keys are in alphabetical order.
std::string write_yaml(const std::vector<Object>& objects);

}  // namespace marvel::deploy
