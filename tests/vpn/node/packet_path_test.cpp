// UNITY_ALONE: it counts what is allocated, for all of its text.
// A packet on its usual way costs no memory: between edges, over a super node, with and without a
// limit, and in halves.
#include "vpn/allocations.hpp"
#include "vpn/node/edge.hpp"
#include "vpn/node/simulator.hpp"
#include "vpn/node/supernode.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// For the whole test program.
void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);  // NOLINT(cppcoreguidelines-no-malloc)
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*nothrow*/) noexcept {
  ++allocations;
  return std::malloc(size);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc)
}

namespace marvel::vpn {

std::uint64_t allocations_so_far() {
  return allocations;
}

namespace {

const Endpoint kSupernode = Endpoint::from_ipv4(0xc6336401, kDefaultPort);
const Endpoint kA = Endpoint::from_ipv4(0xc0000201, kDefaultPort);
const Endpoint kB = Endpoint::from_ipv4(0xc0000202, kDefaultPort);

// What a runtime does for one node, without memory of its own on the way.
class Cable : public Outbox {
 public:
  explicit Cable(const Endpoint& at) : place(at) {}

  MutableBytes reserve(std::size_t size) override {
    sizes_[waiting] = size;
    return MutableBytes(rooms_[waiting]).first(size);
  }
  void send(const Endpoint& to) override { to_[waiting++] = to; }
  void deliver(Bytes frame, const PartialChecksum& /*checksum*/) override {
    ++frames;
    bytes += frame.size();
  }
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override {}
  void tell(const std::string& /*message*/) override {}

  [[nodiscard]] MutableBytes datagram(std::size_t at) {
    return MutableBytes(rooms_.at(at)).first(sizes_.at(at));
  }
  [[nodiscard]] const Endpoint& target(std::size_t at) const { return to_.at(at); }

  Endpoint place;
  std::size_t waiting = 0;
  std::size_t frames = 0;
  std::size_t bytes = 0;

 private:
  static constexpr std::size_t kRooms = 128;
  std::array<Block<2048>, kRooms> rooms_{};
  std::array<std::size_t, kRooms> sizes_{};
  std::array<Endpoint, kRooms> to_{};
};

struct Path {
  bool direct = true;
  double relay_rate = 0;
  std::size_t largest = 2048;  // datagrams beyond it vanish
};

// Two edges and a super node on one wire.
class Network {
 public:
  explicit Network(const Path& path)
      : path_(path), supernode_(random_, supernode_wire_, sim::kToday, {path.relay_rate, 0}) {
    Supernode::CommunityOptions options;
    options.name = "grn";
    options.subnet = {0x0a080000, 24};
    options.identity = make_identity(1);
    supernode_.add(std::move(options));
    a_ = edge("a", 2, a_wire_);
    b_ = edge("b", 3, b_wire_);
    for (int step = 0; step < 120; ++step) {
      tick();
      if (a_->address() != 0 && b_->address() != 0) {
        introduce();
      }
    }
  }

  // Sends a frame and lets all arrive.
  void send(Bytes frame, const FrameInfo& info) {
    a_->frame(now_, frame, info);
    pump();
  }
  void tick() {
    now_ += kTick;
    a_->tick(now_);
    b_->tick(now_);
    supernode_.tick(now_);
    pump();
  }
  void wait(Duration span) { now_ += span; }
  [[nodiscard]] std::size_t arrived() const { return b_wire_.bytes; }
  [[nodiscard]] std::size_t frames() const { return b_wire_.frames; }
  [[nodiscard]] const Peer& peer() const { return *a_->peers().begin()->second; }

  [[nodiscard]] std::vector<std::uint8_t> frame(std::size_t payload) const {
    return sim::text_frame(b_->mac(), a_->mac(), b_->address(), a_->address(),
                           std::string(payload, 'x'));
  }

 private:
  std::unique_ptr<Edge> edge(const std::string& name, std::uint64_t key, Cable& wire) {
    EdgeOptions options;
    options.identity = make_identity(key);
    options.name = name;
    options.unix_ns_at_zero = sim::kToday;
    options.list = {{kSupernode, make_identity(1).point}};
    auto made = std::make_unique<Edge>(std::move(options), random_, wire);
    made->set_candidates(now_, {wire.place});
    return made;
  }
  // As the machine does: who has the address?
  void introduce() {
    auto request = arp_reply({Mac{}, b_->address(), a_->address()}, a_->mac());
    request[kEthernet + 7] = 1;
    a_->frame(now_, request, {});
    a_->frame(now_, frame(100), {});
    pump();
  }
  void pump() {
    while (a_wire_.waiting + b_wire_.waiting + supernode_wire_.waiting > 0) {
      for (Cable* const wire : {&a_wire_, &b_wire_, &supernode_wire_}) {
        const std::size_t count = std::exchange(wire->waiting, 0);
        for (std::size_t at = 0; at < count; ++at) {
          arrive(*wire, wire->target(at), wire->datagram(at));
        }
      }
    }
  }
  // Who gets it writes into another wire.
  void arrive(const Cable& from, const Endpoint& to, MutableBytes bytes) {
    const bool relayed = to == kSupernode || from.place == kSupernode;
    if (bytes.size() > path_.largest || (!path_.direct && !relayed)) {
      return;
    }
    if (to == kSupernode) {
      supernode_.datagram(now_, from.place, bytes);
    } else {
      (to == kA ? *a_ : *b_).datagram(now_, from.place, bytes);
    }
  }

  Path path_;
  SeededRandom random_{1};
  Cable a_wire_{kA};
  Cable b_wire_{kB};
  Cable supernode_wire_{kSupernode};
  Time now_{seconds(1)};
  Supernode supernode_;
  std::unique_ptr<Edge> a_;
  std::unique_ptr<Edge> b_;
};

// 2000 frames of 100 to 1300 bytes, and as many for a start; then none may need memory.
void check(const Path& path, bool is_direct, bool halved) {
  Network net(path);
  REQUIRE(net.peer().direct.is_open() == is_direct);
  const std::array frames{net.frame(80), net.frame(700), net.frame(1300)};
  for (const bool counted : {false, true}) {
    const std::size_t before = net.frames();
    const std::uint64_t memory = allocations;
    for (std::size_t at = 0; at < 1999; ++at) {
      net.send(frames.at(at % frames.size()), {});
      if (path.relay_rate > 0) {
        net.wait(milliseconds(2));
      }
    }
    const std::uint64_t taken = allocations - memory;
    for (int at = 0; at < 20; ++at) {  // what waits leaves with time
      net.tick();
    }
    CHECK(net.frames() - before >= 1990);
    if (counted) {
      CHECK(taken == 0);
    }
  }
  CHECK((net.peer().direct_mtu.size() == kSmallestPath) == (halved || !is_direct));
}

}  // namespace

TEST_CASE("a frame on a direct path takes no memory") {
  check({}, true, false);
}

TEST_CASE("a frame in two halves takes no memory") {
  check({true, 0, 900}, true, true);
}

TEST_CASE("a frame over a super node takes no memory") {
  check({false, 0, 2048}, false, false);
}

TEST_CASE("a frame over a super node with a limit takes no memory") {
  check({false, 380'000, 2048}, false, false);
}

TEST_CASE("a big frame that is cut takes no memory") {
  Network net({});
  auto frame = net.frame(40'000);
  frame[kEthernet + 9] = 17;
  const FrameInfo info{FrameInfo::Kind::kUdp, 1200, {34, 6}};
  net.send(frame, info);
  const std::uint64_t memory = allocations;
  const std::size_t before = net.frames();
  for (int at = 0; at < 100; ++at) {
    net.send(frame, info);
  }
  CHECK(allocations == memory);
  CHECK(net.frames() - before == 3400);
}

}  // namespace marvel::vpn
