#include "regex/program.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace marvel::regex {
namespace {

using Op = Instruction::Op;

// A piece of automaton with one way in and one way out. `out` is a kJump that leads nowhere yet.
// Its instructions are code[begin, end), so a copy of the range is a copy of the piece.
struct Piece {
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

class Builder {
 public:
  void add(const Tree& tree, std::uint32_t pattern) {
    std::vector<Piece> pieces;
    pieces.reserve(tree.nodes.size());
    for (const Node& node : tree.nodes) {
      pieces.push_back(build(node, pieces));
    }
    const Piece whole = pieces.back();
    Instruction match;
    match.op = Op::kMatch;
    match.pattern = pattern;
    code(whole.out).next = emit(match);
    program_.starts.push_back(whole.in);
  }

  Program take();

 private:
  Instruction& code(std::uint32_t at) { return program_.code[at]; }
  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(program_.code.size());
  }

  std::uint32_t emit(const Instruction& instruction) {
    program_.code.push_back(instruction);
    return size() - 1;
  }

  std::uint32_t emit_split(std::uint32_t next, std::uint32_t other) {
    Instruction split;
    split.op = Op::kSplit;
    split.next = next;
    split.other = other;
    return emit(split);
  }

  std::uint32_t set_index(const ByteSet& set) {
    const auto [at, added] = set_of_.try_emplace(set, program_.sets.size());
    if (added) {
      program_.sets.push_back(set);
    }
    return static_cast<std::uint32_t>(at->second);
  }

  Piece build(const Node& node, const std::vector<Piece>& pieces) {
    switch (node.kind) {
      case NodeKind::kEmpty:
        return leaf({});
      case NodeKind::kBytes: {
        Instruction byte;
        byte.op = Op::kByte;
        byte.set = set_index(node.bytes);
        return leaf(byte);
      }
      case NodeKind::kAssert: {
        Instruction assertion;
        assertion.op = Op::kAssert;
        assertion.assertion = node.assertion;
        return leaf(assertion);
      }
      case NodeKind::kConcat:
        return concat(node, pieces);
      case NodeKind::kAlternate:
        return alternate(node, pieces);
      case NodeKind::kRepeat:
        return repeat(node, pieces[node.children[0]]);
    }
    return {};
  }

  Piece leaf(Instruction instruction) {
    const std::uint32_t begin = size();
    const std::uint32_t in = emit(instruction);
    if (instruction.op == Op::kJump) {
      return {in, in, begin, size()};
    }
    const std::uint32_t out = emit({});
    code(in).next = out;
    return {in, out, begin, size()};
  }

  // The pieces of a node's children and what is emitted now; in postorder they are neighbours.
  [[nodiscard]] std::uint32_t begin_of(const Node& node, const std::vector<Piece>& pieces) const {
    std::uint32_t begin = size();
    for (const auto child : node.children) {
      begin = std::min(begin, pieces[child].begin);
    }
    return begin;
  }

  Piece concat(const Node& node, const std::vector<Piece>& pieces) {
    for (std::size_t i = 0; i + 1 < node.children.size(); ++i) {
      code(pieces[node.children[i]].out).next = pieces[node.children[i + 1]].in;
    }
    return {pieces[node.children.front()].in, pieces[node.children.back()].out,
            begin_of(node, pieces), size()};
  }

  Piece alternate(const Node& node, const std::vector<Piece>& pieces) {
    const std::uint32_t begin = begin_of(node, pieces);
    const std::uint32_t out = emit({});
    std::uint32_t in = pieces[node.children.back()].in;
    for (std::size_t i = node.children.size() - 1; i-- > 0;) {
      in = emit_split(pieces[node.children[i]].in, in);
    }
    for (const auto child : node.children) {
      code(pieces[child].out).next = out;
    }
    return {in, out, begin, size()};
  }

  // Another copy of `piece`, whose way out leads nowhere yet.
  Piece copy(const Piece& piece) {
    const std::uint32_t shift = size() - piece.begin;
    for (std::uint32_t at = piece.begin; at < piece.end; ++at) {
      Instruction instruction = code(at);
      instruction.next += shift;
      instruction.other += shift;
      emit(instruction);
    }
    return {piece.in + shift, piece.out + shift, piece.begin + shift, piece.end + shift};
  }

  Piece repeat(const Node& node, const Piece& piece) {
    const std::uint32_t begin = piece.begin;
    if (node.max == 0) {
      const std::uint32_t nothing = emit({});
      return {nothing, nothing, begin, size()};
    }
    const auto copies = static_cast<std::size_t>(std::max({node.min, node.max, 1}));
    std::vector<Piece> row{piece};  // copied before any is wired up
    while (row.size() < copies) {
      row.push_back(copy(piece));
    }
    const std::uint32_t out = emit({});
    const auto needed = static_cast<std::size_t>(node.min);
    std::uint32_t in = out;
    if (node.max == kUnbounded) {
      // The last copy may come again; if none is needed, it may also be left out.
      const std::uint32_t again = emit_split(row.back().in, out);
      code(row.back().out).next = again;
      in = needed == 0 ? again : row.back().in;
      row.pop_back();
    }
    while (!row.empty()) {
      code(row.back().out).next = in;
      in = row.size() > needed ? emit_split(row.back().in, out) : row.back().in;
      row.pop_back();
    }
    return {in, out, begin, size()};
  }

  Program program_;
  std::map<ByteSet, std::size_t> set_of_;
};

bool asks_for_words(const Program& program) {
  return std::any_of(program.code.begin(), program.code.end(), [](const Instruction& i) {
    return i.op == Op::kAssert && i.assertion != kLineBegin && i.assertion != kLineEnd;
  });
}

// Refines the classes by one more set.
void split_classes(const ByteSet& set, std::array<std::uint32_t, 256>& label) {
  constexpr std::uint32_t kNone = 256;
  std::array<std::array<std::uint32_t, 2>, 256> fresh{};
  fresh.fill({kNone, kNone});
  std::uint32_t count = 0;
  for (int byte = 0; byte < 256; ++byte) {
    auto& l = label[static_cast<std::size_t>(byte)];
    auto& next = fresh[l][set.contains(byte) ? 1 : 0];
    next = next == kNone ? count++ : next;
    l = next;
  }
}

}  // namespace

void find_classes(Program& program) {
  std::array<std::uint32_t, 256> label{};
  split_classes(ByteSet::range('\n', '\n'), label);
  if (asks_for_words(program)) {
    ByteSet words;
    for (int byte = 0; byte < 256; ++byte) {
      if (is_word_byte(byte)) {
        words.add(byte);
      }
    }
    split_classes(words, label);
  }
  for (const ByteSet& set : program.sets) {
    split_classes(set, label);
  }
  program.classes = *std::max_element(label.begin(), label.end()) + 1;
  for (std::size_t byte = 256; byte-- > 0;) {
    program.class_of[byte] = static_cast<std::uint8_t>(label[byte]);
    program.byte_of[label[byte]] = static_cast<std::uint8_t>(byte);
  }
}

namespace {

Program Builder::take() {
  find_classes(program_);
  return std::move(program_);
}

}  // namespace

Program make_program(std::span<const Tree> trees) {
  Builder builder;
  for (std::size_t i = 0; i < trees.size(); ++i) {
    builder.add(trees[i], static_cast<std::uint32_t>(i));
  }
  return builder.take();
}

// Copies what can be reached from the patterns' starts.
Program only(const Program& program, std::span<const std::uint32_t> patterns) {
  Program part;
  std::unordered_map<std::uint32_t, std::uint32_t> number;
  std::vector<std::uint32_t> old;
  const auto number_of = [&](std::uint32_t at) {
    const auto fresh = static_cast<std::uint32_t>(old.size());
    const auto [known, added] = number.try_emplace(at, fresh);
    if (added) {
      old.push_back(at);
    }
    return known->second;
  };
  std::map<std::uint32_t, std::uint32_t> set_of;
  for (std::uint32_t i = 0; i < patterns.size(); ++i) {
    part.starts.push_back(number_of(program.starts[patterns[i]]));
    for (std::size_t at = part.code.size(); at < old.size(); ++at) {
      Instruction instruction = program.code[old[at]];
      if (instruction.op == Op::kMatch) {
        instruction.pattern = i;
      } else {
        instruction.next = number_of(instruction.next);
      }
      if (instruction.op == Op::kSplit) {
        instruction.other = number_of(instruction.other);
      }
      if (instruction.op == Op::kByte) {
        const auto fresh = static_cast<std::uint32_t>(part.sets.size());
        const auto [set, added] = set_of.try_emplace(instruction.set, fresh);
        if (added) {
          part.sets.push_back(program.sets[instruction.set]);
        }
        instruction.set = set->second;
      }
      part.code.push_back(instruction);
    }
  }
  find_classes(part);
  return part;
}

}  // namespace marvel::regex
