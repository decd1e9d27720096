#include "regex/dfa.hpp"

#include "regex/lazy_dfa.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <unordered_map>

namespace marvel::regex {
namespace {

// Rows of `classes` entries, addressed by number and not by offset: what is convenient to build.
// Row 0 is the start, row 1 the hit.
struct Rows {
  std::uint32_t classes = 1;
  std::vector<std::uint32_t> next;

  [[nodiscard]] std::uint32_t count() const {
    return classes == 0 ? 0 : static_cast<std::uint32_t>(next.size() / classes);
  }
  [[nodiscard]] const std::uint32_t* row(std::uint32_t state) const {
    return next.data() + std::size_t{state} * classes;
  }
};

constexpr std::uint32_t kStartRow = 0;
constexpr std::uint32_t kHitRow = 1;

std::uint32_t count_classes(const Dfa& dfa) {
  return std::uint32_t{*std::max_element(dfa.class_of.begin(), dfa.class_of.end())} + 1;
}

Rows rows_of(const Dfa& dfa) {
  Rows rows;
  rows.classes = count_classes(dfa);
  rows.next.reserve(std::size_t{dfa.states()} * rows.classes);
  for (std::uint32_t state = 0; state < dfa.states(); ++state) {
    for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
      rows.next.push_back(dfa.next[state * dfa.stride + cls] / dfa.stride);
    }
  }
  return rows;
}

// Without the columns that equal an earlier one. That of the line end stays alone, even where no
// line can match and all columns are the same.
Dfa dfa_of(const Rows& rows, const std::array<std::uint8_t, 256>& class_of) {
  std::map<std::vector<std::uint32_t>, std::uint8_t> column_number;
  std::vector<std::uint8_t> new_class(rows.classes);
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> column(rows.count() + 1);
  for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
    column.back() = cls == class_of['\n'] ? 1 : 0;
    for (std::uint32_t state = 0; state < rows.count(); ++state) {
      column[state] = rows.row(state)[cls];
    }
    const auto fresh = static_cast<std::uint8_t>(kept.size());
    const auto [at, added] = column_number.try_emplace(column, fresh);
    if (added) {
      kept.push_back(cls);
    }
    new_class[cls] = at->second;
  }
  Dfa dfa;
  dfa.stride = std::max(2U, std::bit_ceil(static_cast<std::uint32_t>(kept.size())));
  for (std::size_t byte = 0; byte < class_of.size(); ++byte) {
    dfa.class_of[byte] = new_class[class_of[byte]];
  }
  dfa.next.assign(std::size_t{rows.count()} * dfa.stride, 0);
  for (std::uint32_t state = 0; state < rows.count(); ++state) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      dfa.next[std::size_t{state} * dfa.stride + i] = rows.row(state)[kept[i]] * dfa.stride;
    }
  }
  return dfa;
}

// Disjoint blocks of states that are refined until no class of bytes tells the states of a block
// apart. Each block is a range of `order_`; its marked states stand at the range's begin.
class Partition {
 public:
  explicit Partition(std::uint32_t states)
      : order_(states), place_(states), block_(states, 0), blocks_{{0, states, 0}} {
    for (std::uint32_t i = 0; i < states; ++i) {
      order_[i] = place_[i] = i;
    }
  }

  [[nodiscard]] std::uint32_t block_of(std::uint32_t state) const { return block_[state]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(blocks_.size()); }

  [[nodiscard]] std::vector<std::uint32_t> states_of(std::uint32_t block) const {
    return {order_.begin() + blocks_[block].begin, order_.begin() + blocks_[block].end};
  }

  void mark(std::uint32_t state) {
    Block& block = blocks_[block_[state]];
    const std::uint32_t at = place_[state];
    if (at < block.begin + block.marked) {
      return;
    }
    if (block.marked == 0) {
      touched_.push_back(block_[state]);
    }
    const std::uint32_t to = block.begin + block.marked++;
    std::swap(order_[at], order_[to]);
    place_[order_[at]] = at;
    place_[order_[to]] = to;
  }

  // Splits every block that holds both marked states and others. The smaller part becomes a new
  // block and is appended to `fresh`.
  void split(std::vector<std::uint32_t>& fresh) {
    for (const std::uint32_t number : touched_) {
      Block& block = blocks_[number];
      const std::uint32_t middle = block.begin + block.marked;
      const bool first_is_smaller = block.marked <= block.end - middle;
      block.marked = 0;
      if (middle == block.end) {
        continue;
      }
      const Block part =
          first_is_smaller ? Block{block.begin, middle, 0} : Block{middle, block.end, 0};
      (first_is_smaller ? block.begin : block.end) = middle;
      fresh.push_back(size());
      for (std::uint32_t i = part.begin; i < part.end; ++i) {
        block_[order_[i]] = size();
      }
      blocks_.push_back(part);
    }
    touched_.clear();
  }

 private:
  struct Block {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t marked = 0;
  };

  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> place_;  // of each state in order_
  std::vector<std::uint32_t> block_;  // of each state
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> touched_;  // blocks with marks
};

// For each class and state, the states that lead there.
class Origins {
 public:
  explicit Origins(const Rows& rows)
      : count_(rows.count()), begin_(std::size_t{count_} * rows.classes + 1, 0) {
    const std::uint32_t classes = rows.classes;
    for (std::uint32_t state = 0; state < count_; ++state) {
      for (std::uint32_t cls = 0; cls < classes; ++cls) {
        ++begin_[slot(cls, rows.row(state)[cls]) + 1];
      }
    }
    for (std::size_t i = 1; i < begin_.size(); ++i) {
      begin_[i] += begin_[i - 1];
    }
    from_.resize(begin_.back());
    std::vector<std::uint32_t> at(begin_.begin(), begin_.end() - 1);
    for (std::uint32_t state = 0; state < count_; ++state) {
      for (std::uint32_t cls = 0; cls < classes; ++cls) {
        from_[at[slot(cls, rows.row(state)[cls])]++] = state;
      }
    }
  }

  template <class Visit>
  void visit(std::uint32_t cls, std::uint32_t to, const Visit& visit) const {
    for (auto i = begin_[slot(cls, to)]; i < begin_[slot(cls, to) + 1]; ++i) {
      visit(from_[i]);
    }
  }

 private:
  [[nodiscard]] std::size_t slot(std::uint32_t cls, std::uint32_t to) const {
    return std::size_t{cls} * count_ + to;
  }

  std::uint32_t count_;
  std::vector<std::uint32_t> begin_;
  std::vector<std::uint32_t> from_;
};

Partition refine(const Rows& rows) {
  Partition partition(rows.count());
  std::vector<std::uint32_t> waiting;
  // All states do the same but one, which says that a line has matched.
  partition.mark(kHitRow);
  partition.split(waiting);
  const Origins origins(rows);
  while (!waiting.empty()) {
    const auto splitter = partition.states_of(waiting.back());
    waiting.pop_back();
    for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
      for (const std::uint32_t to : splitter) {
        origins.visit(cls, to, [&partition](std::uint32_t from) { partition.mark(from); });
      }
      partition.split(waiting);
    }
  }
  return partition;
}

// One row per block, that of the start first and that of the hit second.
Rows merged(const Rows& rows, const Partition& partition) {
  std::vector<std::uint32_t> number(partition.size(), UINT32_MAX);
  number[partition.block_of(kStartRow)] = kStartRow;
  number[partition.block_of(kHitRow)] = kHitRow;
  std::vector<std::uint32_t> kept{kStartRow, kHitRow};
  for (std::uint32_t state = 0; state < rows.count(); ++state) {
    auto& n = number[partition.block_of(state)];
    if (n == UINT32_MAX) {
      n = static_cast<std::uint32_t>(kept.size());
      kept.push_back(state);
    }
  }
  Rows result;
  result.classes = rows.classes;
  result.next.reserve(kept.size() * rows.classes);
  for (const std::uint32_t state : kept) {
    for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
      result.next.push_back(number[partition.block_of(rows.row(state)[cls])]);
    }
  }
  return result;
}

Dfa minimal(const Rows& rows, const std::array<std::uint8_t, 256>& class_of) {
  return dfa_of(merged(rows, refine(rows)), class_of);
}

// Numbers pairs of states in the order in which they are met.
class Pairs {
 public:
  std::uint32_t number(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t key = std::uint64_t{a} << 32 | b;
    const auto [at, added] = number_.try_emplace(key, static_cast<std::uint32_t>(pairs_.size()));
    if (added) {
      pairs_.emplace_back(a, b);
    }
    return at->second;
  }
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> operator[](std::size_t i) const {
    return pairs_[i];
  }
  [[nodiscard]] std::size_t size() const { return pairs_.size(); }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> number_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;
};

// The state in which the line matches whatever follows; kNone if there is none.
constexpr std::uint32_t kNone = UINT32_MAX;
std::uint32_t sure_state(const Rows& rows, std::uint32_t line_end) {
  for (std::uint32_t state = 0; state < rows.count(); ++state) {
    bool sure = state != kHitRow;
    for (std::uint32_t cls = 0; cls < rows.classes && sure; ++cls) {
      sure = rows.row(state)[cls] == (cls == line_end ? kHitRow : state);
    }
    if (sure) {
      return state;
    }
  }
  return kNone;
}

// A row that stays in `sure` until the line's end.
void add_sure_row(Rows& rows, std::uint32_t sure, std::uint32_t line_end) {
  for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
    rows.next.push_back(cls == line_end ? kHitRow : sure);
  }
}

}  // namespace

std::optional<Dfa> make_dfa(const Program& program, std::size_t most_states) {
  LazyDfa lazy(program, std::numeric_limits<std::size_t>::max());
  // Rows of the lazy automaton, shifted by one for the hit, and the sure state at the end.
  Rows rows;
  rows.classes = program.classes;
  const std::uint32_t stride = std::bit_ceil(program.classes);
  constexpr std::uint32_t kSure = UINT32_MAX;
  const auto row_of = [stride](LazyDfa::State next) {
    const std::uint32_t number = next / stride;
    return number == 0 ? kStartRow : number + 1;
  };
  std::array<LazyDfa::State, 1> live{};
  for (std::uint32_t number = 0; number < lazy.states(); ++number) {
    if (lazy.states() > most_states) {
      return std::nullopt;
    }
    for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
      live[0] = number * stride;
      const auto next = lazy.step(number * stride, program.byte_of[cls], live);
      rows.next.push_back(next == LazyDfa::kAccept ? kSure
                          : next == LazyDfa::kHit  ? kHitRow
                                                   : row_of(next));
    }
    if (number == kStartRow) {  // the hit's row
      for (std::uint32_t cls = 0; cls < rows.classes; ++cls) {
        rows.next.push_back(rows.next[cls]);
      }
    }
  }
  const std::uint32_t sure = rows.count();
  std::replace(rows.next.begin(), rows.next.end(), kSure, sure);
  add_sure_row(rows, sure, program.class_of['\n']);
  return minimal(rows, program.class_of);
}

std::optional<Dfa> unite(const Dfa& a, const Dfa& b, std::size_t most_states) {
  Pairs classes;  // of bytes that neither side tells apart
  std::array<std::uint8_t, 256> class_of{};
  for (std::size_t byte = 0; byte < class_of.size(); ++byte) {
    class_of[byte] = static_cast<std::uint8_t>(classes.number(a.class_of[byte], b.class_of[byte]));
  }
  const Rows left = rows_of(a);
  const Rows right = rows_of(b);
  const std::uint32_t left_sure = sure_state(left, a.class_of['\n']);
  const std::uint32_t right_sure = sure_state(right, b.class_of['\n']);
  Pairs states;
  states.number(kStartRow, kStartRow);
  states.number(kHitRow, kHitRow);
  Rows rows;
  rows.classes = static_cast<std::uint32_t>(classes.size());
  for (std::uint32_t i = 0; i < states.size(); ++i) {
    if (states.size() > most_states) {
      return std::nullopt;
    }
    const auto [l, r] = states[i];
    if (l == kNone) {  // one side is sure, so it does not matter where the other one is
      add_sure_row(rows, i, class_of['\n']);
      continue;
    }
    for (std::size_t cls = 0; cls < classes.size(); ++cls) {
      const std::uint32_t x = left.row(l)[classes[cls].first];
      const std::uint32_t y = right.row(r)[classes[cls].second];
      if (x == kHitRow || y == kHitRow) {
        rows.next.push_back(kHitRow);
      } else if (x == left_sure || y == right_sure) {
        rows.next.push_back(states.number(kNone, kNone));
      } else {
        rows.next.push_back(states.number(x, y));
      }
    }
  }
  return minimal(rows, class_of);
}

}  // namespace marvel::regex
