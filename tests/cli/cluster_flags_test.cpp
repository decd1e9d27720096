#include "cli/cluster_flags.hpp"

#include "base/file.hpp"
#include "cli/line.hpp"
#include "deploy/kube/kubeconfig.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

// A pod: the variables that Kubernetes sets, and a service account's token.
struct Pod {
  marvel::test::TempDir folder;
  marvel::test::TestContext around;
  const Environment environment{{"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
                                {"KUBERNETES_SERVICE_PORT", "443"}};
  test::Line line;
  Globals globals;
  Config config = Config::load({folder / "a", folder / "b", folder / "c"}, {}, {}).value();
  Session session{globals, environment, config, line.tree, around.context};

  Pod() { REQUIRE(write_file_atomically(folder / "token", "a-token")); }
  Result<kube::Access> access(const ClusterFlags& flags) {
    return choose_access(flags, session, folder.path());
  }
};

}  // namespace

TEST_CASE("in a pod its own cluster is used, unless a context is named") {
  Pod pod;
  ClusterFlags flags;
  const auto own = pod.access(flags);
  REQUIRE(own.has_value());
  CHECK(own->cluster.server == "https://10.0.0.1:443");
  flags.context = "prod";
  const auto named = pod.access(flags);
  REQUIRE_FALSE(named.has_value());
  CHECK(named.error().message.find("no context 'prod'") != std::string::npos);
}

TEST_CASE("groups without a user are refused, not left out") {
  Pod pod;
  ClusterFlags flags;
  flags.as_groups = {"viewers"};
  const auto alone = pod.access(flags);
  REQUIRE_FALSE(alone.has_value());
  CHECK(alone.error().code == Errc::kUsage);
  flags.as = "anna";
  const auto both = pod.access(flags);
  REQUIRE(both.has_value());
  CHECK(both->user.as == "anna");
  CHECK(both->user.as_groups == flags.as_groups);
}

}  // namespace marvel::cli
