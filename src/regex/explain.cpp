#include "regex/explain.hpp"

namespace marvel::regex {
namespace {

void explain_part(const PatternPart& part, Plan& plan) {
  const std::size_t number = plan.parts.size();
  PartPlan& result = plan.parts.emplace_back();
  result.patterns = part.patterns.size();
  if (part.filter) {
    result.literals = part.filter->literals().size();
    result.gram = part.filter->gram();
    result.stride = part.filter->stride();
  }
  for (const auto pattern : part.patterns) {
    plan.patterns[pattern].part = number;
  }
  const auto tables = tables_of(part);
  result.tables = tables->groups.size();
  for (std::size_t i = 0; i < tables->groups.size(); ++i) {
    const DfaGroup& group = tables->groups[i];
    result.table_bytes += group.dfa.bytes();
    for (const auto member : group.patterns) {
      PatternPlan& pattern = plan.patterns[part.patterns[member]];
      pattern.table = i;
      pattern.table_states = group.dfa.states();
    }
  }
}

}  // namespace

Plan explain(const PatternSet& set) {
  Plan plan;
  for (const auto& literals : set.required) {
    plan.patterns.emplace_back().literals = literals;
  }
  for (const PatternPart& part : set.parts) {
    explain_part(part, plan);
  }
  return plan;
}

}  // namespace marvel::regex
