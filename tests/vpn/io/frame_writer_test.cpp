#include "vpn/io/frame_writer.hpp"

#include "vpn/allocations.hpp"
#include "vpn/offload/packets.hpp"

namespace marvel::vpn {
namespace {

using Frames = std::vector<std::vector<std::uint8_t>>;

// What is written, in order.
struct Device {
  Frames frames;
  Coalescer::Sink sink = [this](Bytes frame, const PartialChecksum&, std::size_t, std::size_t) {
    frames.emplace_back(frame.begin(), frame.end());
  };
};

struct Packet {
  std::vector<std::uint8_t> bytes;
  PartialChecksum checksum;
  bool flush = false;
};

// Rounds of several streams with other packets among them; some rounds are larger than a load.
std::vector<Packet> traffic(std::uint64_t seed) {
  CounterRng rng(seed);
  std::array<std::uint32_t, 3> sequence{1, 1000, 5'000'000};
  std::vector<Packet> all;
  for (std::uint32_t round = 0; round < 12; ++round) {
    for (std::uint32_t count = 1 + rng.below(1U << rng.below(11)); count > 0; --count) {
      const std::uint32_t stream = rng.below(3);
      if (rng.below(20) == 0) {
        all.push_back({udp_frame(rng.below(1000)), {kTcpAt, 6}});
        continue;
      }
      const std::size_t payload = rng.below(10) == 0 ? 1 + rng.below(1200) : 1200;
      all.push_back(
          {tcp_frame(payload, sequence[stream], 0x10, static_cast<std::uint16_t>(5000 + stream)),
           kTcpPartial});
      sequence[stream] += static_cast<std::uint32_t>(payload);
    }
    all.back().flush = true;
  }
  return all;
}

void give(FrameWriter& writer, const std::vector<Packet>& packets) {
  for (const Packet& one : packets) {
    writer.add(one.bytes, one.checksum);
    if (one.flush) {
      writer.flush();
    }
  }
}

}  // namespace

TEST_CASE("a writing thread writes the same frames as the one that has them would") {
  for (std::uint64_t seed = 0; seed < seeds(20); ++seed) {
    CAPTURE(seed);
    const auto packets = traffic(seed);
    Device plain;
    Device threaded;
    {
      FrameWriter one(plain.sink);
      give(one, packets);
      FrameWriter other(threaded.sink);
      REQUIRE(other.start_thread());
      give(other, packets);
    }
    REQUIRE(threaded.frames.size() == plain.frames.size());
    CHECK(threaded.frames == plain.frames);
  }
}

TEST_CASE("a frame alone is written before flush() returns") {
  Device device;
  FrameWriter writer(device.sink);
  REQUIRE(writer.start_thread());
  const auto frame = tcp_frame(100, 1);
  writer.add(frame, kTcpPartial);
  CHECK(device.frames.empty());
  writer.flush();
  CHECK(device.frames == Frames{frame});
  writer.flush();
  CHECK(device.frames.size() == 1);
}

TEST_CASE("a writing thread takes no memory for a frame") {
  const auto packets = traffic(1);
  std::size_t written = 0;
  std::uint64_t before = 0;
  {
    FrameWriter writer([&written](Bytes frame, const PartialChecksum&, std::size_t, std::size_t) {
      written += frame.size();
    });
    REQUIRE(writer.start_thread());
    give(writer, packets);  // streams get their memory
    give(writer, packets);
    before = allocations_so_far();
    give(writer, packets);
    give(writer, packets);
  }
  CHECK(allocations_so_far() == before);
  CHECK(written > 0);
}

TEST_CASE("a device that throws is told") {
  FrameWriter writer([](Bytes, const PartialChecksum&, std::size_t, std::size_t) {
    throw std::runtime_error("broken");
  });
  REQUIRE(writer.start_thread());
  const auto frame = udp_frame(1000);
  for (int count = 0; count < 600; ++count) {  // more than a load
    writer.add(frame, {});
  }
  writer.flush();
  while (!writer.failed()) {
    std::this_thread::yield();
  }
  CHECK(writer.failed());
}

}  // namespace marvel::vpn
