// PyYAML's layout, from its documentation and from what it writes. The rules that matter:
//   - a map's entries stand one per line; a list in a map is not indented, elsewhere it is
//   - text goes without quotes if it would be read back as text, else in '...', else in "..."
//   - a line is broken at the first single blank behind column 80, and goes on two blanks deeper
#include "deploy/karvdash.hpp"

#include "deploy/pyyaml_scalar.hpp"
#include "deploy/scalar.hpp"
#include "deploy/substitute.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLongestKey = 122;  // longer ones are written with '?'

// --- the writer ---

class Writer {
 public:
  void document(const Node& root) {
    if (!out_.empty()) {
      line_break(0);
      put("---");
      bare_line_ = false;
    }
    value(root, 0, false);
    out_ += '\n';
    column_ = 0;
    bare_line_ = true;
    out_.pop_back();
  }

  std::string take() {
    out_ += out_.empty() ? "" : "\n";
    return std::move(out_);
  }

 private:
  void put(std::string_view text) {
    out_ += text;
    column_ += text.size();
  }

  void line_break(std::size_t indent) {
    out_ += '\n';
    out_.append(indent, ' ');
    column_ = indent;
  }

  // Goes to column `indent`: on this line if it holds only dashes so far.
  void entry(std::size_t indent) {
    if (bare_line_ && column_ <= indent) {
      put(std::string(indent - column_, ' '));
    } else {
      line_break(indent);
    }
  }

  // A value behind "key:" or "-"; `indent` is where its entries go if it has some.
  void value(const Node& node, std::size_t indent, bool behind_key) {
    const bool list = node.kind == Node::Kind::kList;
    if ((list || node.kind == Node::Kind::kMap) && node.items.empty()) {
      put(out_.empty() ? "" : " ");
      put(list ? "[]" : "{}");
    } else if (list) {
      // Right behind a key, a list's dashes stand under the key.
      write_list(node, behind_key && !bare_line_ ? indent - 2 : indent);
    } else if (node.kind == Node::Kind::kMap) {
      write_map(node, indent);
    } else {
      put(" ");
      scalar(node, indent, true);
    }
  }

  void write_list(const Node& list, std::size_t indent) {
    for (const Node& item : list.items) {
      entry(indent);
      put("-");
      bare_line_ = true;
      value(item, indent + 2, false);
      bare_line_ = false;
    }
  }

  void write_map(const Node& map, std::size_t indent) {
    for (const std::size_t i : order(map)) {
      const Node& key = map.items[2 * i];
      entry(indent);
      bare_line_ = false;
      if (is_short(key)) {
        scalar(key, indent + 2, false);
        put(":");
        value(map.items[2 * i + 1], indent + 2, true);
      } else {
        put("? ");
        scalar(key, indent + 2, true);
        line_break(indent);
        put(":");
        bare_line_ = true;
        value(map.items[2 * i + 1], indent + 2, true);
      }
      bare_line_ = false;
    }
  }

  static bool is_short(const Node& key) {
    const auto letters = decode(typed_text(key).value_or(key.text));
    return letters.size() <= kLongestKey && !letters.empty() && !analyse(letters).several_lines;
  }

  // Python sorts keys of one type and leaves mixed ones as they are.
  static std::vector<std::size_t> order(const Node& map) {
    std::vector<std::size_t> entries(map.items.size() / 2);
    std::iota(entries.begin(), entries.end(), std::size_t{0});
    const auto is_text = [&](std::size_t i) { return !typed_text(map.items[2 * i]).has_value(); };
    if (std::all_of(entries.begin(), entries.end(), is_text)) {
      std::sort(entries.begin(), entries.end(), [&](std::size_t a, std::size_t b) {
        return map.items[2 * a].text < map.items[2 * b].text;
      });
      return entries;
    }
    const auto number = [&](std::size_t i) {
      const nlohmann::json value = plain_value(map.items[2 * i].text);
      return value.is_boolean()  ? (value.get<bool>() ? 1.0 : 0.0)
             : value.is_number() ? value.get<double>()
                                 : std::nan("");
    };
    if (std::none_of(entries.begin(), entries.end(), is_text) &&
        std::none_of(entries.begin(), entries.end(),
                     [&](std::size_t i) { return std::isnan(number(i)); })) {
      std::sort(entries.begin(), entries.end(),
                [&](std::size_t a, std::size_t b) { return number(a) < number(b); });
    }
    return entries;
  }

  // `fold` is false for keys, which stand on one line.
  void scalar(const Node& node, std::size_t indent, bool fold) {
    if (const auto typed = typed_text(node)) {
      plain(decode(*typed), indent, fold);
      return;
    }
    const std::u32string text = decode(node.text);
    const Allowed allowed = analyse(text);
    if (!text.empty() && reads_as_text(node.text) && allowed.plain) {
      plain(text, indent, fold);
    } else if (allowed.single_quotes && (fold || !allowed.several_lines)) {
      single_quoted(text, indent, fold);
    } else {
      double_quoted(text, indent, fold);
    }
  }

  void letters(const std::u32string& text, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      out_ += static_cast<char>(text[i]);  // ASCII here; all else is in double quotes
      ++column_;
    }
  }

  void plain(const std::u32string& text, std::size_t indent, bool fold) {
    words(text, indent, fold, false);
  }

  void single_quoted(const std::u32string& text, std::size_t indent, bool fold) {
    put("'");
    words(text, indent, fold, true);
    put("'");
  }

  // Runs of blanks, of line ends, and of all else.
  void words(const std::u32string& text, std::size_t indent, bool fold, bool quotes) {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = 0;
      if (text[begin] == ' ') {
        end = text.find_first_not_of(U' ', begin);
        end = std::min(end, text.size());
        const bool inside = !quotes || (begin != 0 && end != text.size());
        if (end == begin + 1 && column_ > kWidth && fold && inside) {
          line_break(indent);
        } else {
          letters(text, begin, end);
        }
      } else if (text[begin] == '\n') {
        end = std::min(text.find_first_not_of(U'\n', begin), text.size());
        out_.append(end - begin, '\n');  // one line end reads as a blank: write one more
        line_break(indent);
      } else {
        end = std::min(text.find_first_of(quotes ? U" \n'" : U" \n", begin + 1), text.size());
        put(quotes && text[begin] == '\'' ? "'" : "");
        end = quotes && text[begin] == '\'' ? begin + 1 : end;
        letters(text, begin, end);
      }
      begin = end;
    }
  }

  // A letter inside double quotes; empty for one that stands for itself.
  static std::string escape(char32_t c) {
    constexpr std::string_view kFrom("\0\a\b\t\n\v\f\r\x1B\"\\", 11);
    constexpr std::string_view kTo = "0abtnvfre\"\\";
    if (c < 0x80 && kFrom.find(static_cast<char>(c)) != std::string_view::npos) {
      return std::string("\\") + kTo[kFrom.find(static_cast<char>(c))];
    }
    if (c >= 0x20 && c <= 0x7E) {
      return "";
    }
    switch (c) {
      case 0x85:
        return "\\N";
      case 0xA0:
        return "\\_";
      case 0x2028:
        return "\\L";
      case 0x2029:
        return "\\P";
      default:
        break;
    }
    const int width = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string code = c <= 0xFF ? "\\x" : c <= 0xFFFF ? "\\u" : "\\U";
    for (int shift = 4 * (width - 1); shift >= 0; shift -= 4) {
      code += kHex[(c >> static_cast<unsigned>(shift)) & 15U];
    }
    return code;
  }

  // Lines may break at a blank, or behind an escape; a backslash says so.
  void double_quoted(const std::u32string& text, std::size_t indent, bool fold) {
    put("\"");
    std::size_t done = 0;  // what is written
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string code = escape(text[i]);
      if (!code.empty()) {
        letters(text, done, i);
        put(code);
        done = i + 1;
      }
      // Right behind an escape, `done` is one ahead of `i`, and the line counts as one shorter.
      const bool may = i > 0 && i + 1 < text.size() && (text[i] == ' ' || done >= i);
      if (may && column_ + i > kWidth + done && fold) {
        if (done < i) {
          letters(text, done, i);
          done = i;
        }
        put("\\");
        line_break(indent);
        if (text[done] == ' ') {
          put("\\");
        }
      }
    }
    letters(text, done, text.size());
    put("\"");
  }

  std::string out_;
  std::size_t column_ = 0;
  bool bare_line_ = true;  // only dashes (or '?', ':') so far on this line
};

Status check(const Node& node) {
  const bool collection = node.kind == Node::Kind::kList || node.kind == Node::Kind::kMap;
  if (collection && node.shared) {
    return fail(Errc::kUnsupported, "aliases have no form in --compat karvdash",
                "write out what they stand for");
  }
  if (node.kind == Node::Kind::kScalar && node.style == Node::Style::kPlain && is_time(node.text)) {
    return fail(Errc::kUnsupported, "times of day have no form in --compat karvdash",
                "put them into quotes");
  }
  for (const Node& item : node.items) {
    MARVEL_TRY_STATUS(check(item));
  }
  return {};
}

}  // namespace

Result<std::string> dump_like_pyyaml(const std::vector<Node>& documents) {
  Writer writer;
  for (const Node& document : documents) {
    MARVEL_TRY_STATUS(check(document));
    writer.document(document);
  }
  return writer.take();
}

Result<std::string> render_like_karvdash(const Template& source, const RenderOptions& options) {
  MARVEL_TRY(std::string text, dump_like_pyyaml(source.documents));
  if (!source.header) {
    return text;
  }
  const Header& header = *source.header;
  MARVEL_TRY(const auto values, effective_values(source, options.values));
  const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) {
      return std::nullopt;
    }
    const bool hidden = options.secrets != Secrets::kShow && find_variable(header, name)->secret;
    return hidden ? kMask : found->second;
  };
  return substitute(text, lookup, Dollars::kEscape);
}

}  // namespace marvel::deploy
