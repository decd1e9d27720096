#include "deploy/images/check.hpp"

#include "base/text.hpp"
#include "deploy/images/inventory.hpp"

#include <algorithm>
#include <map>

namespace marvel::deploy::images {
namespace {

bool has_platform(const Inspection& inspection, const Platform& wanted) {
  return std::any_of(
      inspection.images.begin(), inspection.images.end(),
      [&wanted](const auto& image) { return runs_on(image.config.platform, wanted); });
}

bool lost_platform(const Inspection& inspection, const Platform& wanted) {
  return std::any_of(
      inspection.absent.begin(), inspection.absent.end(),
      [&wanted](const auto& entry) { return entry.platform && runs_on(*entry.platform, wanted); });
}

// All images of one call, each repository with its own client.
class Checker {
 public:
  Checker(const std::vector<Platform>& platforms, const RegistryMaker& make)
      : platforms_(platforms), make_(make) {}

  CheckRow check(const ImageUse& use) {
    CheckRow row{use, CheckState::kInvalid, "", {}, ""};
    const auto reference = parse_reference(use.image);
    if (!reference) {
      row.note = reference.error().message;
      return row;
    }
    const Status asked = ask(*reference, row);
    if (!asked) {
      row.state = CheckState::kUnknown;
      row.note = describe(asked.error());
    } else if (row.state == CheckState::kGood && reference->digest.empty() &&
               reference->version() == "latest") {
      row.note = "'latest' may be another image tomorrow";
    }
    return row;
  }

 private:
  Status ask(const Reference& reference, CheckRow& row) {
    MARVEL_TRY(auto* registry, registry_of(reference));
    MARVEL_TRY(const auto digest,
               registry->find_manifest(reference.repository, reference.version()));
    if (!digest) {
      row.state = CheckState::kMissing;
      row.note = "there is no such image";
      return {};
    }
    row.digest = *digest;
    row.state = CheckState::kGood;
    std::vector<Platform> wanted = platforms_;
    wanted.insert(wanted.end(), row.use.platforms.begin(), row.use.platforms.end());
    return wanted.empty() ? Status() : compare(*registry, reference, wanted, row);
  }

  static Status compare(Registry& registry, const Reference& reference,
                        const std::vector<Platform>& platforms, CheckRow& row) {
    MARVEL_TRY(const auto inspection, inspect(registry, reference));
    for (const auto& image : inspection.images) {
      row.platforms.push_back(image.config.platform.text());
    }
    std::vector<std::string> lacking;
    for (const auto& wanted : platforms) {
      if (!has_platform(inspection, wanted)) {
        lacking.push_back(wanted.text() + (lost_platform(inspection, wanted)
                                               ? " (its manifest is missing in the registry)"
                                               : ""));
      }
    }
    if (!lacking.empty()) {
      row.state = CheckState::kWrongPlatform;
      row.note = "not for " + join(lacking, ", ") + "; it is for " +
                 (row.platforms.empty() ? "none" : join(row.platforms, ", "));
    }
    return {};
  }

  Result<Registry*> registry_of(const Reference& reference) {
    const std::string place = reference.registry + "/" + reference.repository;
    auto known = registries_.find(place);
    if (known == registries_.end()) {
      known = registries_.emplace(place, make_(reference)).first;
    }
    if (!known->second) {
      return fail(known->second.error());
    }
    return &*known->second;
  }

  const std::vector<Platform>& platforms_;
  const RegistryMaker& make_;
  std::map<std::string, Result<Registry>> registries_;  // by registry and repository
};

}  // namespace

std::string check_state_name(CheckState state) {
  switch (state) {
    case CheckState::kGood:
      return "good";
    case CheckState::kMissing:
      return "missing";
    case CheckState::kWrongPlatform:
      return "wrong platform";
    case CheckState::kInvalid:
      return "invalid";
    case CheckState::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Result<std::vector<CheckRow>> check_images(const std::vector<ImageUse>& uses,
                                           const std::vector<Platform>& platforms,
                                           const RegistryMaker& make, Context& context) {
  Checker checker(platforms, make);
  std::map<std::string, CheckRow> asked;  // by image and platforms
  std::vector<CheckRow> rows;
  context.progress.begin("asking registries", uses.size());
  for (const auto& use : uses) {
    std::string question = use.image;
    for (const auto& platform : use.platforms) {
      question += " " + platform.text();
    }
    if (asked.count(question) == 0) {
      asked[question] = checker.check(use);
    }
    if (context.stop.raised()) {
      return fail(Errc::kFailed, "stopped");
    }
    rows.push_back(asked[question]);
    rows.back().use = use;
    context.progress.update(rows.size(), use.image);
  }
  context.progress.end();
  return rows;
}

}  // namespace marvel::deploy::images
