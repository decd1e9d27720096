// Builds the tree from yaml-cpp's events, which tell positions, quotes and aliases; its own nodes
// hide the aliases. yaml-cpp throws; nothing thrown leaves this file.
#include "deploy/yaml.hpp"

#include "deploy/yaml_quirks.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace marvel::deploy {
namespace {

// Thrown through yaml-cpp, which offers no other way to stop it.
struct Refusal : std::exception {
  Refusal(Position where, std::string text, std::string way_out = {})
      : position(where), what_text(std::move(text)), hint(std::move(way_out)) {}
  [[nodiscard]] const char* what() const noexcept override { return what_text.c_str(); }
  Position position;
  std::string what_text;
  std::string hint;
};

// What looks like a tag or an anchor may be a password, so it is never repeated.
constexpr const char* kQuoteIt = "a value that begins with !, & or * needs quotes";

Position at(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

constexpr std::string_view kCore = "tag:yaml.org,2002:";

// The style a tag asks for. yaml-cpp says "?" for no tag and "!" for quotes.
Node::Style style_of(const std::string& tag, Position position) {
  if (tag.empty() || tag == "?") {
    return Node::Style::kPlain;
  }
  if (tag == "!" || tag == "tag:yaml.org,2002:str") {
    return Node::Style::kText;
  }
  for (const std::string_view core : {"int", "float", "bool", "null"}) {
    if (tag.starts_with(kCore) && std::string_view(tag).substr(kCore.size()) == core) {
      return Node::Style::kPlain;
    }
  }
  throw Refusal(position, "this tag has no meaning here", kQuoteIt);
}

void check_collection_tag(const std::string& tag, std::string_view core, Position position) {
  const bool known = tag.empty() || tag == "?" || tag == "!" ||
                     (tag.starts_with(kCore) && std::string_view(tag).substr(kCore.size()) == core);
  if (!known) {
    throw Refusal(position, "this tag has no meaning here", kQuoteIt);
  }
}

// The merge key's own work, when a map is complete.
class Merger {
 public:
  // Replaces "<<" entries of `map` by what they name.
  static void merge(Node& map) {
    std::vector<Node> own;
    std::vector<const Node*> sources;
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      if (is_merge_key(map.items[i])) {
        collect(map.items[i + 1], map.items[i].position, sources);
      } else {
        own.push_back(map.items[i]);
        own.push_back(map.items[i + 1]);
      }
    }
    if (own.size() != map.items.size()) {
      add(sources, own);
      map.items = std::move(own);
    }
  }

 private:
  static bool is_merge_key(const Node& key) {
    return key.style == Node::Style::kPlain && key.text == "<<";
  }

  static void collect(const Node& value, Position position, std::vector<const Node*>& sources) {
    if (value.kind == Node::Kind::kMap) {
      sources.push_back(&value);
      return;
    }
    const bool maps = value.kind == Node::Kind::kList &&
                      std::all_of(value.items.begin(), value.items.end(),
                                  [](const Node& item) { return item.kind == Node::Kind::kMap; });
    if (!maps) {
      throw Refusal(position, "the merge key << needs a map or a list of maps");
    }
    for (const Node& item : value.items) {
      sources.push_back(&item);
    }
  }

  static void add(const std::vector<const Node*>& sources, std::vector<Node>& own) {
    std::unordered_set<std::string> known;
    for (std::size_t i = 0; i < own.size(); i += 2) {
      known.insert(own[i].text);
    }
    for (const Node* source : sources) {
      for (std::size_t i = 0; i + 1 < source->items.size(); i += 2) {
        if (known.insert(source->items[i].text).second) {
          own.push_back(source->items[i]);
          own.push_back(source->items[i + 1]);
        }
      }
    }
  }
};

// Receives the events of one file.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const YamlLimits& limits) : text_(text), limits_(limits) {}

  std::vector<Node> take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {
    root_.reset();
    anchors_.clear();
  }

  void OnDocumentEnd() override {
    if (root_ && root_->kind != Node::Kind::kNull) {
      documents_.push_back(std::move(*root_));
    }
    root_.reset();
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.position = at(mark);
    count(node.position);
    place(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Refusal(at(mark), "an alias inside its own anchor never ends");
    }
    charge(found->second, at(mark), open_.size());
    Node copy = found->second;
    mark_shared(copy);
    place(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::kScalar;
    node.position = at(mark);
    node.style = style_of(tag, node.position);
    node.text = repair_latin1(value);
    if (node.style == Node::Style::kText &&
        loses_line_ends(text_, static_cast<std::size_t>(mark.pos))) {
      throw Refusal(node.position, "blank lines before the closing quote mean different things");
    }
    count(node.position);
    place(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    check_collection_tag(tag, "seq", at(mark));
    open(Node::Kind::kList, at(mark), anchor);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    check_collection_tag(tag, "map", at(mark));
    open(Node::Kind::kMap, at(mark), anchor);
  }

  void OnMapEnd() override {
    check_keys(open_.back().node);
    Merger::merge(open_.back().node);
    close();
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
  };

  void open(Node::Kind kind, Position position, YAML::anchor_t anchor) {
    check_level(open_.size(), position);
    count(position);
    Node node;
    node.kind = kind;
    node.position = position;
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.node), done.anchor);
  }

  void place(Node node, YAML::anchor_t anchor) {
    if (anchor != 0 && !limits_.anchors) {
      throw Refusal(node.position, "this anchor has no meaning here", kQuoteIt);
    }
    if (anchor != 0) {
      charge(node, node.position, open_.size());  // the copy that is kept for aliases
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().node.items.push_back(std::move(node));
    }
  }

  static void check_keys(const Node& map) {
    std::unordered_map<std::string_view, Position> seen;
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      const Node& key = map.items[i];
      if (key.kind != Node::Kind::kScalar) {
        throw Refusal(key.position, "a key must be plain text");
      }
      const bool merge = key.text == "<<" && key.style == Node::Style::kPlain;
      const auto [first, fresh] = seen.try_emplace(key.text, key.position);
      if (!fresh && !merge) {
        throw Refusal(key.position, "'" + key.text + "' stands here twice, first in line " +
                                        std::to_string(first->second.line));
      }
    }
  }

  static void mark_shared(Node& node) {
    node.shared = true;
    std::for_each(node.items.begin(), node.items.end(), mark_shared);
  }

  void check_level(std::size_t level, Position position) const {
    if (level >= limits_.depth) {
      throw Refusal(position, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
  }

  void count(Position position) {
    if (++nodes_ > limits_.nodes) {
      throw Refusal(position, "more than " + std::to_string(limits_.nodes) + " values");
    }
  }

  // Counts what a copy of `node` adds, which has `level` lists and maps around it.
  void charge(const Node& node, Position position, std::size_t level) {
    count(position);
    if (node.kind != Node::Kind::kScalar) {
      check_level(level, position);
    }
    copied_ += node.text.size();
    if (copied_ > limits_.alias_bytes) {
      throw Refusal(position, "aliases repeat too much text");
    }
    for (const Node& item : node.items) {
      charge(item, position, level + 1);
    }
  }

  std::string_view text_;
  const YamlLimits& limits_;
  std::vector<Node> documents_;
  std::optional<Node> root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  std::size_t copied_ = 0;
};

tl::unexpected<Error> refuse(const std::string& name, Position position, const std::string& what,
                             const std::string& hint = {}) {
  return fail(Errc::kInput, describe(name, position) + ": " + what, hint);
}

// What to do about yaml-cpp's complaint, where its words leave people alone.
std::string hint_for(std::string_view text, const YAML::Mark& mark, const std::string& complaint) {
  if (complaint.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    return kQuoteIt;
  }
  std::size_t begin = 0;
  for (int line = 0; line < mark.line && begin != std::string_view::npos; ++line) {
    begin = text.find('\n', begin);
    begin += begin == std::string_view::npos ? 0 : 1;
  }
  if (begin >= text.size()) {
    return {};
  }
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.find("${") != std::string_view::npos && line.find('{') != line.find("${") + 1) {
    return "quote \"${...}\" inside braces";
  }
  if (line.find('\t') != std::string_view::npos) {
    return "indent with blanks, not with tabs";
  }
  return {};
}

}  // namespace

Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& name,
                                    const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    return fail(Errc::kInput, name + ": larger than " + std::to_string(limits.bytes >> 20) + " MiB",
                "split it into several files");
  }
  if (const auto position = control_character(text)) {
    return refuse(name, *position, "a control character does not belong into YAML");
  }
  if (const auto position = broken_utf8(text)) {
    return refuse(name, *position, "the text is not UTF-8 here", "save the file as UTF-8");
  }
  try {
    const std::string source = join_surrogates(text);
    std::istringstream input(source);
    YAML::Parser parser(input);
    Builder builder(source, limits);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refusal& refusal) {
    return refuse(name, refusal.position, refusal.what_text, refusal.hint);
  } catch (const YAML::Exception& error) {
    return refuse(name, at(error.mark), error.msg, hint_for(text, error.mark, error.msg));
  } catch (const std::exception& error) {
    return fail(Errc::kInput, name + ": " + error.what());
  }
}

std::string describe(const std::string& file, Position position) {
  return position.line == 0
             ? file
             : file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

const Node* find(const Node& node, std::string_view key) {
  if (node.kind != Node::Kind::kMap) {
    return nullptr;
  }
  for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
    if (node.items[i].text == key) {
      return &node.items[i + 1];
    }
  }
  return nullptr;
}

Node* find(Node& node, std::string_view key) {
  return const_cast<Node*>(find(static_cast<const Node&>(node), key));
}

std::string_view text_at(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  return value != nullptr && value->kind == Node::Kind::kScalar ? std::string_view(value->text)
                                                                : std::string_view();
}

}  // namespace marvel::deploy
