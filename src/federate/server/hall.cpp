#include "federate/server/hall.hpp"

#include <utility>

namespace marvel::federate {

Time Hall::now() {
  return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch());
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
  std::vector<Order> orders;
  SessionId id = 0;
  {
    const std::scoped_lock lock(mutex_);
    id = ++last_;
    links_[id] = std::move(link);
    coordinator_.join(id, info, now());
    orders = take_orders();
  }
  changed_.notify_all();
  perform(orders);
  return id;
}

void Hall::leave(SessionId session) {
  std::vector<Order> orders;
  {
    const std::scoped_lock lock(mutex_);
    if (links_.erase(session) == 0) {
      return;
    }
    coordinator_.leave(session, now());
    orders = take_orders();
  }
  changed_.notify_all();
  perform(orders);
}

void Hall::receive(SessionId session, const Bytes& message, wire::Dialect dialect) {
  const auto decoded = wire::decode_client(message, dialect);
  std::vector<Order> orders;
  {
    const std::scoped_lock lock(mutex_);
    if (decoded) {
      coordinator_.receive(session, *decoded, message.size(), now());
    } else {
      coordinator_.receive_damaged(session, decoded.error(), now());
    }
    orders = take_orders();
  }
  changed_.notify_all();
  perform(orders);
}

void Hall::tick() {
  std::vector<Order> orders;
  {
    const std::scoped_lock lock(mutex_);
    coordinator_.tick(now());
    orders = take_orders();
  }
  perform(orders);
}

bool Hall::wait(std::chrono::milliseconds limit) {
  {
    std::unique_lock lock(mutex_);
    if (coordinator_.done() && coordinator_.sessions() == 0) {
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
