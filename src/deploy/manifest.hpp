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
// indices of lists where a list stands, and keys where a map does. An empty path is the document.
using Path = std::vector<std::string>;
// "spec.containers[0].image", as Kubernetes writes it. Keys with dots stand in brackets, and so do
// keys of digits only. For people: it cannot be read back.
std::string describe(const Path& path);

// One Kubernetes object: its body as JSON, where each part of it was written, and which parts hold
// secrets of variables. A value type; a copy copies the body and shares the source, which never
// changes. Not for two threads at once while one changes it. One that was moved from may only be
// destroyed or assigned to.
//
// The body may be changed in any way. Positions go on telling where things stood in the file: what
// was added later has the position of the nearest part around it that was there. They go by the
// path alone, so an item put into the middle of a list takes the place of the one that was there.
class Object {
 public:
  // `source` is kept for positions, and the body is made of it (to_json). Nothing is checked here:
  // to_objects refuses what is no object.
  Object(std::string file, Node source);
  // An object that stands in no file, for tests and for what marvel makes itself. Its file is "-",
  // its positions are nowhere.
  explicit Object(const nlohmann::json& body);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  [[nodiscard]] nlohmann::json& body() { return *body_; }
  [[nodiscard]] const nlohmann::json& body() const { return *body_; }

  // Of the body as it is, by a walk each time. Empty when absent or no text.
  [[nodiscard]] std::string api_version() const;
  [[nodiscard]] std::string kind() const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string space() const;  // metadata.namespace
  // "Deployment/cp-kafka", or with a namespace "Deployment/grn/cp-kafka".
  [[nodiscard]] std::string label() const;

  // Where values of secret variables stand in the body; to be hidden before it is shown. render()
  // with Secrets::kShow tells, and so does a revision read back from the cluster.
  [[nodiscard]] const Hidden& hidden() const { return hidden_; }
  void set_hidden(Hidden hidden) { hidden_ = std::move(hidden); }

  [[nodiscard]] const std::string& file() const { return file_; }
  // Where the value at `path` stands, or the key when the value is empty, or the nearest part
  // around it that stands in the source.
  [[nodiscard]] Position position(const Path& path = {}) const;
  // Where the key (or list item) at the end of `path` stands.
  [[nodiscard]] Position key_position(const Path& path) const;
  // The node at `path` as it was read, with its quotes; null when it is not in the source. It lives
  // as long as some copy of this object does.
  [[nodiscard]] const Node* source(const Path& path) const;

 private:
  struct Source;
  std::string file_;
  std::shared_ptr<const Source> source_;
  std::unique_ptr<nlohmann::json> body_;
  Hidden hidden_;
};

// The objects of a document tree; a `kind: List` gives its items. kInput with the position when a
// document is no map or has no apiVersion, kind or metadata.name (or generateName); one bad
// document fails all. `file` is kept in each object, for messages. Copies the trees.
Result<std::vector<Object>> to_objects(const std::string& file, const std::vector<Node>& documents);

// The objects of a YAML or JSON file without template variables: read_yaml, then to_objects, with
// the failures of both. A '$' in it stays.
Result<std::vector<Object>> read_manifests(std::string_view text, const std::string& file);

// YAML that any reader reads back to the same types, with a line "---" between objects. Text is
// quoted wherever YAML 1.1 or 1.2 would take it for something else; text with line ends becomes a
// block where that is exact. Keys are in alphabetical order. Secrets are written as they stand in
// the bodies: mask_all (render.hpp) first what is for people. No objects are no text. Bytes that
// are no UTF-8 become U+FFFD. An own writer, for yaml-cpp's drops the quotes of "3".
std::string write_yaml(const std::vector<Object>& objects);

}  // namespace marvel::deploy
