#include "net/metrics_socket.hpp"
#include "vpn/io/aside.hpp"
#include "vpn/io/packet_threads.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/io/service.hpp"
#include "vpn/io/state_folder.hpp"
#include "vpn/io/take.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/n2n/metrics.hpp"
#include "vpn/n2n/run.hpp"
#include "vpn/n2n/status_json.hpp"

namespace marvel::vpn::n2n {
namespace {

constexpr int kBatchesAtOnce = 8;
constexpr std::uint64_t kNsInSecond = 1'000'000'000;

class Runner : public Outbox {
 public:
  Runner(SupernodeOptions options, decltype(SupernodeRun::reload) reload, Context& context,
         UdpSocket socket, net::StatusSocket status, net::MetricsSocket metrics, int threads)
      : reload_(std::move(reload)),
        context_(context),
        socket_(std::move(socket)),
        status_(std::move(status)),
        metrics_(std::move(metrics)),
        hangup_(open_hangup_watch()),
        threads_(threads),
        supernode_(std::move(options), random_, *this) {}

  MutableBytes reserve(std::size_t size) override { return socket_.reserve(size); }
  void send(const Endpoint& to) override { socket_.queue(to); }
  void deliver(Bytes /*frame*/, const PartialChecksum& /*checksum*/) override {}
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override {}
  void tell(const std::string& message) override { context_.log.info(message); }

  Supernode& supernode() { return supernode_; }
  Status run();

 private:
  void take(int fd, Time now);
  void change(Time now, const Result<SupernodeRun::Reload>& read);

  Aside<SupernodeRun::Reload> reload_;
  Context& context_;
  SystemRandom random_;
  UdpSocket socket_;
  net::StatusSocket status_;
  net::MetricsSocket metrics_;
  Fd hangup_;
  int threads_;  // that carry packets; until run() those that are wanted
  Supernode supernode_;
};

void Runner::change(Time now, const Result<SupernodeRun::Reload>& read) {
  const Status served = read ? supernode_.serve(now, read->served) : Status(fail(read.error()));
  if (!served) {
    context_.log.warning("all stays as it was: " + describe(served.error()));
    return;
  }
  context_.log.info("communities are read again");
  warn_of_restart(read->restart, context_);
}

void Runner::take(int fd, Time now) {
  if (fd == status_.fd()) {
    return status_.answer(status_json(supernode_, threads_));
  }
  if (fd == metrics_.fd()) {
    return metrics_.answer(metrics(supernode_));
  }
  if (fd == hangup_.get()) {
    if (drain_hangup_watch(hangup_)) {
      reload_.begin();
    }
    return;
  }
  if (fd == reload_.fd()) {
    if (const auto read = reload_.take()) {
      change(now, *read);
    }
    return;
  }
  take_datagrams(socket_, supernode_, now, kBatchesAtOnce);
}

Status Runner::run() {
  Poller poller;
  poller.watch(socket_.fd());
  for (const int fd : {status_.fd(), metrics_.fd(), hangup_.get(), reload_.fd()}) {
    if (fd >= 0) {
      poller.watch(fd);
    }
  }
  threads_ = start_packet_threads(threads_, socket_, nullptr, context_);
  notify_service("READY=1");
  Time next_tick{};
  std::optional<Error> failure;
  while (!context_.stop.raised() && !failure) {
    const auto& ready = poller.wait(next_tick - Poller::now());
    const Time now = Poller::now();
    for (const int fd : ready) {
      take(fd, now);
    }
    if (now >= next_tick) {
      supernode_.set_calendar(Poller::unix_ns_at_zero());
      supernode_.tick(now);
      next_tick = now + kTick;
    }
    socket_.flush();
    failure = failure_of_threads(socket_, nullptr);
  }
  notify_service("STOPPING=1");
  return failure ? Status(fail(*failure)) : Status();
}

}  // namespace

Status run_supernode(const SupernodeRun& options, Context& context) {
  MARVEL_TRY(const FolderLock lock, lock_state(options.state));
  MARVEL_TRY(net::StatusSocket status, net::StatusSocket::listen(status_place(options.state)));
  MARVEL_TRY(UdpSocket socket, UdpSocket::open(options.listen));
  const std::string port = std::to_string(socket.port());
  MARVEL_TRY(net::MetricsSocket metrics, open_metrics(options.metrics));
  if (!options.user.empty()) {
    MARVEL_TRY_STATUS(become(options.user, options.state, false));
  }
  SupernodeOptions node = options.node;
  node.unix_ns_at_zero = Poller::unix_ns_at_zero();
  node.key_time = static_cast<std::uint32_t>(
      (node.unix_ns_at_zero + static_cast<std::uint64_t>(Poller::now().count())) / kNsInSecond);
  Runner runner(std::move(node), options.reload, context, std::move(socket), std::move(status),
                std::move(metrics), options.threads);
  MARVEL_TRY_STATUS(runner.supernode().serve(Poller::now(), options.served));
  context.log.info("n2n super node on UDP port " + port);
  return runner.run();
}

}  // namespace marvel::vpn::n2n
