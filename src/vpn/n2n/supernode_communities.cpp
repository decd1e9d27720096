// A super node of n2n: the communities that it serves, and their users.
#include "vpn/n2n/auto_address.hpp"
#include "vpn/n2n/supernode_state.hpp"

#include <algorithm>
#include <set>

namespace marvel::vpn::n2n {
namespace {

Status twice(const std::string& name) {
  return fail(Errc::kUsage, "community '" + name + "' is there twice");
}

Status no_name(const std::string& name) {
  return fail(Errc::kUsage, "'" + name + "' is no name of an n2n community",
              "it has 1 to 19 bytes");
}

}  // namespace

Result<std::map<PublicKey, Supernode::User>> Supernode::shared_keys(
    const CommunityEntry& entry) const {
  std::map<PublicKey, User> users;
  for (const auto& user : entry.users) {
    const auto shared = SharedKey::of(key_, user.key);
    if (!shared) {
      return fail(Errc::kUsage,
                  "the key of user '" + user.name + "' in community '" + entry.name + "' is none");
    }
    users.insert_or_assign(user.key, User{user.name, *shared});
  }
  return users;
}

Status Supernode::add(const CommunityEntry& entry) {
  const auto community = community_of(entry.name);
  const auto has = [this](const auto& same) {
    return std::any_of(groups_.begin(), groups_.end(), same);
  };
  if (!community) {
    return no_name(entry.name);
  }
  if (has([&](const auto& one) { return one->community == *community; })) {
    return twice(entry.name);
  }
  const auto chosen =
      entry.subnet ? entry.subnet : auto_subnet(*community, [&](const Subnet& candidate) {
        return has([&](const auto& one) { return one->subnet == candidate; });
      });
  if (!chosen) {
    return fail(Errc::kUnavailable, "no network is left for community '" + entry.name + "'");
  }
  auto group = std::make_unique<Group>(*community, *chosen, random_, options_.unix_ns_at_zero);
  MARVEL_TRY(group->users, shared_keys(entry));
  if (!group->users.empty()) {
    group->form = Group::Form::kEncrypted;
    group->cover.set_users(dynamic_key(*community, federation_name_, key_time_));
  }
  groups_.push_back(std::move(group));
  return {};
}

Status Supernode::serve(Time now, const CommunityList& list) {
  // All that can be wrong with the list comes before the first change.
  std::map<Community, std::map<PublicKey, User>> wanted;
  for (const auto& entry : list.communities) {
    const auto community = community_of(entry.name);
    if (!community) {
      return no_name(entry.name);
    }
    MARVEL_TRY(auto users, shared_keys(entry));
    if (!wanted.emplace(*community, std::move(users)).second) {
      return twice(entry.name);
    }
  }
  patterns_ = list.patterns;
  // One that gets its first user, or loses its last one, is another one.
  std::erase_if(groups_, [&](const auto& group) {
    const auto found = wanted.find(group->community);
    return found == wanted.end() ? !group->passing : found->second.empty() != group->users.empty();
  });
  bool lost_user = false;
  for (const auto& entry : list.communities) {
    const auto community = community_of(entry.name).value_or(Community{});
    const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const auto& group) {
      return group->community == community;
    });
    if (found == groups_.end()) {
      MARVEL_TRY_STATUS(add(entry));
    } else {
      (*found)->subnet = entry.subnet.value_or((*found)->subnet);
      (*found)->passing = false;
      lost_user = update(**found, std::move(wanted[community])) || lost_user;
    }
  }
  if (lost_user) {
    take_key_time(now, std::max(today(now), key_time_ + 1));
  }
  return {};
}

// Whether somebody is a user no more.
bool Supernode::update(Group& group, std::map<PublicKey, User> users) {
  const bool lost = std::any_of(group.users.begin(), group.users.end(),
                                [&](const auto& entry) { return !users.contains(entry.first); });
  group.users = std::move(users);
  std::erase_if(group.edges, [&](const auto& entry) {
    return !group.users.empty() && group.user_of(entry.second.auth) == nullptr;
  });
  return lost;
}

}  // namespace marvel::vpn::n2n
