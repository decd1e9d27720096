#include "deploy/api_versions.hpp"

#include "deploy/kubernetes_schema.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {

TEST_CASE("an old version is deprecated before it is removed, and has a younger one") {
  for (const OldApi& old : old_apis()) {
    CAPTURE(std::string(old.api_version));
    CHECK(old.deprecated < old.removed);
    CHECK(old.instead != old.api_version);
    CHECK(find_old_api(old.instead, old.kind) == nullptr);
    CHECK(find_old_api(old.api_version, old.kind) == &old);
  }
}

TEST_CASE("no version in the schema is an old one") {
  for (const OldApi& old : old_apis()) {
    CHECK(kubernetes_type(old.api_version, old.kind).kind() == FieldKind::kUnknown);
  }
}

TEST_CASE("whoever converts without change has a schema to land in") {
  for (const OldApi& old : old_apis()) {
    CAPTURE(std::string(old.kind));
    CHECK((!old.same_body || kubernetes_type(old.instead, old.kind).kind() == FieldKind::kObject));
  }
}

}  // namespace marvel::deploy
