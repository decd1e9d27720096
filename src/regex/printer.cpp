#include "regex/printer.hpp"

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "config/json.hpp"

#include <algorithm>

namespace marvel::regex {
namespace {

using JsonMembers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kFlushAt = std::size_t{64} << 10;

// Begin of the line whose end is at `end`.
std::size_t line_begin(std::string_view text, std::size_t end) {
  const auto before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Printer::Printer(const PatternSet& set, const SearchOptions& options, Output& output,
                 const StopFlag& stop)
    : set_(set),
      options_(options),
      output_(output),
      stop_(stop),
      matcher_(*set.program, &stop),
      with_names_(options.file_names == FileNames::kAlways ||
                  (options.file_names == FileNames::kAuto && options.inputs.size() > 1)),
      by_pattern_(set.patterns.size(), 0) {
  for (std::uint32_t i = 0; i < set.patterns.size(); ++i) {
    all_patterns_.push_back(i);
  }
}

bool Printer::wants_lines() const {
  return !options_.quiet && !options_.names_only && !options_.count && !options_.count_by_pattern;
}

bool Printer::is_enough() const {
  const bool one_will_do = options_.quiet || options_.names_only;
  return (one_will_do && selected_lines_ > 0) ||
         (options_.max_count && selected_lines_ >= *options_.max_count);
}

void Printer::begin_input(const std::string& name) {
  name_ = name == "-" ? "(standard input)" : name;
  selected_lines_ = 0;
  lines_before_ = 0;
  binary_ = false;
}

// --- Selecting ---

void Printer::keep_full_matches(std::string_view text) {
  std::erase_if(selected_, [&](std::uint32_t end) {
    if (stop_.raised()) {  // what is left is not printed
      return true;
    }
    const std::size_t begin = line_begin(text, end);
    return matcher_.which(text.substr(begin, end - begin)).size() < set_.patterns.size();
  });
}

void Printer::invert(std::string_view text) {
  std::vector<std::uint32_t> others;
  auto taken = selected_.begin();
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    if (taken != selected_.end() && *taken == end) {
      ++taken;
    } else {
      others.push_back(static_cast<std::uint32_t>(end));
    }
  }
  selected_ = std::move(others);
}

void Printer::select(const Job& job) {
  selected_ = job.ends;
  if (options_.all_of) {
    keep_full_matches(job.block.text());
  }
  if (options_.invert) {
    invert(job.block.text());
  }
  if (options_.max_count) {
    const auto room = *options_.max_count - std::min(selected_lines_, *options_.max_count);
    selected_.resize(std::min<std::size_t>(selected_.size(), room));
  }
}

// --- Printing ---

Result<bool> Printer::add(const Job& job) {
  select(job);
  selected_lines_ += selected_.size();
  matched_ = matched_ || !selected_.empty();
  if (!options_.as_text && !binary_) {
    binary_ = job.block.text().find('\0') != std::string_view::npos;
  }
  const bool prints = wants_lines() && !binary_;
  if (!selected_.empty() && (prints || options_.count_by_pattern)) {
    MARVEL_TRY_STATUS(print_lines(job));
  }
  if (options_.line_numbers || options_.json) {
    lines_before_ += count_lines(job.block.text());
  }
  const bool told_binary = binary_ && wants_lines() && selected_lines_ > 0;
  return !is_enough() && !told_binary;
}

Status Printer::print_lines(const Job& job) {
  const std::string_view text = job.block.text();
  const bool numbered = options_.line_numbers || options_.json;
  std::uint64_t number = lines_before_ + 1;
  std::size_t counted = 0;  // line ends before it are in `number`
  for (const std::size_t end : selected_) {
    if (stop_.raised()) {
      break;
    }
    const std::size_t begin = line_begin(text, end);
    if (numbered) {
      number += count_lines(text.substr(counted, begin - counted));
      counted = begin;
    }
    MARVEL_TRY_STATUS(
        print_line({text.substr(begin, end - begin), job.block.offset + begin, number}));
    MARVEL_TRY_STATUS(flush_if_full());
  }
  return {};
}

const std::vector<std::uint32_t>& Printer::patterns_of(const Line& line) {
  return options_.invert ? none_ : matcher_.which(line.text);
}

// A long text is handed on as it stands, without a copy.
Status Printer::print_text(std::string_view text) {
  if (text.size() >= kFlushAt) {
    MARVEL_TRY_STATUS(flush());
    MARVEL_TRY_STATUS(output_.write(text));
  } else {
    buffer_ += text;
  }
  buffer_ += '\n';
  return {};
}

Status Printer::print_line(const Line& line) {
  if (options_.count_by_pattern) {
    for (const auto pattern : patterns_of(line)) {
      ++by_pattern_[pattern];
    }
  } else if (options_.json) {
    return print_json(line);
  } else if (options_.only_matching) {
    return print_spans(line);
  } else {
    print_prefix(line, line.offset);
    return print_text(line.text);
  }
  return {};
}

void Printer::print_name(char separator) {
  if (with_names_) {
    buffer_ += name_;
    buffer_ += options_.null_names ? '\0' : separator;
  }
}

void Printer::print_prefix(const Line& line, std::uint64_t offset) {
  print_name(':');
  if (options_.line_numbers) {
    buffer_ += std::to_string(line.number) + ":";
  }
  if (options_.byte_offsets) {
    buffer_ += std::to_string(offset) + ":";
  }
  if (options_.which) {
    const char* separator = "";
    for (const auto pattern : patterns_of(line)) {
      buffer_ += separator + set_.patterns[pattern].id;
      separator = ",";
    }
    buffer_ += ':';
  }
}

Status Printer::print_spans(const Line& line) {
  std::size_t from = 0;
  while (!options_.invert && !stop_.raised()) {
    const auto span = matcher_.next_span(line.text, from, all_patterns_);
    if (!span) {
      break;
    }
    if (span->end > span->begin) {
      print_prefix(line, line.offset + span->begin);
      MARVEL_TRY_STATUS(print_text(line.text.substr(span->begin, span->end - span->begin)));
      MARVEL_TRY_STATUS(flush_if_full());
    }
    from = std::max(span->end, span->begin + 1);
    if (from > line.text.size()) {
      break;
    }
  }
  return {};
}

// Piece by piece, so that a long line needs no long copy.
Status Printer::print_json_text(std::string_view text) {
  constexpr std::size_t kPiece = 48 << 10;  // a multiple of three, as base64 wants
  const bool readable = is_utf8(text);
  buffer_ += readable ? "\"text\": \"" : "\"base64\": \"";
  while (!text.empty()) {
    std::size_t size = std::min(kPiece, text.size());
    while (readable && size < text.size() && (text[size] & '\xC0') == '\x80') {
      --size;  // not inside of a character
    }
    const auto piece = text.substr(0, size);
    text.remove_prefix(size);
    const std::string quoted = readable ? json_string(piece) : "\"" + base64_encode(piece) + "\"";
    buffer_.append(quoted, 1, quoted.size() - 2);
    MARVEL_TRY_STATUS(flush_if_full());
  }
  buffer_ += '"';
  return {};
}

// One by one: a long line may have more spans than bytes.
Status Printer::print_json_spans(const Line& line) {
  const char* separator = "";
  for (const auto pattern : std::vector(patterns_of(line))) {
    std::size_t from = 0;
    while (from <= line.text.size() && !stop_.raised()) {
      const auto span = matcher_.next_span(line.text, from, {pattern});
      if (!span) {
        break;
      }
      buffer_ += separator + json_object({{"id", json_string(set_.patterns[pattern].id)},
                                          {"start", std::to_string(span->begin)},
                                          {"end", std::to_string(span->end)}});
      separator = ", ";
      from = std::max(span->end, span->begin + 1);
      MARVEL_TRY_STATUS(flush_if_full());
    }
  }
  return {};
}

Status Printer::print_json(const Line& line) {
  std::string head = json_object({{"schema", json_string("marvel.regex.match/1")},
                                  {"file", json_string(name_)},
                                  {"line", std::to_string(line.number)},
                                  {"offset", std::to_string(line.offset)}});
  head.back() = ',';
  buffer_ += head + " ";
  MARVEL_TRY_STATUS(print_json_text(line.text));
  buffer_ += ", \"patterns\": [";
  MARVEL_TRY_STATUS(print_json_spans(line));
  buffer_ += "]}\n";
  return {};
}

// --- Ends ---

// What -l and -c say of an input; -l wins, as in grep.
void Printer::print_file_record() {
  if (options_.names_only && selected_lines_ == 0) {
    return;
  }
  if (options_.json) {
    buffer_ += json_object(options_.names_only
                               ? JsonMembers{{"schema", json_string("marvel.regex.file/1")},
                                             {"file", json_string(name_)}}
                               : JsonMembers{{"schema", json_string("marvel.regex.count/1")},
                                             {"file", json_string(name_)},
                                             {"lines", std::to_string(selected_lines_)}});
    buffer_ += '\n';
  } else if (options_.names_only) {
    buffer_ += name_;
    buffer_ += options_.null_names ? '\0' : '\n';
  } else {
    print_name(':');
    buffer_ += std::to_string(selected_lines_) + "\n";
  }
}

Status Printer::end_input() {
  if (binary_ && wants_lines() && selected_lines_ > 0) {
    buffer_ += name_ + ": binary file matches\n";
  }
  if (!options_.quiet && (options_.names_only || options_.count)) {
    print_file_record();
  }
  return buffer_.size() >= kFlushAt || options_.line_buffered ? flush() : Status();
}

Status Printer::finish() {
  if (options_.count_by_pattern && !options_.quiet) {
    for (std::size_t i = 0; i < by_pattern_.size(); ++i) {
      buffer_ += options_.json ? json_object({{"schema", json_string("marvel.regex.pattern/1")},
                                              {"id", json_string(set_.patterns[i].id)},
                                              {"lines", std::to_string(by_pattern_[i])}})
                               : set_.patterns[i].id + "\t" + std::to_string(by_pattern_[i]);
      buffer_ += '\n';
    }
  }
  return flush();
}

Status Printer::flush_if_full() {
  return buffer_.size() >= kFlushAt ? flush() : Status();
}

Status Printer::flush() {
  if (buffer_.empty()) {
    return {};
  }
  MARVEL_TRY_STATUS(output_.write(buffer_));
  buffer_.clear();
  return {};
}

}  // namespace marvel::regex
