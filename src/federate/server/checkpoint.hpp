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
//
// In the order of a run:
//
//   MARVEL_TRY(const FolderLock lock, checkpoint.prepare(resume));  // held to the end
//   MARVEL_TRY(auto state, checkpoint.load());                      // with --resume
//   save(), report(), note()                                        // each round
//   copy_model()                                                    // where save() left it out
//
// The object is a path and a word: it holds no file open and remembers nothing. Only load()
// and saved_strategy() may be called without the lock; while a server runs load() may meet a round
// that is just being replaced, and says kInput. One thread at a time.
class Checkpoint {
 public:
  // The folder need not exist. `strategy` is the word of --strategy.
  Checkpoint(std::filesystem::path folder, std::string strategy);

  // Makes the folder ours for as long as the lock is held. kConflict when another server has it;
  // kInput when it cannot be made or holds a run already and `resume` is false; kUnavailable when
  // it cannot be locked.
  [[nodiscard]] Result<FolderLock> prepare(bool resume) const;
  // The word of --strategy of the saved run, whatever this object's is; nothing when the folder has
  // none. kInput when it is damaged.
  [[nodiscard]] Result<std::optional<std::string>> saved_strategy() const;
  // The saved run, or nothing when the folder has none. kInput when it is damaged or was written
  // with another strategy. Reads the model and all moments into memory, and of rounds.jsonl the
  // rounds up to the saved one. `unreported` is left out of the state where rounds.jsonl has that
  // round.
  [[nodiscard]] Result<std::optional<RunState>> load() const;
  // kUnavailable when the disk is full or read-only; the round before stays whole. `with_copy`:
  // model.npz is renewed, too. `state` has a model, and `moments` are the strategy's. Costs a write
  // of all of them and of state.json, each of which is on disk when it returns; a copy of the model
  // costs about as much as the model. Round 0 begins a run: rounds.jsonl of an earlier one is
  // removed.
  [[nodiscard]] Status save(const RunState& state, const std::vector<const Model*>& moments,
                            bool with_copy = true) const;
  // Makes model.npz a copy of the model that save() has written for `round`. What cannot be copied
  // harms nobody: state.json names its files. A copy, not a link, because people edit it. It is not
  // synced, and replaces model.npz at once.
  void copy_model(std::uint64_t round) const;
  // state.json alone, beside the model and the `moments` that save() has written for this round.
  // After save() for the same round; the number of moments is the same. kUnavailable as there.
  [[nodiscard]] Status note(const RunState& state, std::size_t moments) const;
  // Takes away the half line that a crash may have left in rounds.jsonl. For the server alone.
  [[nodiscard]] Status repair() const { return rounds_.complete({}); }
  // Keeps the report of a finished round, so that load() has it. kUnavailable when the disk is
  // full; then the file is as it was, and the report may be tried again later, before those of
  // later rounds.
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
