#pragma once

#include "vpn/io/conveyor.hpp"
#include "vpn/offload/coalescer.hpp"

#include <vector>

namespace marvel::vpn {

// The way of frames from a node to the machine: they are joined (Coalescer) and written to the
// device, by the thread that has them, or after start_thread() by one of its own, which they are
// copied for. Order stays.
//
//   FrameWriter writer([&tap](auto... frame) { tap.write(frame...); });
//   writer.start_thread();           // or not
//   writer.add(frame, checksum);     // for each frame that was received
//   writer.flush();                  // when no more are at hand, before the node waits
//
// All calls come from one thread. `write` is called by whichever of the two writes, never by both
// at once; what it uses must outlive this object, whose destructor lets the thread write what it
// was given.
//
// With a thread there are 4 loads of 512 KiB, made at the start, and no memory is taken for a
// frame. Up to 16 KiB are written by the caller itself while the thread has nothing to do: waking
// it would take longer.
class FrameWriter {
 public:
  // `write` may throw: where the caller writes, that comes out of add() or flush(), and failed()
  // tells of it in the thread.
  explicit FrameWriter(Coalescer::Sink write);

  // False where the machine allows no more threads. Called at most once, and after privileges are
  // dropped, which counts for each thread alone.
  bool start_thread();

  // The bytes live until it returns. It waits while the thread has all the room there is, so a slow
  // device holds up the node as it would without a thread. At most 512 KiB, which no frame has.
  void add(Bytes frame, const PartialChecksum& checksum);
  // No more frames are at hand: what was added is written now, or by the thread as soon as it comes
  // to it. Without this the last frames of a stream stay in the Coalescer.
  void flush();

  // Whether the thread met a mistake of ours; what it wrote then is lost.
  [[nodiscard]] bool failed() const { return belt_.failed(); }

 private:
  // Frames that wait for the thread, one behind the other, at most 1024. Takes no memory once it is
  // made.
  class Load {
   public:
    Load();
    [[nodiscard]] bool has_room(std::size_t size) const;
    void add(Bytes frame, const PartialChecksum& checksum);
    void clear();
    // To the coalescer, in the order in which they came, and a flush() behind the last one.
    void give(Coalescer& coalescer) const;
    [[nodiscard]] std::size_t used() const { return used_; }

    bool is_last = false;  // a flush() was behind it

   private:
    struct Place {
      std::size_t begin = 0;
      std::size_t end = 0;
      PartialChecksum checksum;
    };
    std::vector<std::uint8_t> bytes_;
    std::size_t used_ = 0;
    std::vector<Place> places_;
  };

  Coalescer coalescer_;   // of whoever writes
  bool is_open_ = false;  // something was added since the last flush()
  Conveyor<Load> belt_;
};

}  // namespace marvel::vpn
