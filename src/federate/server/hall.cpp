#include "federate/server/hall.hpp"

#include <exception>
#include <new>
#include <utility>

namespace marvel::federate {

Time Hall::now() {
  return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch());
}

template <class Work>
std::vector<Hall::Order> Hall::ordered(const Work& work) {
  const std::scoped_lock lock(mutex_);
  try {
    work();
  } catch (const std::bad_alloc&) {
    coordinator_.abort({Errc::kUnavailable,
                        "out of memory",
                        "use a machine with more memory, then go on with --resume",
                        {}},
                       now());
  } catch (const std::exception& error) {
    coordinator_.abort({Errc::kInternal, error.what(), "", {}}, now());
  }
  return take_orders();
}

std::vector<Hall::Order> Hall::take_orders() {
  std::vector<Order> orders;
  for (auto& output : coordinator_.take_outputs()) {
    const auto id = std::visit([](const auto& what) { return what.session; }, output);
    const auto link = links_.find(id);
    if (link == links_.end()) {
      continue;
    }
    orders.push_back({link->second, std::move(output)});
    if (std::holds_alternative<Close>(orders.back().output)) {
      links_.erase(link);
    }
  }
  return orders;
}

void Hall::perform(const std::vector<Order>& orders) {
  for (const auto& order : orders) {
    if (const auto* send = std::get_if<Send>(&order.output)) {
      order.link->send(send->message);
    } else {
      order.link->close(std::get<Close>(order.output).why);
    }
  }
}

SessionId Hall::join(std::shared_ptr<Link> link, const SessionInfo& info) {
  SessionId id = 0;
  const auto orders = ordered([&] {
    id = ++last_;
    links_[id] = std::move(link);
    coordinator_.join(id, info, now());
  });
  changed_.notify_all();
  perform(orders);
  return id;
}

void Hall::leave(SessionId session) {
  const auto orders = ordered([&] {
    if (links_.erase(session) > 0) {
      coordinator_.leave(session, now());
    }
  });
  changed_.notify_all();
  perform(orders);
}

void Hall::receive(SessionId session, const Bytes& message, wire::Dialect dialect) {
  const auto orders = ordered([&] {
    const auto decoded = wire::decode_client(message, dialect);
    if (decoded) {
      coordinator_.receive(session, *decoded, message.size(), now());
    } else {
      coordinator_.receive_damaged(session, decoded.error(), now());
    }
  });
  changed_.notify_all();
  perform(orders);
}

void Hall::refuse(SessionId session, const Error& error) {
  const auto orders = ordered([&] { coordinator_.receive_damaged(session, error, now()); });
  changed_.notify_all();
  perform(orders);
}

void Hall::tick() {
  perform(ordered([&] { coordinator_.tick(now()); }));
}

void Hall::dismiss() {
  perform(ordered([&] { coordinator_.dismiss(now()); }));
}

bool Hall::wait(std::chrono::milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    // A run that was complete already waits for clients that do not know it yet.
    if (coordinator_.done() && coordinator_.sessions() == 0 && coordinator_.awaited() == 0 &&
        last_ > 0) {
      return false;
    }
    if (const auto due = coordinator_.wake_at()) {
      limit = std::min(limit, std::max(Time(0), *due - now()));
    }
    changed_.wait_for(lock, limit);
  }
  tick();
  return true;
}

}  // namespace marvel::federate
