#include "regex/lazy_dfa.hpp"

#include <algorithm>
#include <bit>

namespace marvel::regex {
namespace {

constexpr std::size_t kFewStates = 64;  // these fit whatever the limit says

// Whether the verdict of `assertion` changes with the side before the position.
bool looks_before(Assertion assertion, Side a, Side b) {
  for (const Side after : {Side::kEdge, Side::kOther, Side::kWord}) {
    if (((assertion & pair_bit(a, after)) != 0) != ((assertion & pair_bit(b, after)) != 0)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::size_t LazyDfa::SetHash::operator()(const Set& set) const {
  std::uint64_t hash = 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(set.before);
  for (const auto item : set.items) {
    hash = (hash ^ item) * 0xFF51AFD7ED558CCDU;
    hash ^= hash >> 32;
  }
  return hash;
}

LazyDfa::LazyDfa(const Program& program, std::size_t memory_limit)
    : program_(program),
      memory_limit_(memory_limit),
      stride_(std::bit_ceil(program.classes)),
      beginnings_(program),
      here_(program),
      there_(program) {
  for (const Instruction& instruction : program.code) {
    if (instruction.op == Instruction::Op::kAssert) {
      words_matter_ |= looks_before(instruction.assertion, Side::kOther, Side::kWord);
      sides_matter_ |= looks_before(instruction.assertion, Side::kEdge, Side::kOther);
    }
  }
  reset();
}

// Sides that no assertion tells apart count as one, so that they make no two states.
Side LazyDfa::normal(Side side) const {
  if (side == Side::kWord && !words_matter_) {
    side = Side::kOther;
  }
  if (side == Side::kEdge && !sides_matter_) {
    side = Side::kOther;
  }
  return side;
}

// What follows `set` on a byte of class `cls`: an event, or 0 with the set in `next`.
LazyDfa::State LazyDfa::compute(const Set& set, std::uint32_t cls, Set& next) {
  const std::uint8_t byte = program_.byte_of[cls];
  const Side after = side_of(byte);
  const Beginning& begin = beginnings_.at(set.before, cls);
  here_.begin(pair_bit(set.before, after));
  for (const auto item : set.items) {
    here_.add(item);
  }
  const bool matches_here = !begin.matches.empty() || !here_.matches().empty();
  if (byte == '\n') {
    next = {normal(Side::kEdge), {}};
    return matches_here ? kHit : 0;
  }
  if (matches_here) {
    return kAccept;
  }
  there_.begin(any_after(after));
  for (const auto target : steps_over(program_, here_.items(), byte)) {
    there_.add(target);
  }
  for (const auto target : begin.targets) {
    there_.add(target);
  }
  if (!there_.matches().empty()) {
    return kAccept;
  }
  next.before = normal(after);
  next.items = there_.items();
  std::sort(next.items.begin(), next.items.end());
  return 0;
}

LazyDfa::State LazyDfa::number_of(Set set) {
  const auto fresh = static_cast<State>(sets_.size() * stride_);
  const auto [at, added] = numbers_.try_emplace(std::move(set), fresh);
  if (added) {
    sets_.push_back(&at->first);
    table_.resize(table_.size() + stride_, kUnknown);
    memory_ += stride_ * sizeof(State) + at->first.items.size() * sizeof(std::uint32_t) +
               sizeof(Set) + 8 * sizeof(void*);
  }
  return at->second;
}

void LazyDfa::reset() {
  numbers_.clear();
  sets_.clear();
  table_.clear();
  memory_ = 0;
  number_of({normal(Side::kEdge), {}});
}

void LazyDfa::flush(std::span<State> live) {
  std::vector<Set> kept;
  kept.reserve(live.size());
  for (const State state : live) {
    kept.push_back(*sets_[state / stride_]);
  }
  reset();
  for (std::size_t i = 0; i < live.size(); ++i) {
    live[i] = number_of(std::move(kept[i]));
  }
  ++flushes_;
}

LazyDfa::State LazyDfa::step(State state, std::uint8_t byte, std::span<State> live) {
  const std::uint32_t cls = program_.class_of[byte];
  const State known = table_[state + cls];
  if (known != kUnknown) {
    return known;
  }
  Set next;
  const State event = compute(*sets_[state / stride_], cls, next);
  if (event != 0) {
    return table_[state + cls] = event;
  }
  const bool room = memory_ < memory_limit_ && table_.size() + stride_ < kEvent;
  if (!room && sets_.size() >= kFewStates) {
    flush(live);
    return number_of(std::move(next));  // `state` is gone, so its entry is not stored
  }
  const State target = number_of(std::move(next));
  return table_[state + cls] = target;
}

}  // namespace marvel::regex
