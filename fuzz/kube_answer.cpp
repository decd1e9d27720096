// Answers of API servers: any bytes give objects or an error; what was read can be written, judged
// and compared.
#include "deploy/kube/api_error.hpp"
#include "deploy/kube/credentials.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/kubernetes_schema.hpp"
#include "deploy/openapi.hpp"
#include "deploy/rollout/datasets.hpp"
#include "deploy/rollout/difference.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/packed.hpp"
#include "deploy/rollout/readiness.hpp"
#include "deploy/rollout/service.hpp"
#include "deploy/scheduling/verdict.hpp"
#include "fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const kube::ApiStatus status = kube::read_status(500, text);
  FUZZ_LAW(!status.message.empty() && status.message.size() <= 2000 && status.causes.size() <= 100);
  static_cast<void>(kube::continue_token(text));
  FUZZ_LAW(rollout::gunzip(rollout::gzip(text), text.size()).value() == text);
  if (const auto unpacked = rollout::gunzip(text, 1U << 20U)) {
    FUZZ_LAW(unpacked->size() <= 1U << 20U);
  }
  static_cast<void>(kube::parse_exec_credential(text, "login"));
  const auto value = kube::parse_json(text, "it");
  if (!value) {
    FUZZ_LAW(value.error().code == Errc::kInput);
    return 0;
  }
  FUZZ_LAW(kube::parse_json(kube::json_text(*value), "again").has_value());
  static_cast<void>(kube::resources_of_aggregated(*value));
  static_cast<void>(kube::resources_of_list(*value, "v1"));
  static_cast<void>(rollout::inventory_from(*value));
  if (const auto revision = rollout::revision_from(*value)) {
    FUZZ_LAW(revision->number >= 1);
  }
  const deploy::Schema schema(deploy::table_of_openapi({*value}));
  for (const auto& kind : schema.kinds_of("v1")) {
    FUZZ_LAW(schema.type("v1", kind).field("kind").has_value());
  }
  static_cast<void>(rollout::describe_dataset(*value, {*value}, {*value}));
  static_cast<void>(rollout::readiness_of(*value));
  static_cast<void>(rollout::cause_of_pod(*value, 1'000'000, 15));
  FUZZ_LAW(rollout::differences(*value, *value).empty());
  const auto node = scheduling::node_from(*value);
  const auto pod = scheduling::pod_of_workload(*value).value_or(std::nullopt);
  if (node && pod) {
    const auto verdict = judge(*pod, *node, {}, scheduling::Wording(37));
    FUZZ_LAW(verdict.fits() == verdict.detail.empty());
  }
  return 0;
}
