// The machine around an edge of n2n, made of the same parts as vpn::run_edge. Checksums of TCP are
// checked here and not by the kernel, so that packets can be joined before it sees them.
#include "net/metrics_socket.hpp"
#include "vpn/io/aside.hpp"
#include "vpn/io/frame_writer.hpp"
#include "vpn/io/local_addresses.hpp"
#include "vpn/io/packet_threads.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/io/service.hpp"
#include "vpn/io/state_folder.hpp"
#include "vpn/io/take.hpp"
#include "vpn/io/tap.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/n2n/metrics.hpp"
#include "vpn/n2n/run.hpp"
#include "vpn/n2n/status_json.hpp"

namespace marvel::vpn::n2n {
namespace {

// Rounds before the other side has its turn.
constexpr int kBatchesAtOnce = 4;

class Runner : public Outbox {
 public:
  Runner(EdgeRun options, Context& context, UdpSocket socket, Tap tap, net::StatusSocket status,
         net::MetricsSocket metrics)
      : options_(std::move(options)),
        context_(context),
        socket_(std::move(socket)),
        tap_(std::move(tap)),
        status_(std::move(status)),
        metrics_(std::move(metrics)),
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
  void change(Time now, const Result<EdgeRun::Reload>& read);
  bool find_candidates() {
    return edge_.set_candidates(local_endpoints(socket_.port(), tap_.name(), true));
  }

  EdgeRun options_;
  Context& context_;
  SystemRandom random_;
  UdpSocket socket_;
  Tap tap_;
  net::StatusSocket status_;
  net::MetricsSocket metrics_;
  Fd watch_;
  Fd hangup_;
  Aside<EdgeRun::Reload> reload_;
  FrameWriter writer_;
  int threads_ = 1;  // that carry packets
  Edge edge_;
  std::optional<Error> failure_;
};

void Runner::addressed(Ipv4 address, unsigned bits) {
  if (const Status done = tap_.configure(address, bits); !done) {
    failure_ = done.error();
    return;
  }
  const std::string text = ipv4_text(address) + "/" + std::to_string(bits);
  context_.log.info("address " + text + " on " + tap_.name());
  if (options_.on_address) {
    options_.on_address(text);
  }
  notify_service("READY=1\nSTATUS=" + text + " on " + tap_.name());
}

void Runner::take(int fd, Time now) {
  if (fd == socket_.fd()) {
    take_datagrams(socket_, edge_, now, kBatchesAtOnce);
  } else if (fd == tap_.fd()) {
    if (!take_frames(tap_, edge_, now)) {
      failure_ = Error{Errc::kUnavailable, "the device " + tap_.name() + " is gone", "", {}};
    }
  } else if (fd == status_.fd()) {
    status_.answer(status_json(edge_, tap_.name(), threads_));
  } else if (fd == metrics_.fd()) {
    metrics_.answer(metrics(edge_));
  } else if (fd == hangup_.get()) {
    if (drain_hangup_watch(hangup_)) {
      reload_.begin();
    }
  } else if (fd == reload_.fd()) {
    if (const auto read = reload_.take()) {
      change(now, *read);
    }
  } else if (drain_address_watch(watch_) && find_candidates()) {
    edge_.roam(now);
  }
}

void Runner::change(Time now, const Result<EdgeRun::Reload>& read) {
  if (!read) {
    context_.log.warning("all stays as it was: " + describe(read.error()));
    return;
  }
  edge_.change(now, read->settings);
  context_.log.info("the configuration is read again");
  warn_of_restart(read->restart, context_);
  for (const std::string& warning : read->warnings) {
    context_.log.warning(warning);
  }
}

Status Runner::run() {
  Poller poller;
  poller.watch(socket_.fd());
  poller.watch(tap_.fd());
  for (const int fd : {status_.fd(), metrics_.fd(), watch_.get(), hangup_.get(), reload_.fd()}) {
    if (fd >= 0) {
      poller.watch(fd);
    }
  }
  find_candidates();
  threads_ = start_packet_threads(options_.threads, socket_, &writer_, context_);
  Time next_tick{};
  while (!context_.stop.raised() && !failure_) {
    const auto& ready = poller.wait(next_tick - Poller::now());
    const Time now = Poller::now();
    for (const int fd : ready) {
      take(fd, now);
    }
    if (now >= next_tick) {
      edge_.set_calendar(Poller::unix_ns_at_zero());
      edge_.tick(now);
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
  MARVEL_TRY(const FolderLock lock, lock_state(options.state));
  MARVEL_TRY(net::StatusSocket status, net::StatusSocket::listen(status_place(options.state)));
  MARVEL_TRY(UdpSocket socket, UdpSocket::open(options.listen));
  MARVEL_TRY(Tap tap, Tap::open(options.device, options.node.mac, options.mtu));
  MARVEL_TRY(net::MetricsSocket metrics, open_metrics(options.metrics));
  if (!options.user.empty()) {
    MARVEL_TRY_STATUS(become(options.user, options.state, true));
  }
  Runner runner(std::move(options), context, std::move(socket), std::move(tap), std::move(status),
                std::move(metrics));
  return runner.run();
}

}  // namespace marvel::vpn::n2n
