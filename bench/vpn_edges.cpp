// Many edges on one super node, from one process: each edge is the machine of vpn/node/edge.hpp
// with a UDP socket of its own; the super node is a real `marvel vpn supernode` on 127.0.0.1.
//
//   bench_vpn_edges MARVEL COUNT
//
// Prints "registered SECONDS" until all have addresses, "relayed PERCENT" of frames that arrive
// when each edge sends one a second to its neighbour for 10 s over the relay, and "memory MB", the
// largest resident size of the super node. Paths stay relayed because candidates are withheld and
// the socket drops what does not come from the super node.
#include "base/fd.hpp"
#include "vpn/identity/membership.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/node/edge.hpp"
#include "vpn/offload/frame.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

namespace {

using namespace marvel::vpn;
using marvel::Fd;

constexpr std::uint16_t kPort = 14194;
constexpr std::uint32_t kFirstOwn = 0x7f010001;  // 127.1.0.1
constexpr auto kRegisterWithin = seconds(60);
constexpr auto kRelayFor = seconds(10);
constexpr std::uint8_t kExperiment = 253;  // IP protocol, RFC 3692

sockaddr_in supernode_address() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// An edge with a socket that talks to the super node only. Each has a loopback address of its own,
// as edges in the world have: a super node limits what one address asks of it.
class Simulated : public Outbox {
 public:
  Simulated(std::uint32_t number, EdgeOptions options, Random& random)
      : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        edge_(std::move(options), random, *this) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(kFirstOwn + number);
    ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own);
    const sockaddr_in to = supernode_address();
    ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  MutableBytes reserve(std::size_t size) override {
    room_.resize(size);
    return room_;
  }
  void send(const Endpoint& to) override {
    if (to.port == kPort) {
      ::send(socket_.get(), room_.data(), room_.size(), 0);
    }
  }
  void deliver(Bytes frame, const PartialChecksum& /*checksum*/) override {
    if (ether_type(frame) == kTypeArp) {
      std::copy_n(frame.begin() + kEthernet + 8, neighbour_.size(), neighbour_.begin());
      known_ = true;
    } else {
      ++received_;
    }
  }
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override {}
  void tell(const std::string& /*message*/) override {}

  void receive(Time now) {
    std::array<std::uint8_t, 2048> bytes{};
    ssize_t got = 0;
    while ((got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0)) > 0) {
      edge_.datagram(now, Endpoint::from_ipv4(INADDR_LOOPBACK, kPort),
                     MutableBytes(bytes).first(static_cast<std::size_t>(got)));
    }
  }
  // Asks for the neighbour's Ethernet address, or sends it a frame of 64 bytes.
  void say(Time now, Ipv4 target) {
    std::array<std::uint8_t, 64> frame{};
    const Mac mac = edge_.mac();
    std::copy(mac.begin(), mac.end(), frame.begin() + 6);
    if (!known_) {
      auto request = arp_reply({Mac{}, target, edge_.address()}, mac);
      request[kEthernet + 7] = 1;
      return edge_.frame(now, request, {});
    }
    std::copy(neighbour_.begin(), neighbour_.end(), frame.begin());
    store_be16(frame.data() + 12, kTypeIpv4);
    frame[kEthernet] = 0x45;
    store_be16(frame.data() + kEthernet + 2, 50);
    frame[kEthernet + 9] = kExperiment;
    store_be32(frame.data() + kEthernet + 12, edge_.address());
    store_be32(frame.data() + kEthernet + 16, target);
    edge_.frame(now, frame, {});
    ++sent_;
  }
  [[nodiscard]] Edge& edge() { return edge_; }
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  Fd socket_;
  std::vector<std::uint8_t> room_;
  Mac neighbour_{};
  bool known_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  Edge edge_;
};

class Crowd {
 public:
  Crowd(std::size_t count, const PassphraseKeys& keys) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t at = 0; at < count; ++at) {
      EdgeOptions options;
      options.identity = KeyPairX::from(random_secret(random_));
      options.peers.community = options.supernodes.community = keys.community;
      options.peers.psk = keys.member;
      options.supernodes.psk = supernode_psk(keys.supernode);
      options.name = "edge" + std::to_string(at);
      options.unix_ns_at_zero = Poller::unix_ns_at_zero();
      options.list = {{Endpoint::from_ipv4(INADDR_LOOPBACK, kPort),
                       x25519_public(supernode_identity(keys.supernode))}};
      edges_.push_back(
          std::make_unique<Simulated>(static_cast<std::uint32_t>(at), std::move(options), random_));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = edges_.back().get();
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, edges_.back()->fd(), &event);
    }
  }
  // What has come, for a while; then the timers of some edges, so that load is even.
  void turn() {
    std::array<epoll_event, 256> events{};
    int count = 0;
    do {  // all of it: who is late with answers asks again and again
      count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 1);
      for (int at = 0; at < count; ++at) {
        static_cast<Simulated*>(events[static_cast<std::size_t>(at)].data.ptr)
            ->receive(Poller::now());
      }
    } while (count == static_cast<int>(events.size()));
    const auto due = static_cast<std::size_t>((Poller::now() - ticked_) * edges_.size() / kTick);
    const std::size_t most = edges_.size() / 20;
    for (std::size_t at = 0; at < std::min(due, most); ++at) {
      edges_[next_tick_++ % edges_.size()]->edge().tick(Poller::now());
    }
    ticked_ += due * kTick / edges_.size();
  }
  [[nodiscard]] bool registered() const {
    return std::all_of(edges_.begin(), edges_.end(),
                       [](const auto& one) { return one->edge().address() != 0; });
  }
  // One frame a second from each edge to the next one, and the same share of them at any time.
  void relay_until(Time end) {
    const Time began = Poller::now();
    std::size_t said = 0;
    while (Poller::now() < end) {
      const auto wanted =
          static_cast<std::size_t>((Poller::now() - began) * edges_.size() / seconds(1));
      for (; said < wanted; ++said) {
        const std::size_t from = said % edges_.size();
        const Ipv4 to = edges_[(from + 1) % edges_.size()]->edge().address();
        edges_[from]->say(Poller::now(), to);
      }
      turn();
    }
  }
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> totals() const {
    std::pair<std::uint64_t, std::uint64_t> sum;
    for (const auto& one : edges_) {
      sum.first += one->sent();
      sum.second += one->received();
    }
    return sum;
  }

 private:
  SystemRandom random_;
  Fd epoll_;
  std::vector<std::unique_ptr<Simulated>> edges_;
  std::size_t next_tick_ = 0;
  Time ticked_ = Poller::now();
};

// In kB of its status, the largest resident size of a process.
double peak_mb(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  double size = 0;
  while (status >> word) {
    if (word == "VmHWM:") {
      status >> size;
    }
  }
  return size / 1024;
}

pid_t start_supernode(const char* marvel, const std::string& folder) {
  const std::string listen = "127.0.0.1:" + std::to_string(kPort);
  const std::string pass = folder + "/pass";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(marvel, marvel, "vpn", "supernode", "--community", "bench=10.0.0.0/16", "--key-file",
            pass.c_str(), "--state", folder.c_str(), "--listen", listen.c_str(), nullptr);
    ::_exit(127);
  }
  return child;
}

int measure(const char* marvel, std::size_t count, const std::string& folder) {
  const auto keys = passphrase_keys("correct horse battery staple", "bench");
  const pid_t supernode = start_supernode(marvel, folder);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  Crowd crowd(count, *keys);
  const Time began = Poller::now();
  while (!crowd.registered() && Poller::now() - began < kRegisterWithin) {
    crowd.turn();
  }
  const bool all = crowd.registered();
  std::printf("registered %.3f\n", std::chrono::duration<double>(Poller::now() - began).count());
  crowd.relay_until(Poller::now() + kRelayFor);  // sessions between neighbours
  const auto before = crowd.totals();
  crowd.relay_until(Poller::now() + kRelayFor);
  const auto sent = crowd.totals();
  const Time settled = Poller::now() + seconds(1);
  while (Poller::now() < settled) {
    crowd.turn();
  }
  const auto share = static_cast<double>(crowd.totals().second - before.second) /
                     static_cast<double>(sent.first - before.first);
  std::printf("relayed %.3f\n", 100 * share);
  std::printf("memory %.1f\n", peak_mb(supernode));
  ::kill(supernode, SIGTERM);
  ::waitpid(supernode, nullptr, 0);
  return all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !start_crypto()) {
    std::cerr << "bench_vpn_edges MARVEL COUNT\n";
    return 2;
  }
  const rlimit files{65536, 65536};
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::string folder = "/tmp/vpn-edges-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return 3;
  }
  ::umask(077);
  std::ofstream(folder + "/pass") << "correct horse battery staple\n";
  const int code = measure(argv[1], std::stoul(argv[2]), folder);
  std::filesystem::remove_all(folder);
  return code;
}
