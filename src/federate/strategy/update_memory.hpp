#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/strategy/spool.hpp"
#include "federate/strategy/update.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace marvel::federate {

// What each client changed when it was merged last: y_k = x_k - x of that round. With it a draw has
// to tell only what is new, y_k' - y_k, which is smaller than y_k' (FedVARP: Jhunjhunwala, Sharma,
// Nagarkar, Joshi, UAI 2022, arXiv 2207.14130; for clients that are away: MIFA, Gu, Huang, Zhang,
// Huang, NeurIPS 2021, arXiv 2106.04159).
//
// The changes are on disk, in a file without a name, with 4 bytes per parameter and client that are
// there as float; memory has one model, sum(). So it ends with the process. Who starts without one
// loses accuracy of a few rounds, and nothing else.
//
// A round keeps any number of changes, which count from commit() on:
//   MARVEL_TRY_STATUS(memory.begin());                         // drops those of a void round
//   MARVEL_TRY_STATUS(memory.keep(client, examples, update, global));
//   MARVEL_TRY(const double news, memory.add_news(client, weight, step));
//   MARVEL_TRY_STATUS(memory.commit());
// All are kUnavailable when the disk is full or fails; then the memory must not be used any more.
// Used by one thread at a time.
class UpdateMemory {
 public:
  // For models shaped as `like`. kUnavailable when no file can be made in `folder`.
  static Result<UpdateMemory> open(const std::filesystem::path& folder, const Model& like);

  Status begin();
  // Writes `update` - `global`, once: a later one of the same client and round replaces it.
  Status keep(const std::string& client, double examples, const Update& update,
              const Model& global);
  // `to` += coefficient (y' - y) of a client that was kept in this round; y is 0 for a new one. The
  // result is |y' - y|_2 / sqrt(parameters).
  Result<double> add_news(const std::string& client, double coefficient, Model& to) const;
  // What was kept takes the place of what was remembered. A pass over both for each client.
  Status commit();
  // From the next begin() on. Unknown clients are no trouble.
  void forget(const std::string& client) { forgotten_.push_back(client); }

  // sum_k n_k y_k over all that are remembered, n_k their examples. Added to and taken from in the
  // model's own precision, whose rounding stays in it.
  [[nodiscard]] const Model& sum() const { return sum_; }
  [[nodiscard]] std::size_t clients() const { return known_.size(); }

 private:
  struct Slot {
    std::size_t index = 0;
    double examples = 0;
  };
  using Slots = std::map<std::string, Slot>;
  using Terms = std::vector<std::pair<std::size_t, double>>;  // a slot's index, and how often

  UpdateMemory(SpoolFile file, const Model& like);
  std::size_t take_slot();
  // Of one tensor's block: sum = sum of coefficient times slot.
  template <class T>
  Status read_sum(const Terms& terms, std::uint64_t offset, std::span<T> sum) const;
  template <class T>
  Status add_to(const Terms& terms, std::span<T> to, std::uint64_t& offset, double& squares) const;
  // `to` += sum of coefficient times slot; the result is the square of what was added.
  Result<double> add(const Terms& terms, Model& to) const;

  SpoolFile file_;
  std::uint64_t slot_bytes_ = 0;
  std::size_t elements_ = 0;
  std::size_t slots_ = 0;          // that the file has
  std::vector<std::size_t> free_;  // of these
  Slots known_;
  Slots fresh_;  // of the round under way
  std::vector<std::string> forgotten_;
  Model sum_;
};

}  // namespace marvel::federate
