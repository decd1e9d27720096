#include "regex/closure.hpp"

#include <algorithm>

namespace marvel::regex {

using Op = Instruction::Op;

Closure::Closure(const Program& program) : program_(program), seen_(program.code.size(), 0) {}

void Closure::begin(Assertion possible) {
  possible_ = possible;
  items_.clear();
  matches_.clear();
  if (++round_ == 0) {  // the counter wrapped: old marks would look new
    std::fill(seen_.begin(), seen_.end(), 0);
    round_ = 1;
  }
}

void Closure::enter(std::uint32_t at) {
  if (seen_[at] != round_) {
    seen_[at] = round_;
    todo_.push_back(at);
  }
}

void Closure::add(std::uint32_t at) {
  enter(at);
  while (!todo_.empty()) {
    const std::uint32_t now = todo_.back();
    const Instruction& instruction = program_.code[now];
    todo_.pop_back();
    switch (instruction.op) {
      case Op::kByte:
        items_.push_back(now);
        break;
      case Op::kMatch:
        matches_.push_back(instruction.pattern);
        break;
      case Op::kSplit:
        enter(instruction.other);
        enter(instruction.next);
        break;
      case Op::kJump:
        enter(instruction.next);
        break;
      case Op::kAssert: {
        const Assertion left = instruction.assertion & possible_;
        if (left == possible_) {
          enter(instruction.next);
        } else if (left != 0) {
          items_.push_back(now);
        }
        break;
      }
    }
  }
}

std::vector<std::uint32_t> steps_over(const Program& program,
                                      const std::vector<std::uint32_t>& items, std::uint8_t byte) {
  std::vector<std::uint32_t> targets;
  for (const auto item : items) {
    const Instruction& instruction = program.code[item];
    if (instruction.op == Op::kByte && program.sets[instruction.set].contains(byte)) {
      targets.push_back(instruction.next);
    }
  }
  return targets;
}

}  // namespace marvel::regex
