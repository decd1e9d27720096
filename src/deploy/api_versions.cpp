// From Kubernetes' deprecated API migration guide.
#include "deploy/api_versions.hpp"

#include <algorithm>
#include <array>

namespace marvel::deploy {
namespace {

constexpr std::array kOldApis = {
    OldApi{"extensions/v1beta1", "Deployment", 8, 16, "apps/v1", 9, false},
    OldApi{"apps/v1beta1", "Deployment", 9, 16, "apps/v1", 9, false},
    OldApi{"apps/v1beta2", "Deployment", 9, 16, "apps/v1", 9, true},
    OldApi{"apps/v1beta1", "StatefulSet", 9, 16, "apps/v1", 9, false},
    OldApi{"apps/v1beta2", "StatefulSet", 9, 16, "apps/v1", 9, true},
    OldApi{"extensions/v1beta1", "DaemonSet", 8, 16, "apps/v1", 9, false},
    OldApi{"apps/v1beta2", "DaemonSet", 9, 16, "apps/v1", 9, true},
    OldApi{"extensions/v1beta1", "ReplicaSet", 8, 16, "apps/v1", 9, false},
    OldApi{"apps/v1beta2", "ReplicaSet", 9, 16, "apps/v1", 9, true},
    OldApi{"extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1", 7, true},
    OldApi{"extensions/v1beta1", "PodSecurityPolicy", 11, 16, "", 0, false},
    OldApi{"policy/v1beta1", "PodSecurityPolicy", 21, 25, "", 0, false},
    OldApi{"extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1", 19, false},
    OldApi{"networking.k8s.io/v1beta1", "Ingress", 19, 22, "networking.k8s.io/v1", 19, false},
    OldApi{"networking.k8s.io/v1beta1", "IngressClass", 19, 22, "networking.k8s.io/v1", 19, true},
    OldApi{"rbac.authorization.k8s.io/v1beta1", "Role", 17, 22, "rbac.authorization.k8s.io/v1", 8,
           true},
    OldApi{"rbac.authorization.k8s.io/v1beta1", "RoleBinding", 17, 22,
           "rbac.authorization.k8s.io/v1", 8, true},
    OldApi{"rbac.authorization.k8s.io/v1beta1", "ClusterRole", 17, 22,
           "rbac.authorization.k8s.io/v1", 8, true},
    OldApi{"rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", 17, 22,
           "rbac.authorization.k8s.io/v1", 8, true},
    OldApi{"storage.k8s.io/v1beta1", "StorageClass", 6, 22, "storage.k8s.io/v1", 6, true},
    OldApi{"storage.k8s.io/v1beta1", "CSIDriver", 19, 22, "storage.k8s.io/v1", 18, false},
    OldApi{"storage.k8s.io/v1beta1", "CSINode", 17, 22, "storage.k8s.io/v1", 17, false},
    OldApi{"storage.k8s.io/v1beta1", "VolumeAttachment", 19, 22, "storage.k8s.io/v1", 13, false},
    OldApi{"storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1", 24, false},
    OldApi{"coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1", 14, false},
    OldApi{"apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1", 10,
           false},
    OldApi{"authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1", 6,
           false},
    OldApi{"authorization.k8s.io/v1beta1", "SubjectAccessReview", 19, 22, "authorization.k8s.io/v1",
           6, false},
    OldApi{"authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", 19, 22,
           "authorization.k8s.io/v1", 6, false},
    OldApi{"authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", 19, 22,
           "authorization.k8s.io/v1", 6, false},
    OldApi{"authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", 19, 22,
           "authorization.k8s.io/v1", 6, false},
    OldApi{"certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22,
           "certificates.k8s.io/v1", 19, false},
    OldApi{"node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1", 20, false},
    OldApi{"scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1", 14, true},
    OldApi{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 16, 22,
           "apiextensions.k8s.io/v1", 16, false},
    OldApi{"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", 16, 22,
           "admissionregistration.k8s.io/v1", 16, false},
    OldApi{"admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 16, 22,
           "admissionregistration.k8s.io/v1", 16, false},
    OldApi{"batch/v2alpha1", "CronJob", 20, 21, "batch/v1", 21, true},
    OldApi{"batch/v1beta1", "CronJob", 21, 25, "batch/v1", 21, true},
    OldApi{"policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1", 21, false},
    OldApi{"discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1", 21, false},
    OldApi{"events.k8s.io/v1beta1", "Event", 19, 25, "events.k8s.io/v1", 19, false},
    OldApi{"autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2", 23, false},
    OldApi{"autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2", 23, true},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", 23, 26,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 26, 29,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 29, 32,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", 23, 26,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta2", "PriorityLevelConfiguration", 26, 29,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
    OldApi{"flowcontrol.apiserver.k8s.io/v1beta3", "PriorityLevelConfiguration", 29, 32,
           "flowcontrol.apiserver.k8s.io/v1", 29, false},
};

}  // namespace

std::span<const OldApi> old_apis() {
  return kOldApis;
}

const OldApi* find_old_api(std::string_view api_version, std::string_view kind) {
  const auto* const found = std::find_if(kOldApis.begin(), kOldApis.end(), [&](const OldApi& api) {
    return api.api_version == api_version && api.kind == kind;
  });
  return found == kOldApis.end() ? nullptr : found;
}

}  // namespace marvel::deploy
