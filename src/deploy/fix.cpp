// Works on the text, at the positions of the tree's nodes, so that comments and layout stay:
//   backend:                      backend:
//     serviceName: web     ->       service:
//     servicePort: 80                 name: web
//                                     port:
//                                       number: 80
#include "deploy/fix.hpp"

#include "base/text.hpp"
#include "deploy/api_versions.hpp"
#include "deploy/scalar.hpp"
#include "deploy/yaml.hpp"

#include <algorithm>

namespace marvel::deploy {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // columns do not count it

// Replaces `size` bytes at `offset`.
struct Edit {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string text;
};

struct Entry {
  const Node* key = nullptr;
  const Node* value = nullptr;
};

Entry entry(const Node& map, std::string_view name) {
  if (map.kind == Node::Kind::kMap) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      if (map.items[i].text == name) {
        return {&map.items[i], &map.items[i + 1]};
      }
    }
  }
  return {};
}

std::vector<const Node*> items(const Node* list) {
  std::vector<const Node*> all;
  if (list != nullptr && list->kind == Node::Kind::kList) {
    for (const Node& item : list->items) {
      all.push_back(&item);
    }
  }
  return all;
}

class Fixer {
 public:
  Fixer(std::string_view text, std::string file, int minor)
      : text_(text), file_(std::move(file)), minor_(minor) {
    lines_.push_back(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') {
        lines_.push_back(i + 1);
      }
    }
  }

  void fix(const Node& document) {
    const Entry version = entry(document, "apiVersion");
    const std::string kind(text_at(document, "kind"));
    const OldApi* old =
        version.value == nullptr ? nullptr : find_old_api(version.value->text, kind);
    if (old == nullptr || minor_ < old->deprecated || minor_ < old->since || old->instead.empty() ||
        source_of(*version.value).empty()) {
      return;
    }
    const bool ingress = kind == "Ingress";
    if ((!old->same_body && !ingress) || (ingress && !fix_ingress(document))) {
      return;
    }
    replace_scalar(*version.value, std::string(old->instead));
    note(*version.value, kind + " is now " + std::string(old->instead));
  }

  Fixed finish() {
    std::sort(edits_.begin(), edits_.end(),
              [](const Edit& a, const Edit& b) { return a.offset > b.offset; });
    Fixed fixed{std::string(text_), std::move(changes_)};
    for (const Edit& edit : edits_) {
      fixed.text.replace(edit.offset, edit.size, edit.text);
    }
    return fixed;
  }

 private:
  [[nodiscard]] std::size_t offset(const Node& node) const {
    const auto line = static_cast<std::size_t>(node.position.line - 1);
    return std::min(lines_[std::min(line, lines_.size() - 1)] +
                        static_cast<std::size_t>(node.position.column - 1),
                    text_.size());
  }

  // The line that holds `node`, with its line end.
  [[nodiscard]] std::pair<std::size_t, std::size_t> line_of(const Node& node) const {
    const auto line = static_cast<std::size_t>(node.position.line - 1);
    const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] : text_.size();
    return {lines_[line], end};
  }

  // The text of a scalar on one line, quotes included; empty for what stands on several, and where
  // something stands before it, as an anchor or a tag.
  [[nodiscard]] std::string_view source_of(const Node& scalar) const {
    const std::size_t begin = offset(scalar);
    const std::string_view rest = text_.substr(begin, line_of(scalar).second - begin);
    if (scalar.style == Node::Style::kPlain) {
      return rest.starts_with(scalar.text) ? rest.substr(0, scalar.text.size())
                                           : std::string_view();
    }
    const char quote = rest.empty() ? '\0' : rest[0];
    const auto end = quote == '"' || quote == '\'' ? rest.find(quote, 1) : std::string_view::npos;
    const bool simple = end != std::string_view::npos && rest.substr(1, end - 1) == scalar.text;
    return simple ? rest.substr(0, end + 1) : std::string_view();
  }

  // Of a scalar that source_of knows.
  void replace_scalar(const Node& scalar, std::string text) {
    edits_.push_back({offset(scalar), source_of(scalar).size(), std::move(text)});
  }

  void note(const Node& where, const std::string& change) {
    changes_.push_back(describe(file_, where.position) + ": " + change);
  }

  // Whether a key stands alone at the beginning of its line, but for blanks and dashes.
  [[nodiscard]] bool begins_line(const Node& key) const {
    if (source_of(key).empty()) {
      return false;
    }
    const std::size_t begin = line_of(key).first;
    const std::string_view before = text_.substr(begin, offset(key) - begin);
    return before.find_first_not_of(" -") == std::string_view::npos;
  }

  [[nodiscard]] static std::string blanks(int column) {
    return std::string(static_cast<std::size_t>(column - 1), ' ');
  }

  // --- Ingress, v1beta1 to v1; false when something stands in a way that only people can edit ---

  bool fix_ingress(const Node& document) {
    const Node* spec = find(document, "spec");
    if (spec == nullptr || spec->kind != Node::Kind::kMap || spec->items.empty()) {
      return false;
    }
    const std::size_t edits = edits_.size();
    const std::size_t changes = changes_.size();
    bool good = fix_default_backend(*spec) && fix_class(document, *spec);
    for (const Node* rule : items(find(*spec, "rules"))) {
      const Node* http = find(*rule, "http");
      for (const Node* path : items(http == nullptr ? nullptr : find(*http, "paths"))) {
        good = good && fix_path(*path);
      }
    }
    if (!good) {
      edits_.resize(edits);
      changes_.resize(changes);
    }
    return good;
  }

  bool fix_default_backend(const Node& spec) {
    const Entry backend = entry(spec, "backend");
    if (backend.key == nullptr) {
      return true;
    }
    if (source_of(*backend.key).empty()) {
      return false;
    }
    replace_scalar(*backend.key, "defaultBackend");
    return fix_backend(*backend.value);
  }

  bool fix_path(const Node& path) {
    const Entry backend = entry(path, "backend");
    if (backend.key == nullptr || !fix_backend(*backend.value)) {
      return backend.key == nullptr;
    }
    if (find(path, "pathType") == nullptr) {
      const Node& first = path.items[0];
      if (!begins_line(first)) {
        return false;
      }
      edits_.push_back(
          {offset(first), 0, "pathType: ImplementationSpecific\n" + blanks(first.position.column)});
      note(first, "added pathType: ImplementationSpecific, which is how v1beta1 matched");
    }
    return true;
  }

  bool fix_backend(const Node& backend) {
    const Entry name = entry(backend, "serviceName");
    const Entry port = entry(backend, "servicePort");
    if (name.key == nullptr || port.key == nullptr || backend.items.size() != 4 ||
        !begins_line(*name.key) || !begins_line(*port.key)) {
      return find(backend, "service") != nullptr || find(backend, "resource") != nullptr;
    }
    const std::string_view name_text = source_of(*name.value);
    const std::string_view port_text = source_of(*port.value);
    if (name_text.empty() || port_text.empty()) {
      return false;
    }
    const std::string indent = blanks(name.key->position.column);
    // A variable may become either; only a name in quotes or in letters is surely a name.
    const bool number = port.value->style == Node::Style::kPlain &&
                        (plain_type(port.value->text) == ScalarType::kInteger ||
                         port.value->text.find('$') != std::string::npos);
    const Node& first = offset(*name.key) < offset(*port.key) ? *name.key : *port.key;
    const Node& second = &first == name.key ? *port.key : *name.key;
    edits_.push_back({offset(first), line_end(first) - offset(first),
                      "service:\n" + indent + "  name: " + std::string(name_text) + "\n" + indent +
                          "  port:\n" + indent + "    " + (number ? "number: " : "name: ") +
                          std::string(port_text) + comment_after(first)});
    remove_line(second);
    note(first, "serviceName and servicePort are now service.name and service.port");
    return true;
  }

  // What stands behind the value of `key` on its line: a comment, or nothing.
  [[nodiscard]] std::string comment_after(const Node& key) const {
    const std::string_view line = text_.substr(offset(key), line_end(key) - offset(key));
    const auto hash = line.find(" #");
    return hash == std::string_view::npos ? "" : std::string(line.substr(hash));
  }

  // The end of the line of `node`, before its line end.
  [[nodiscard]] std::size_t line_end(const Node& node) const {
    auto [begin, end] = line_of(node);
    while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) {
      --end;
    }
    return end;
  }

  void remove_line(const Node& node) {
    const auto [begin, end] = line_of(node);
    edits_.push_back({begin, end - begin, ""});
  }

  // The annotation that named the class becomes a field.
  bool fix_class(const Node& document, const Node& spec) {
    const Node* metadata = find(document, "metadata");
    const Entry annotations = metadata == nullptr ? Entry() : entry(*metadata, "annotations");
    const Entry old = annotations.value == nullptr
                          ? Entry()
                          : entry(*annotations.value, "kubernetes.io/ingress.class");
    if (old.key == nullptr || find(spec, "ingressClassName") != nullptr) {
      return true;
    }
    const std::string_view name = source_of(*old.value);
    const Node& first = spec.items[0];
    if (name.empty() || !begins_line(*old.key) || !begins_line(first)) {
      return false;
    }
    remove_line(*old.key);
    if (annotations.value->items.size() == 2) {
      remove_line(*annotations.key);
    }
    edits_.push_back(
        {offset(first), 0,
         "ingressClassName: " + std::string(name) + "\n" + blanks(first.position.column)});
    note(*old.key, "the annotation kubernetes.io/ingress.class is now spec.ingressClassName");
    return true;
  }

  std::string_view text_;
  std::string file_;
  int minor_;
  std::vector<std::size_t> lines_;  // offsets of their first bytes
  std::vector<Edit> edits_;
  std::vector<std::string> changes_;
};

}  // namespace

Result<Fixed> fix_old_apis(std::string_view text, const std::string& file, int minor) {
  MARVEL_TRY(const auto documents, read_yaml(text, file));
  Fixer fixer(text, file, minor);
  for (const Node& document : documents) {
    fixer.fix(document);
  }
  Fixed fixed = fixer.finish();
  // An edit that breaks the file would be worse than none.
  if (const auto again = read_yaml(fixed.text, file); !again) {
    return Fixed{std::string(text), {}};
  }
  return fixed;
}

}  // namespace marvel::deploy
