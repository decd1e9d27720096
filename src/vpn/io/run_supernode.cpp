#include "vpn/io/run_supernode.hpp"

#include "base/file.hpp"
#include "net/metrics_socket.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/io/service.hpp"
#include "vpn/io/state_folder.hpp"
#include "vpn/io/take.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/node/metrics.hpp"
#include "vpn/node/status_json.hpp"

namespace marvel::vpn {
namespace {

constexpr int kBatchesAtOnce = 8;
constexpr Duration kSaveEvery = seconds(3);

class Runner : public Outbox {
 public:
  Runner(const SupernodeRun& options, Context& context, UdpSocket socket, net::StatusSocket status,
         net::MetricsSocket metrics)
      : reload_(options.reload),
        context_(context),
        socket_(std::move(socket)),
        status_(std::move(status)),
        metrics_(std::move(metrics)),
        hangup_(open_hangup_watch()),
        supernode_(random_, *this, Poller::unix_ns_at_zero(), options.limits) {}

  MutableBytes reserve(std::size_t size) override { return socket_.reserve(size); }
  void send(const Endpoint& to) override { socket_.queue(to); }
  void deliver(Bytes /*frame*/, const PartialChecksum& /*checksum*/) override {}
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override {}
  void tell(const std::string& message) override { context_.log.info(message); }

  Status add(Supernode::CommunityOptions options, const std::filesystem::path& folder);
  Status run();

 private:
  struct File {
    std::filesystem::path path;
    const LeaseTable* leases = nullptr;
    std::uint64_t saved = 0;  // version
    bool told = false;        // that it cannot be written
  };
  void save();
  void take(int fd, Time now);
  void reload();

  decltype(SupernodeRun::reload) reload_;
  Context& context_;
  SystemRandom random_;
  UdpSocket socket_;
  net::StatusSocket status_;
  net::MetricsSocket metrics_;
  Fd hangup_;
  Supernode supernode_;
  std::vector<File> files_;
};

Status Runner::add(Supernode::CommunityOptions options, const std::filesystem::path& folder) {
  const auto path = folder / (options.name + ".leases");
  const auto reservations = options.reservations;
  LeaseTable& leases = supernode_.add(std::move(options));
  for (const auto& [name, address] : reservations) {
    if (!leases.reserve(name, address)) {
      return fail(Errc::kUsage, "--reserve " + name + "=" + ipv4_text(address) +
                                    " is outside of the community's network, or reserved twice");
    }
  }
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    MARVEL_TRY(const std::string text, read_file(path));
    if (const Status parsed = leases.parse(text); !parsed) {
      return fail(Errc::kInput, path.string() + ": " + parsed.error().message,
                  "repair the line, or delete the file: then addresses are given anew");
    }
  }
  files_.push_back({path, &leases, leases.version()});
  return {};
}

void Runner::save() {
  for (File& file : files_) {
    if (file.leases->version() == file.saved) {
      continue;
    }
    // What could not be written stays to be written; people are told once.
    const std::uint64_t version = file.leases->version();
    const Status saved = write_file_atomically(file.path, file.leases->text());
    if (saved) {
      file.saved = version;
    } else if (!file.told) {
      context_.log.warning(describe(saved.error()));
    }
    file.told = !saved;
  }
}

void Runner::reload() {
  const auto now = reload_();
  if (!now) {
    context_.log.warning("all stays as it was: " + describe(now.error()));
    return;
  }
  for (const auto& [name, membership] : now->memberships) {
    supernode_.set_membership(name, membership);
  }
  supernode_.set_limits(now->limits);
  context_.log.info("configuration and revocations are read again");
  for (const std::string& flag : now->restart) {
    context_.log.warning(flag + " has changed, which counts only after a restart");
  }
}

void Runner::take(int fd, Time now) {
  if (fd == status_.fd()) {
    return status_.answer(status_json(supernode_));
  }
  if (fd == metrics_.fd()) {
    return metrics_.answer(metrics(supernode_));
  }
  if (fd == hangup_.get()) {
    if (drain_hangup_watch(hangup_) && reload_) {
      reload();
    }
    return;
  }
  take_datagrams(socket_, supernode_, now, kBatchesAtOnce);
}

Status Runner::run() {
  Poller poller;
  poller.watch(socket_.fd());
  for (const int fd : {status_.fd(), metrics_.fd(), hangup_.get()}) {
    if (fd >= 0) {
      poller.watch(fd);
    }
  }
  notify_service("READY=1");
  Time next_tick{};
  Time next_save{};
  while (!context_.stop.raised()) {
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
    if (now >= next_save) {
      save();
      next_save = now + kSaveEvery;
    }
  }
  notify_service("STOPPING=1");
  save();
  return {};
}

}  // namespace

Status run_supernode(SupernodeRun options, Context& context) {
  MARVEL_TRY(const FolderLock lock, lock_state(options.state));
  MARVEL_TRY(net::StatusSocket status, net::StatusSocket::listen(status_place(options.state)));
  MARVEL_TRY(UdpSocket socket, UdpSocket::open(options.listen));
  const std::string port = std::to_string(socket.port());
  net::MetricsSocket metrics;
  if (options.metrics) {
    MARVEL_TRY(metrics, net::MetricsSocket::listen(options.metrics->text()));
  }
  if (!options.user.empty()) {
    MARVEL_TRY_STATUS(become(options.user, options.state, false));
  }
  Runner runner(options, context, std::move(socket), std::move(status), std::move(metrics));
  for (auto& community : options.communities) {
    MARVEL_TRY_STATUS(runner.add(std::move(community), options.state));
  }
  context.log.info("super node on UDP port " + port);
  return runner.run();
}

}  // namespace marvel::vpn
