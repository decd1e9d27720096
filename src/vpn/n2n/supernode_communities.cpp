// A super node of n2n: the communities that it serves, and their users.
#include "vpn/n2n/auto_address.hpp"
#include "vpn/n2n/supernode_state.hpp"

#include <algorithm>
#include <iterator>
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
  MARVEL_TRY_STATUS(exchange_groups(list, wanted));
  patterns_ = list.patterns;
  bool lost_user = false;
  for (const auto& entry : list.communities) {
    Group& group = **find_group(community_of(entry.name).value_or(Community{}));
    group.subnet = entry.subnet.value_or(group.subnet);
    group.passing = false;
    lost_user = update(group, std::move(wanted[group.community])) || lost_user;
  }
  if (lost_user) {
    take_key_time(now, std::max(today(now), key_time_ + 1));
  }
  return {};
}

// Ends the communities that `list` does not have, and begins those that it has anew; all stays as
// it was when one of them cannot begin.
Status Supernode::exchange_groups(const CommunityList& list,
                                  const std::map<Community, std::map<PublicKey, User>>& wanted) {
  // One that gets its first user, or loses its last one, is another one.
  const auto stays = [&](const auto& group) {
    const auto found = wanted.find(group->community);
    if (found != wanted.end()) {
      return found->second.empty() == group->users.empty();
    }
    const std::string name = name_of(group->community);
    return group->passing && std::any_of(list.patterns.begin(), list.patterns.end(),
                                         [&name](const auto& one) { return one.matches(name); });
  };
  const auto end = std::stable_partition(groups_.begin(), groups_.end(), stays);
  std::vector<std::unique_ptr<Group>> leaving(std::make_move_iterator(end),
                                              std::make_move_iterator(groups_.end()));
  groups_.erase(end, groups_.end());
  const auto staying = std::ssize(groups_);
  for (const auto& entry : list.communities) {
    if (find_group(community_of(entry.name).value_or(Community{})) != groups_.end()) {
      continue;
    }
    if (const Status added = add(entry); !added) {
      groups_.erase(groups_.begin() + staying, groups_.end());
      std::move(leaving.begin(), leaving.end(), std::back_inserter(groups_));
      return added;
    }
  }
  return {};
}

std::vector<std::unique_ptr<Supernode::Group>>::iterator Supernode::find_group(
    const Community& community) {
  return std::find_if(groups_.begin(), groups_.end(),
                      [&](const auto& group) { return group->community == community; });
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
