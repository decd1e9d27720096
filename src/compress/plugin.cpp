// The one exported symbol of libmarvel_ml.so. LibTorch reports its own trouble by exceptions, so
// each door has a guard: nothing is thrown into the program that loaded us.
#include "base/guarded.hpp"
#include "compress/api.hpp"
#include "compress/eval.hpp"
#include "compress/train.hpp"

namespace marvel::compress {
namespace {

constexpr const char* kSmaller = "use a smaller network or batch";

Result<TrainReport> guarded_train(const TrainOptions& options, Context& context, FolderLock* lock) {
  return guarded(kSmaller, [&] { return train(options, context, lock); });
}

Result<EvalReport> guarded_evaluate(const EvalOptions& options, Context& context) {
  return guarded(kSmaller, [&] { return evaluate(options, context); });
}

Result<ModelDescription> guarded_inspect(const std::string& path, Context& context) {
  return guarded(kSmaller, [&] { return inspect(path, context); });
}

constexpr MlApi kApi{kInterfaceVersion, guarded_train, guarded_evaluate, guarded_inspect};

}  // namespace
}  // namespace marvel::compress

extern "C" const marvel::compress::MlApi* marvel_ml_api() {
  return &marvel::compress::kApi;
}
