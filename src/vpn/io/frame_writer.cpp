#include "vpn/io/frame_writer.hpp"

#include <algorithm>
#include <utility>

namespace marvel::vpn {
namespace {

constexpr std::size_t kLoads = 4;
constexpr std::size_t kLoad = 512U << 10U;  // bytes; what another core copies next should be cached
constexpr std::size_t kMostFrames = 1024;
constexpr std::size_t kLittle = 16U << 10U;  // bytes that are written faster than a thread wakes up

}  // namespace

FrameWriter::Load::Load() : bytes_(kLoad) {
  places_.reserve(kMostFrames);
}

bool FrameWriter::Load::has_room(std::size_t size) const {
  return used_ + size <= bytes_.size() && places_.size() < kMostFrames;
}

void FrameWriter::Load::add(Bytes frame, const PartialChecksum& checksum) {
  std::copy(frame.begin(), frame.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(used_));
  places_.push_back({used_, used_ + frame.size(), checksum});
  used_ += frame.size();
}

void FrameWriter::Load::clear() {
  used_ = 0;
  places_.clear();
  is_last = false;
}

void FrameWriter::Load::give(Coalescer& coalescer) const {
  for (const Place& one : places_) {
    coalescer.add(Bytes(bytes_).subspan(one.begin, one.end - one.begin), one.checksum);
  }
  if (is_last) {
    coalescer.flush();
  }
}

FrameWriter::FrameWriter(Coalescer::Sink write)
    : coalescer_(std::move(write)), belt_([this](Load& load) { load.give(coalescer_); }) {}

bool FrameWriter::start_thread() {
  return belt_.start(kLoads);
}

void FrameWriter::add(Bytes frame, const PartialChecksum& checksum) {
  if (!belt_.is_threaded()) {
    return coalescer_.add(frame, checksum);
  }
  if (!belt_.slot().has_room(frame.size())) {
    belt_.pass(false);
  }
  belt_.slot().add(frame, checksum);
  is_open_ = true;
}

void FrameWriter::flush() {
  if (!belt_.is_threaded()) {
    return coalescer_.flush();
  }
  // The last load goes even when it is empty: streams are open in the coalescer.
  if (std::exchange(is_open_, false)) {
    Load& load = belt_.slot();
    load.is_last = true;
    belt_.pass(load.used() <= kLittle);
  }
}

}  // namespace marvel::vpn
