#pragma once

#include "vpn/io/conveyor.hpp"
#include "vpn/offload/coalescer.hpp"

#include <vector>

namespace marvel::vpn {

// The way of frames from a node to the machine: they are joined (Coalescer) and written to the
// device, by the thread that has them, or after start_thread() by one of its own, which they are
// copied for. Order stays.
//
// All calls come from one thread. `write` is called by whichever of the two writes, never by both
// at once; what it uses must outlive this object, whose destructor lets the thread write what it
// was given.
class FrameWriter {
 public:
  explicit FrameWriter(Coalescer::Sink write);

  // False where the machine allows no more threads. Called at most once, and after privileges are
  // dropped, which counts for each thread alone.
  bool start_thread();

  // The bytes live until it returns. It waits while the thread has all the room there is.
  void add(Bytes frame, const PartialChecksum& checksum);
  // No more frames are at hand: what was added is written now.
  void flush();

  // Whether the thread met a mistake of ours; what it wrote then is lost.
  [[nodiscard]] bool failed() const { return belt_.failed(); }

 private:
  // Frames that wait for the thread. Takes no memory once it is made.
  class Load {
   public:
    Load();
    [[nodiscard]] bool has_room(std::size_t size) const;
    void add(Bytes frame, const PartialChecksum& checksum);
    void clear();
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
