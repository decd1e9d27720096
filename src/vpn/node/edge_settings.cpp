// What may change while an edge runs.
#include "vpn/node/edge.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace marvel::vpn {
namespace {

// "2026-12-31 23:59 UTC"
std::string minute_text(std::uint64_t unix_seconds) {
  constexpr std::uint64_t kLast = 253'402'300'799;  // of the year 9999
  const std::chrono::sys_seconds when{seconds(std::min(unix_seconds, kLast))};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(when - day);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d UTC",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()));
  return text.data();
}

}  // namespace

std::vector<EdgeOptions::Supernode> without_doubles(const std::vector<EdgeOptions::Supernode>& list,
                                                    bool by_key, std::vector<Endpoint>& left_out) {
  std::vector<EdgeOptions::Supernode> rest;
  for (const auto& one : list) {
    const bool known = std::any_of(rest.begin(), rest.end(), [&](const auto& other) {
      return other.key == one.key && (by_key || other.endpoint == one.endpoint);
    });
    if (known) {
      left_out.push_back(one.endpoint);
    } else {
      rest.push_back(one);
    }
  }
  return rest;
}

// Told when it changes. Super nodes answer nothing to who is no member, so nothing else tells.
void Edge::watch_certificate(Time now) {
  if (!certificate_) {
    return;
  }
  const std::uint64_t today = peer_home_.unix_seconds(now);
  const auto [begin, end] = std::pair(certificate_->not_before, certificate_->not_after);
  Validity validity = Validity::kGood;
  if (today < begin || today >= end) {
    validity = Validity::kNotNow;
  } else if (end - today < std::min(kCertificateEndsSoon, (end - begin) / 4)) {
    validity = Validity::kEndsSoon;
  }
  if (validity == std::exchange(told_validity_, validity)) {
    return;
  }
  if (validity == Validity::kNotNow) {
    outbox_.tell("the certificate of this node is not valid now: from " + minute_text(begin) +
                 " until " + minute_text(end) +
                 "; others refuse this node until it has another one");
  } else if (validity == Validity::kEndsSoon) {
    outbox_.tell("the certificate of this node ends soon: " + minute_text(end) +
                 "; marvel vpn cert issue makes another one, and SIGHUP reads it");
  }
}

Status Edge::check_announced(const std::vector<Subnet>& networks) const {
  for (const Subnet& one : networks) {
    if (bits_ != 0 && one.bits >= bits_ && is_of_community(one.base)) {
      return fail(Errc::kUsage,
                  "--announce " + one.text() + " lies inside the community's own network");
    }
  }
  return {};
}

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
