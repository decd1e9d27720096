#pragma once

#include "regex/syntax.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace marvel::regex {

// One state of a Thompson automaton. Only kByte consumes anything, so a cycle of the others is
// possible and whoever follows them marks where it has been (see closure.hpp).
struct Instruction {
  enum class Op : std::uint8_t {
    kByte,    // consumes a byte of sets[set], then goes to `next`
    kSplit,   // goes to `next` and to `other`
    kAssert,  // goes to `next` where `assertion` holds
    kMatch,   // pattern number `pattern` matches
    kJump,    // goes to `next`
  };
  Op op = Op::kJump;
  Assertion assertion = 0;
  // kByte: a place in Program::sets.
  std::uint32_t set = 0;
  std::uint32_t next = 0;
  std::uint32_t other = 0;    // kSplit
  std::uint32_t pattern = 0;  // kMatch
};

// Several patterns as one automaton. Immutable once made; threads may share it. Everything that
// matches is built on it: LazyDfa and Dfa for lines, LineMatcher for patterns and spans. An
// instruction takes 20 bytes, and each character of a pattern two instructions.
struct Program {
  std::vector<Instruction> code;
  std::vector<ByteSet> sets;          // distinct
  std::vector<std::uint32_t> starts;  // per pattern, where it begins

  // Bytes that no set tells apart share a class; a line end has one of its own, and so have word
  // bytes and others when a pattern asks for word edges. `class_of[byte]` is below `classes`.
  // Tables of automata have a column per class and not per byte: for "error|fatal" nine of them,
  // and not 256.
  std::array<std::uint8_t, 256> class_of{};
  std::uint32_t classes = 0;
  // The lowest byte of each class, to try what the class does.
  std::array<std::uint8_t, 256> byte_of{};
};

// Thompson's construction (Programming Techniques: Regular expression search algorithm, 1968), with
// counts written out. Pattern i is trees[i]. Linear in the patterns' expanded size, which parse()
// and compile() have bounded; nothing is checked here.
Program make_program(std::span<const Tree> trees);

// Fills class_of, classes and byte_of from the rest of `program`: from its sets and its assertions.
void find_classes(Program& program);

// The part of `program` that belongs to `patterns`, which are numbered 0, 1, ... in it. Copies what
// can be reached from their starts, so it costs what the result is long, and its classes are its
// own: fewer patterns tell fewer bytes apart.
Program only(const Program& program, std::span<const std::uint32_t> patterns);

}  // namespace marvel::regex
