#pragma once

#include <cstdint>
#include <string_view>

namespace marvel {

// Live progress of one long piece of work. Library code reports; whoever owns the terminal decides
// how often and how to draw it (a redrawn line, a plain line now and then, or nothing). Calls are
// cheap enough for every training step: drawing is limited by time, not by calls. One thread at a
// time, the one that writes to the log too, because both may be one object.
//   progress.begin("epoch 3", batches);
//   for (std::size_t i = 0; i < batches; ++i) {
//     step(i);
//     progress.update(i + 1, "loss 0.31");
//   }
//   progress.end();
class Progress {
 public:
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  virtual ~Progress() = default;

  // Starts a piece of work of `total` units; replaces an unfinished one. The views are copied. With
  // a `total` of 0 the share that is done stays at 0.
  virtual void begin(std::string_view label, std::uint64_t total) = 0;
  // `done` of the units are finished; `detail` is a short text behind the bar. Further lines of it
  // stand below the bar where lines can be redrawn, and are left out elsewhere. `done` counts from
  // the beginning, not from the last call. The first call after begin() may be above 0, as in a
  // resumed run; the time left is worked out from there.
  virtual void update(std::uint64_t done, std::string_view detail) = 0;
  // A finished line that stays on the screen above the live one (one epoch, one round).
  virtual void milestone(std::string_view line) = 0;
  // Takes the live line away and says nothing; what shall stay is a milestone. Without effect when
  // nothing was begun.
  virtual void end() = 0;
};

}  // namespace marvel
