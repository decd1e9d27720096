// The machine around an edge: one thread that waits for the socket, the TAP device, changes of
// addresses, readers of the status, and time. With helpers (packet_threads.hpp) it hands on what
// stands behind the bar.
//
//   TAP -> Edge::frame -> room in the socket's arena | -> many datagrams per system call
//   socket -> Edge::datagram (opens in place)        | -> Coalescer -> TAP
#include "vpn/io/run_edge.hpp"

#include "net/metrics_socket.hpp"
#include "vpn/io/aside.hpp"
#include "vpn/io/frame_writer.hpp"
#include "vpn/io/lan_socket.hpp"
#include "vpn/io/local_addresses.hpp"
#include "vpn/io/measure_socket.hpp"
#include "vpn/io/packet_threads.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/io/service.hpp"
#include "vpn/io/state_folder.hpp"
#include "vpn/io/take.hpp"
#include "vpn/io/tap.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/node/metrics.hpp"
#include "vpn/node/status_json.hpp"
#include "vpn/node/survey_json.hpp"

#include <algorithm>
#include <utility>

namespace marvel::vpn {
namespace {

// Rounds before the other side has its turn.
constexpr int kBatchesAtOnce = 4;

class Runner : public Outbox {
 public:
  // Made before privileges are dropped.
  struct Sockets {
    UdpSocket udp;
    net::StatusSocket status;
    MeasureSocket measure;
    net::MetricsSocket metrics;
    LanSocket lan;
  };
  Runner(EdgeRun options, Context& context, Sockets sockets, Tap tap)
      : options_(std::move(options)),
        context_(context),
        socket_(std::move(sockets.udp)),
        tap_(std::move(tap)),
        status_(std::move(sockets.status)),
        measure_(std::move(sockets.measure)),
        metrics_(std::move(sockets.metrics)),
        lan_(std::move(sockets.lan)),
        watch_(open_address_watch()),
        hangup_(open_hangup_watch()),
        reload_(options_.reload),
        writer_([this](Bytes frame, const PartialChecksum& checksum, std::size_t segment,
                       std::size_t headers) { tap_.write(frame, checksum, segment, headers); }),
        edge_(options_.node, random_, *this) {}

  MutableBytes reserve(std::size_t size) override { return socket_.reserve(size); }
  void send(const Endpoint& to) override { socket_.queue(to); }
  void deliver(Bytes frame, const PartialChecksum& checksum) override {
    writer_.add(frame, checksum);
  }
  void addressed(Ipv4 address, unsigned bits) override;
  void tell(const std::string& message) override { context_.log.info(message); }

  Status run();

 private:
  void take(int fd, Time now);
  void answer_survey(Time now);
  void tell_lan(Time now);
  bool find_candidates(Time now);
  void change(Time now, const Result<EdgeRun::Reload>& read);
  void change_routes(const std::vector<Subnet>& accepted);
  void warn_of(const Status& status);
  void set_up_device(Ipv4 address, unsigned bits);

  EdgeRun options_;
  Context& context_;
  SystemRandom random_;
  UdpSocket socket_;
  Tap tap_;
  net::StatusSocket status_;
  MeasureSocket measure_;
  net::MetricsSocket metrics_;
  LanSocket lan_;
  Time next_beacon_{};
  Fd watch_;
  Fd hangup_;
  Aside<EdgeRun::Reload> reload_;
  FrameWriter writer_;
  int threads_ = 1;  // that carry packets
  Edge edge_;
  Poller poller_;
  std::optional<Error> failure_;
};

void Runner::addressed(Ipv4 address, unsigned bits) {
  set_up_device(address, bits);
  if (failure_) {
    return;
  }
  const std::string text = ipv4_text(address) + "/" + std::to_string(bits);
  context_.log.info("address " + text + " on " + tap_.name());
  if (options_.on_address) {
    options_.on_address(text);
  }
  notify_service("READY=1\nSTATUS=" + text + " on " + tap_.name());
}

void Runner::set_up_device(Ipv4 address, unsigned bits) {
  if (const Status done = tap_.configure(address, bits); !done) {
    failure_ = done.error();
    return;
  }
  tap_.configure(edge_.ipv6(), kOverlayIpv6Bits);
  for (const Subnet& network : options_.node.accepted) {
    warn_of(tap_.add_route(network));
  }
}

void Runner::change(Time now, const Result<EdgeRun::Reload>& read) {
  const auto check = [this](const EdgeRun::Reload& fresh) -> Status {
    MARVEL_TRY_STATUS(edge_.check_announced(fresh.settings.announced));
    return fresh.memberships ? options_.node.peers.check_successor(fresh.memberships->peers)
                             : Status();
  };
  if (const Status good = read ? check(*read) : Status(fail(read.error())); !good) {
    context_.log.warning("all stays as it was: " + describe(good.error()));
    return;
  }
  const std::optional<EdgeRun::Memberships> members = read->memberships;
  if (members) {
    options_.node.peers = members->peers;
    edge_.set_membership(members->peers, members->supernodes);
  }
  change_routes(read->settings.accepted);
  edge_.change(now, read->settings);
  context_.log.info("configuration, certificate and revocations are read again");
  warn_of_restart(read->restart, context_);
  for (const std::string& warning : read->warnings) {
    context_.log.warning(warning);
  }
}

void Runner::change_routes(const std::vector<Subnet>& accepted) {
  const auto has = [](const std::vector<Subnet>& networks, const Subnet& one) {
    return std::find(networks.begin(), networks.end(), one) != networks.end();
  };
  const std::vector<Subnet> before = std::exchange(options_.node.accepted, accepted);
  if (edge_.address() == 0) {
    return;  // the device has no routes before it has its address
  }
  for (const Subnet& one : before) {
    if (!has(accepted, one)) {
      warn_of(tap_.remove_route(one));
    }
  }
  for (const Subnet& one : accepted) {
    if (!has(before, one)) {
      warn_of(tap_.add_route(one));
    }
  }
}

void Runner::warn_of(const Status& status) {
  if (!status) {
    context_.log.warning(describe(status.error()));
  }
}

bool Runner::find_candidates(Time now) {
  return edge_.set_candidates(now, local_endpoints(socket_.port(), tap_.name(), false));
}

void Runner::take(int fd, Time now) {
  if (fd == socket_.fd()) {
    take_datagrams(socket_, edge_, now, kBatchesAtOnce);
  } else if (fd == tap_.fd()) {
    if (!take_frames(tap_, edge_, now)) {
      failure_ = Error{Errc::kUnavailable, "the device " + tap_.name() + " is gone", "", {}};
    }
  } else if (fd == status_.fd()) {
    status_.answer(status_json(edge_, now, options_.community, tap_.name(), threads_));
  } else if (fd == lan_.fd()) {
    lan_.receive([&](Bytes bytes) { edge_.on_beacon(now, bytes); });
  } else if (measure_.is_mine(fd)) {
    measure_.take(
        fd, poller_, [&](SurveyOrder order) { edge_.survey(now, std::move(order)); },
        [this] { edge_.end_survey(); });
  } else if (fd == metrics_.fd()) {
    metrics_.answer(metrics(edge_, now, options_.community));
  } else if (fd == hangup_.get()) {
    if (drain_hangup_watch(hangup_)) {
      reload_.begin();
    }
  } else if (fd == reload_.fd()) {
    if (const auto read = reload_.take()) {
      change(now, *read);
    }
  } else if (drain_address_watch(watch_) && find_candidates(now)) {
    edge_.roam(now);
  }
}

void Runner::tell_lan(Time now) {
  if (lan_.fd() < 0 || now < next_beacon_ || edge_.address() == 0) {
    return;
  }
  next_beacon_ = now + kBeaconEvery;
  lan_.join(tap_.name());  // devices come and go
  lan_.send(edge_.beacon(now));
}

void Runner::answer_survey(Time now) {
  if (const Survey* const survey = edge_.survey(); survey != nullptr && survey->done()) {
    const auto calendar = Poller::unix_ns_at_zero() + static_cast<std::uint64_t>(now.count());
    measure_.answer(survey_json(*survey, edge_.name(), calendar / 1'000'000'000U));
    edge_.end_survey();
  }
}

Status Runner::run() {
  poller_.watch(socket_.fd());
  poller_.watch(tap_.fd());
  poller_.watch(status_.fd());
  poller_.watch(measure_.fd());
  for (const int fd : {watch_.get(), metrics_.fd(), hangup_.get(), reload_.fd(), lan_.fd()}) {
    if (fd >= 0) {
      poller_.watch(fd);
    }
  }
  find_candidates(Poller::now());
  threads_ = start_packet_threads(options_.threads, socket_, &writer_, context_);
  Time next_tick{};
  while (!context_.stop.raised() && !failure_) {
    const auto& ready = poller_.wait(next_tick - Poller::now());
    const Time now = Poller::now();
    for (const int fd : ready) {
      take(fd, now);
    }
    if (now >= next_tick) {
      edge_.set_calendar(Poller::unix_ns_at_zero());
      edge_.set_not_sent(socket_.lost());
      edge_.tick(now);
      answer_survey(now);
      tell_lan(now);
      next_tick = now + kTick;
    }
    writer_.flush();
    socket_.flush();
    if (auto failure = failure_of_threads(socket_, &writer_)) {
      failure_ = std::move(failure);
    }
  }
  notify_service("STOPPING=1");
  edge_.leave(Poller::now());
  socket_.flush();
  return failure_ ? Status(fail(*failure_)) : Status();
}

}  // namespace

Status run_edge(EdgeRun options, Context& context) {
  options.node.unix_ns_at_zero = Poller::unix_ns_at_zero();
  options.node.mtu = options.mtu;
  MARVEL_TRY(const FolderLock lock, lock_state(options.state));
  MARVEL_TRY(net::StatusSocket status, net::StatusSocket::listen(status_place(options.state)));
  MARVEL_TRY(MeasureSocket measure, MeasureSocket::listen(options.state));
  MARVEL_TRY(UdpSocket socket, UdpSocket::open(options.listen));
  MARVEL_TRY(Tap tap, Tap::open(options.device, mac_of(options.node.identity.point), options.mtu));
  MARVEL_TRY(net::MetricsSocket metrics, open_metrics(options.metrics));
  LanSocket lan = options.find_in_lan ? LanSocket::open() : LanSocket();
  if (!options.user.empty()) {
    MARVEL_TRY_STATUS(become(options.user, options.state, true));
  }
  Runner runner(std::move(options), context,
                {std::move(socket), std::move(status), std::move(measure), std::move(metrics),
                 std::move(lan)},
                std::move(tap));
  return runner.run();
}

}  // namespace marvel::vpn
