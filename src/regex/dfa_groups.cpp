#include "regex/dfa_groups.hpp"

#include <algorithm>

namespace marvel::regex {
namespace {

constexpr std::size_t kPatternWork = 4096;  // what even the smallest automaton costs

// Smallest last, so that the next two to unite are at the vector's end.
bool larger(const DfaGroup& a, const DfaGroup& b) {
  return a.dfa.bytes() != b.dfa.bytes() ? a.dfa.bytes() > b.dfa.bytes() : a.patterns > b.patterns;
}

class Grouping {
 public:
  Grouping(const Program& program, const DfaLimits& limits) : program_(program), limits_(limits) {}

  DfaGroups run() {
    start();
    unite_all();
    keep_the_best();
    return std::move(result_);
  }

 private:
  void start() {
    for (std::uint32_t pattern = 0; pattern < program_.starts.size(); ++pattern) {
      auto dfa = work_ < limits_.work ? make_dfa(only(program_, {&pattern, 1}), most_states())
                                      : std::nullopt;
      work_ += kPatternWork + (dfa ? dfa->next.size() : most_states());
      if (dfa && dfa->bytes() <= limits_.table_bytes) {
        open_.push_back({std::move(*dfa), {pattern}});
      } else {
        result_.left.push_back(pattern);
      }
    }
    std::sort(open_.begin(), open_.end(), larger);
  }

  // A single pattern may not use up what all are to share.
  [[nodiscard]] std::size_t most_states() const {
    return std::min(limits_.states_on_the_way,
                    limits_.work / 64 / std::max<std::size_t>(program_.starts.size(), 1) + 256);
  }

  void unite_all() {
    while (open_.size() > 1) {
      DfaGroup a = take_smallest();
      DfaGroup b = take_smallest();
      auto both =
          work_ < limits_.work ? unite(a.dfa, b.dfa, limits_.states_on_the_way) : std::nullopt;
      work_ += both ? both->next.size() : limits_.states_on_the_way * b.dfa.stride;
      if (!both || both->bytes() > limits_.table_bytes) {
        result_.groups.push_back(std::move(b));  // the larger one is complete
        open_.push_back(std::move(a));
        continue;
      }
      a.dfa = std::move(*both);
      a.patterns.insert(a.patterns.end(), b.patterns.begin(), b.patterns.end());
      std::sort(a.patterns.begin(), a.patterns.end());
      const auto at = std::lower_bound(open_.begin(), open_.end(), a, larger);
      open_.insert(at, std::move(a));
    }
    if (!open_.empty()) {
      result_.groups.push_back(take_smallest());
    }
  }

  DfaGroup take_smallest() {
    DfaGroup group = std::move(open_.back());
    open_.pop_back();
    return group;
  }

  // Each group costs a walk over the text, so the ones with few patterns go.
  void keep_the_best() {
    auto& groups = result_.groups;
    std::stable_sort(groups.begin(), groups.end(), [](const DfaGroup& a, const DfaGroup& b) {
      return a.patterns.size() > b.patterns.size();
    });
    while (groups.size() > limits_.groups) {
      result_.left.insert(result_.left.end(), groups.back().patterns.begin(),
                          groups.back().patterns.end());
      groups.pop_back();
    }
    std::sort(result_.left.begin(), result_.left.end());
  }

  const Program& program_;
  const DfaLimits& limits_;
  std::size_t work_ = 0;
  std::vector<DfaGroup> open_;
  DfaGroups result_;
};

}  // namespace

DfaGroups make_dfa_groups(const Program& program, const DfaLimits& limits) {
  return Grouping(program, limits).run();
}

}  // namespace marvel::regex
