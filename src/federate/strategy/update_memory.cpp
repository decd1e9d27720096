#include "federate/strategy/update_memory.hpp"

#include "federate/array/number_loops.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <type_traits>
#include <variant>

namespace marvel::federate {
namespace {

constexpr std::size_t kPerCall = 8192;  // elements per system call

// Writes update - global for one tensor; `offset` goes past it.
template <class T>
Status write_change(const SpoolFile& file, const Update& update, std::size_t tensor,
                    std::span<const T> global, std::uint64_t& offset) {
  std::array<T, kPerCall> block{};
  for (std::size_t first = 0; first < global.size(); first += kPerCall) {
    const auto part = std::span(block).first(std::min(kPerCall, global.size() - first));
    update.read(tensor, first, part);
    add_scaled(part, T(-1), global.subspan(first, part.size()));
    MARVEL_TRY_STATUS(file.write(offset, std::as_bytes(part)));
    offset += part.size_bytes();
  }
  return {};
}

}  // namespace

UpdateMemory::UpdateMemory(SpoolFile file, const Model& like)
    : file_(std::move(file)), elements_(model_elements(like)), sum_(zeros_like(like)) {
  for (const auto& tensor : like) {
    slot_bytes_ += tensor.size() * (held_as_float(tensor.dtype) ? sizeof(float) : sizeof(double));
  }
}

Result<UpdateMemory> UpdateMemory::open(const std::filesystem::path& folder, const Model& like) {
  MARVEL_TRY(SpoolFile file, SpoolFile::open(folder));
  return UpdateMemory(std::move(file), like);
}

std::size_t UpdateMemory::take_slot() {
  if (free_.empty()) {
    return slots_++;
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  return slot;
}

Status UpdateMemory::begin() {
  for (const auto& [client, slot] : fresh_) {
    free_.push_back(slot.index);
  }
  fresh_.clear();
  for (const auto& client : std::exchange(forgotten_, {})) {
    if (const auto found = known_.find(client); found != known_.end()) {
      const Slot slot = found->second;
      MARVEL_TRY_STATUS(add({{slot.index, -slot.examples}}, sum_));
      free_.push_back(slot.index);
      known_.erase(found);
    }
  }
  return {};
}

Status UpdateMemory::keep(const std::string& client, double examples, const Update& update,
                          const Model& global) {
  const auto [at, is_new] = fresh_.try_emplace(client);
  if (is_new) {
    at->second.index = take_slot();
  }
  at->second.examples = examples;
  std::uint64_t offset = at->second.index * slot_bytes_;
  for (std::size_t t = 0; t < global.size(); ++t) {
    MARVEL_TRY_STATUS(std::visit(
        [&](const auto& values) {
          return write_change(file_, update, t, std::span(values), offset);
        },
        global[t].values));
  }
  return {};
}

template <class T>
Status UpdateMemory::read_sum(const Terms& terms, std::uint64_t offset, std::span<T> sum) const {
  std::array<T, kPerCall> block{};
  const auto part = std::span(block).first(sum.size());
  std::fill(sum.begin(), sum.end(), T(0));
  for (const auto& [slot, coefficient] : terms) {
    MARVEL_TRY_STATUS(file_.read(slot * slot_bytes_ + offset, std::as_writable_bytes(part)));
    add_scaled(sum, static_cast<T>(coefficient), std::span<const T>(part));
  }
  return {};
}

template <class T>
Status UpdateMemory::add_to(const Terms& terms, std::span<T> to, std::uint64_t& offset,
                            double& squares) const {
  std::array<T, kPerCall> block{};
  for (std::size_t first = 0; first < to.size(); first += kPerCall) {
    const auto part = std::span(block).first(std::min(kPerCall, to.size() - first));
    MARVEL_TRY_STATUS(read_sum(terms, offset, part));
    offset += part.size_bytes();
    for (const T value : part) {
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    add_scaled(to.subspan(first, part.size()), T(1), std::span<const T>(part));
  }
  return {};
}

Result<double> UpdateMemory::add(const Terms& terms, Model& to) const {
  double squares = 0;
  std::uint64_t offset = 0;
  for (auto& tensor : to) {
    MARVEL_TRY_STATUS(
        std::visit([&](auto& values) { return add_to(terms, std::span(values), offset, squares); },
                   tensor.values));
  }
  return squares;
}

Result<double> UpdateMemory::add_news(const std::string& client, double coefficient,
                                      Model& to) const {
  Terms terms{{fresh_.at(client).index, coefficient}};
  if (const auto known = known_.find(client); known != known_.end()) {
    terms.emplace_back(known->second.index, -coefficient);
  }
  MARVEL_TRY(const double squares, add(terms, to));
  const auto elements = static_cast<double>(std::max<std::size_t>(1, elements_));
  return std::sqrt(squares / elements) / coefficient;
}

Status UpdateMemory::commit() {
  for (const auto& [client, slot] : std::exchange(fresh_, {})) {
    Terms terms{{slot.index, slot.examples}};
    const auto known = known_.find(client);
    if (known != known_.end()) {
      terms.emplace_back(known->second.index, -known->second.examples);
      free_.push_back(known->second.index);
    }
    MARVEL_TRY_STATUS(add(terms, sum_));
    known_[client] = slot;
  }
  return {};
}

}  // namespace marvel::federate
