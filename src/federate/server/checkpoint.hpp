#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/round_log.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// A run on disk, in one folder (docs/formats/fedl.md):
//
//   state.json         round, run, strategy, histories, and the names of the files of this round
//   model-R.npz        the model after round R
//   moments-R-I.npz    the strategy's moments after round R
//   model.npz          the newest model once more, under a name that stays
//   rounds.jsonl       what became of each round, a line each
//   server.lock        empty; locked by the server that runs
//
// state.json is replaced atomically after the files it names are on disk, so a crash at any moment
// leaves the old round whole or the new one. Files of older rounds are then deleted.
class Checkpoint {
 public:
  // The folder need not exist. `strategy` is the word of --strategy.
  Checkpoint(std::filesystem::path folder, std::string strategy);

  // Makes the folder ours for as long as the lock is held. kConflict when another server has it;
  // kInput when it cannot be made or holds a run already and `resume` is false; kUnavailable when
  // it cannot be locked.
  [[nodiscard]] Result<FolderLock> prepare(bool resume) const;
  // The saved run, or nothing when the folder has none. kInput when it is damaged or was written
  // with another strategy.
  [[nodiscard]] Result<std::optional<RunState>> load() const;
  // kUnavailable when the disk is full or read-only; the round before stays whole. `with_copy`:
  // model.npz is renewed, too.
  [[nodiscard]] Status save(const RunState& state, const std::vector<const Model*>& moments,
                            bool with_copy = true) const;
  // Makes model.npz a copy of the model that save() has written for `round`. What cannot be copied
  // harms nobody: state.json names its files.
  void copy_model(std::uint64_t round) const;
  // state.json alone, beside the model and the `moments` that save() has written for this round.
  [[nodiscard]] Status note(const RunState& state, std::size_t moments) const;
  // Takes away the half line that a crash may have left in rounds.jsonl. For the server alone.
  [[nodiscard]] Status repair() const { return rounds_.complete({}); }
  // Keeps the report of a finished round, so that load() has it.
  [[nodiscard]] Status report(const RoundReport& report) const { return rounds_.append(report); }

  [[nodiscard]] std::filesystem::path model_path() const { return folder_ / "model.npz"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void delete_others(const std::vector<std::string>& kept) const;

  std::filesystem::path folder_;
  std::string strategy_;
  RoundLog rounds_;
};

}  // namespace marvel::federate
