#pragma once

#include "federate/server/coordinator.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace marvel::federate {

// One client's stream, as far as the hall sees it. Both calls may come from any thread.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  // Called outside of the hall's lock, so it may call the hall. While it blocks, other things that
  // were ordered with it wait; what it throws goes to the hall's caller.
  virtual void send(const wire::ServerMessage& message) = 0;
  // The last that is ordered of a link; what was sent before goes out first.
  virtual void close(Farewell why) = 0;
};

// Where the threads of the network meet the coordinator: one lock around it, and what it wants
// done is done outside of the lock, because a network library may call back at once.
// All methods may be called from any thread.
//
// gRPC's threads call join, leave and receive, one thread sleeps in wait, and another looks with
// try_with (server/lookout.hpp):
//
//   Hall hall(coordinator);  // after coordinator.start()
//   while (hall.wait(200ms)) {
//     hall.with([](const Coordinator& c) { draw(c.activity()); });
//   }
//
// Events wait for each other, and each costs what the coordinator's call costs: for a large model
// the last answer of a round holds the lock while the model is made, saved and measured. Memory
// that runs out in an event ends the run with kUnavailable, any other exception with kInternal.
class Hall {
 public:
  // `coordinator` must outlive it and is touched under its lock only.
  explicit Hall(Coordinator& coordinator) : coordinator_(coordinator) {}

  // The link is kept until it is closed or leaves. It may be sent something, and even be closed by
  // another thread, before this returns.
  SessionId join(std::shared_ptr<Link> link, const SessionInfo& info);
  // The link is gone. Twice, or after its close, it has no effect.
  void leave(SessionId session);
  // Decodes under the lock; what cannot be read ends the link. The memory of `message` is not kept.
  void receive(SessionId session, const Bytes& message, wire::Dialect dialect);
  // Ends the link of a client that breaks the rules of the network.
  void refuse(SessionId session, const Error& error);
  // For who does not call wait(), which ticks by itself.
  void tick();
  // Coordinator::dismiss, for the end of the server.
  void dismiss();

  // The time that the coordinator is told.
  [[nodiscard]] static Time now();

  // Sleeps until something happens, but at most `limit`, then ticks. False when the run is over and
  // everybody has said goodbye, those of the last rounds included whose links are down. For one
  // thread. It wakes earlier when the coordinator has something due, and after events of clients.
  // When nobody has ever come, it does not answer false: the caller has to lose its patience.
  bool wait(std::chrono::milliseconds limit);
  // What `look` says of the coordinator, under the lock. `look` must not call the hall, which would
  // wait for itself. What it throws is the caller's.
  template <class Look>
  auto with(const Look& look) {
    const std::scoped_lock lock(mutex_);
    return look(coordinator_);
  }
  // The same for those who must not wait: false when the lock could not be had within `limit`,
  // because a model is being finished or measured.
  template <class Look>
  bool try_with(std::chrono::milliseconds limit, const Look& look) {
    constexpr std::chrono::milliseconds kPause{5};
    std::unique_lock lock(mutex_, std::try_to_lock);
    for (const auto end = now() + limit; !lock.owns_lock() && now() < end; lock.try_lock()) {
      std::this_thread::sleep_for(kPause);
    }
    if (lock.owns_lock()) {
      look(coordinator_);
    }
    return lock.owns_lock();
  }

 private:
  // What is to be done, and the link kept alive for it.
  struct Order {
    std::shared_ptr<Link> link;
    Output output;
  };
  // `work` under the lock. What it throws ends the run: a network library must never see it.
  template <class Work>
  std::vector<Order> ordered(const Work& work);
  std::vector<Order> take_orders();  // under the lock
  static void perform(const std::vector<Order>& orders);

  std::mutex mutex_;
  std::condition_variable changed_;
  Coordinator& coordinator_;
  std::map<SessionId, std::shared_ptr<Link>> links_;
  SessionId last_ = 0;
};

}  // namespace marvel::federate
