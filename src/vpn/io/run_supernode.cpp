#include "vpn/io/run_supernode.hpp"

#include "base/file.hpp"
#include "net/metrics_socket.hpp"
#include "vpn/io/aside.hpp"
#include "vpn/io/packet_threads.hpp"
#include "vpn/io/poller.hpp"
#include "vpn/io/service.hpp"
#include "vpn/io/state_folder.hpp"
#include "vpn/io/take.hpp"
#include "vpn/io/udp_socket.hpp"
#include "vpn/node/metrics.hpp"
#include "vpn/node/status_json.hpp"

#include <algorithm>
#include <set>

namespace marvel::vpn {
namespace {

constexpr int kBatchesAtOnce = 8;
constexpr Duration kSaveEvery = seconds(3);

class Runner : public Outbox {
 public:
  Runner(const SupernodeRun& options, Context& context, UdpSocket socket, net::StatusSocket status,
         net::MetricsSocket metrics)
      : reload_(options.reload),
        folder_(options.state),
        context_(context),
        socket_(std::move(socket)),
        status_(std::move(status)),
        metrics_(std::move(metrics)),
        hangup_(open_hangup_watch()),
        threads_(options.threads),
        supernode_(random_, *this, Poller::unix_ns_at_zero(), options.limits) {}

  MutableBytes reserve(std::size_t size) override { return socket_.reserve(size); }
  void send(const Endpoint& to) override { socket_.queue(to); }
  void deliver(Bytes /*frame*/, const PartialChecksum& /*checksum*/) override {}
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override {}
  void tell(const std::string& message) override { context_.log.info(message); }

  // These communities, and no others. All stays as it was when one of them cannot be served.
  Status serve(const std::vector<Supernode::CommunityOptions>& wanted);
  Status run();

 private:
  struct Served {
    std::string name;
    PublicKey identity;
    std::filesystem::path file;
    LeaseTable* leases = nullptr;
    std::uint64_t saved = 0;  // version
    bool told = false;        // that it cannot be written
  };
  [[nodiscard]] std::filesystem::path file_of(const std::string& community) const {
    return folder_ / (community + ".leases");
  }
  static Status read_leases(LeaseTable& leases, const std::filesystem::path& file);
  Served* find(const Supernode::CommunityOptions& wanted);
  void remove_others(const std::vector<Supernode::CommunityOptions>& wanted);
  void save();
  void take(int fd, Time now);
  void change(const Result<SupernodeRun::Reload>& now);

  Aside<SupernodeRun::Reload> reload_;
  std::filesystem::path folder_;
  Context& context_;
  SystemRandom random_;
  UdpSocket socket_;
  net::StatusSocket status_;
  net::MetricsSocket metrics_;
  Fd hangup_;
  int threads_;  // that carry packets; until run() those that are wanted
  Supernode supernode_;
  std::vector<Served> served_;
};

Status Runner::serve(const std::vector<Supernode::CommunityOptions>& wanted) {
  save();
  // Whatever can be wrong is found before anything changes.
  std::vector<LeaseTable> tables;
  for (const auto& one : wanted) {
    tables.emplace_back(one.subnet);
    if (const Status reserved = tables.back().reserve(one.reservations); !reserved) {
      return fail(Errc::kUsage, "--reserve " + one.name + "/" + reserved.error().message);
    }
    MARVEL_TRY_STATUS(find(one) == nullptr
                          ? read_leases(tables.back(), file_of(one.name))
                          : supernode_.membership(one.name).check_successor(one.membership));
  }
  remove_others(wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (const Served* const known = find(wanted[i])) {
      supernode_.set_membership(wanted[i].name, wanted[i].membership);
      MARVEL_TRY_STATUS(known->leases->reserve(wanted[i].reservations));
      continue;
    }
    LeaseTable& leases = supernode_.add(wanted[i]);
    leases = std::move(tables[i]);
    served_.push_back({wanted[i].name, wanted[i].identity.point, file_of(wanted[i].name), &leases,
                       leases.version()});
  }
  return {};
}

Status Runner::read_leases(LeaseTable& leases, const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return {};
  }
  MARVEL_TRY(const std::string text, read_file(file));
  if (const Status parsed = leases.parse(text, Poller::unix_ns_at_zero()); !parsed) {
    return fail(Errc::kInput, file.string() + ": " + parsed.error().message,
                "repair the line, or delete the file: then addresses are given anew");
  }
  return {};
}

// A community with another network or another key is another one.
Runner::Served* Runner::find(const Supernode::CommunityOptions& wanted) {
  const auto found = std::find_if(served_.begin(), served_.end(), [&](const Served& one) {
    return one.name == wanted.name && one.identity == wanted.identity.point &&
           one.leases->subnet() == wanted.subnet;
  });
  return found == served_.end() ? nullptr : &*found;
}

void Runner::remove_others(const std::vector<Supernode::CommunityOptions>& wanted) {
  std::set<const Served*> stay;
  for (const auto& one : wanted) {
    stay.insert(find(one));
  }
  std::erase_if(served_, [&](const Served& one) {
    if (stay.count(&one) > 0) {
      return false;
    }
    supernode_.remove(one.name);
    return true;
  });
}

void Runner::save() {
  for (Served& one : served_) {
    if (one.leases->version() == one.saved) {
      continue;
    }
    // What could not be written stays to be written; people are told once.
    const std::uint64_t version = one.leases->version();
    const Status saved =
        write_file_atomically(one.file, one.leases->text(Poller::unix_ns_at_zero()));
    if (saved) {
      one.saved = version;
    } else if (!one.told) {
      context_.log.warning(describe(saved.error()));
    }
    one.told = !saved;
  }
}

void Runner::change(const Result<SupernodeRun::Reload>& now) {
  const Status served = now ? serve(now->communities) : Status(fail(now.error()));
  if (!served) {
    context_.log.warning("all stays as it was: " + describe(served.error()));
    return;
  }
  if (now->accepted) {
    now->accepted();
  }
  supernode_.set_limits(now->limits);
  context_.log.info("communities, configuration and revocations are read again");
  warn_of_restart(now->restart, context_);
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
      change(*read);
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
  Time next_save{};
  std::optional<Error> failure;
  while (!context_.stop.raised() && !failure) {
    const auto& ready = poller.wait(next_tick - Poller::now());
    const Time now = Poller::now();
    for (const int fd : ready) {
      take(fd, now);
    }
    if (now >= next_tick) {
      supernode_.set_calendar(Poller::unix_ns_at_zero());
      supernode_.set_not_sent(socket_.lost());
      supernode_.tick(now);
      next_tick = now + kTick;
    }
    socket_.flush();
    failure = failure_of_threads(socket_, nullptr);
    if (now >= next_save) {
      save();
      next_save = now + kSaveEvery;
    }
  }
  notify_service("STOPPING=1");
  save();
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
  Runner runner(options, context, std::move(socket), std::move(status), std::move(metrics));
  MARVEL_TRY_STATUS(runner.serve(options.communities));
  context.log.info("super node on UDP port " + port);
  return runner.run();
}

}  // namespace marvel::vpn
