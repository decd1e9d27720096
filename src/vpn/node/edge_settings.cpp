// What may change while an edge runs.
#include "vpn/node/edge.hpp"

#include <algorithm>

namespace marvel::vpn {

void Edge::change(Time now, const EdgeSettings& settings) {
  options_.accepted = settings.accepted;
  options_.access = settings.access;
  options_.multicast = settings.multicast;
  access_.set_rules(settings.access);
  change_links(now, settings.list);
  if (options_.announced == settings.announced) {
    return;
  }
  options_.announced = settings.announced;
  renew_all(now);
}

// Those that stay keep their sessions; those that go are told.
void Edge::change_links(Time now, const std::vector<EdgeOptions::Supernode>& list) {
  std::vector<std::unique_ptr<Link>> links;
  for (const auto& one : list) {
    const auto same = std::find_if(links_.begin(), links_.end(), [&one](const auto& link) {
      return link && link->endpoint == one.endpoint && link->channel.remote() == one.key;
    });
    links.push_back(same == links_.end() ? std::make_unique<Link>(link_home_, one.endpoint, one.key)
                                         : std::move(*same));
  }
  for (const auto& left : links_) {
    if (left) {
      send_control(now, *left, Bye{});
    }
  }
  links_ = std::move(links);
  options_.list = list;
  for (const auto& [key, peer] : peers_) {
    peer->via = 0;
  }
}

}  // namespace marvel::vpn
