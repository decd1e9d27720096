#include "deploy/api_versions.hpp"

#include "deploy/kubernetes_schema.hpp"

#include <string>

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

TEST_CASE("every version of the deprecation guide is known by its kind") {
  for (const char* const kind :
       {"CSIDriver", "CSINode", "VolumeAttachment", "CSIStorageCapacity"}) {
    CHECK(find_old_api("storage.k8s.io/v1beta1", kind) != nullptr);
  }
  for (const char* const kind : {"SubjectAccessReview", "LocalSubjectAccessReview",
                                 "SelfSubjectAccessReview", "SelfSubjectRulesReview"}) {
    CHECK(find_old_api("authorization.k8s.io/v1beta1", kind) != nullptr);
  }
  for (const char* const version : {"v1beta1", "v1beta2", "v1beta3"}) {
    CHECK(find_old_api("flowcontrol.apiserver.k8s.io/" + std::string(version),
                       "PriorityLevelConfiguration") != nullptr);
  }
  CHECK(find_old_api("node.k8s.io/v1beta1", "RuntimeClass")->removed == 25);
  CHECK(find_old_api("coordination.k8s.io/v1beta1", "Lease")->since == 14);
  CHECK(find_old_api("apiregistration.k8s.io/v1beta1", "APIService") != nullptr);
  CHECK(find_old_api("authentication.k8s.io/v1beta1", "TokenReview") != nullptr);
  CHECK_FALSE(find_old_api("certificates.k8s.io/v1beta1", "CertificateSigningRequest")->same_body);
  CHECK(find_old_api("batch/v2alpha1", "CronJob")->same_body);
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
