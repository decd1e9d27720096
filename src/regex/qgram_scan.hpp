#pragma once

#include "regex/nibble_masks.hpp"
#include "regex/qgram_filter.hpp"
#include "regex/qgram_probe.hpp"
#include "regex/qgram_window.hpp"
#include "regex/simd.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Goes over a text and gives the places where a literal begins. Works through a few kilobytes at a
// time in three passes with few branches that depend on the text: probes that pass go into a list,
// windows around them that pass into a second one, and only those are compared. A wrong guess of a
// branch would cost more than all the rest of a probe. With vectors many probes are made at once,
// or, for few literals, all positions are looked at instead (see nibble_masks.hpp). One thread at a
// time.
class QgramScan {
 public:
  // `filter` must outlive this and stay where it is. `simd` is one of supported_simd(); all of them
  // give places on the same lines.
  explicit QgramScan(const QgramFilter& filter, Simd simd = best_simd());

  // Begins a text of less than 4 GiB, which must stay while it is scanned.
  void begin(std::string_view text);

  // A place at or behind `from` where a literal begins, or the text's size; `from` may not fall.
  // Places come in rising order of their probes, which may be a few bytes off the order of the
  // text, and one may come twice when two literals begin there. All lines that hold a literal are
  // found if the search goes on behind the line of each place.
  std::size_t next(std::size_t from);

 private:
  void fill();
  void keep_windows(const WindowTest& test);
  void pass_rest(std::size_t end, std::size_t stride);

  const QgramFilter& filter_;
  GramProbe probe_;
  ProbeGrams vector_grams_ = nullptr;
  ProbeNibbles vector_nibbles_ = nullptr;
  KeepWindows vector_windows_ = nullptr;
  std::optional<NibbleMasks> nibbles_;  // when they are used instead of grams
  std::string_view text_;
  std::size_t at_ = 0;                 // the next probe
  std::vector<std::uint32_t> probes_;  // that passed; room for all of a piece
  std::size_t probe_count_ = 0;
  std::vector<std::uint32_t> windows_;  // that passed
  std::size_t window_count_ = 0;
  std::size_t cursor_ = 0;  // the next window to compare
};

}  // namespace marvel::regex
