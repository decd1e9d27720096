// The one exported symbol of libmarvel_ml.so. LibTorch reports its own trouble by exceptions, so
// each door has a guard: nothing is thrown into the program that loaded us.
#include "compress/api.hpp"
#include "compress/eval.hpp"
#include "compress/train.hpp"

#include <exception>
#include <new>

namespace marvel::compress {
namespace {

template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(Errc::kUnavailable, "out of memory", "use a smaller network or batch");
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return fail(Errc::kInternal, text.substr(0, text.find('\n')));
  }
}

Result<TrainReport> guarded_train(const TrainOptions& options, Context& context) {
  return guarded([&] { return train(options, context); });
}

Result<EvalReport> guarded_evaluate(const EvalOptions& options, Context& context) {
  return guarded([&] { return evaluate(options, context); });
}

Result<ModelDescription> guarded_inspect(const std::string& path, Context& context) {
  return guarded([&] { return inspect(path, context); });
}

constexpr MlApi kApi{kInterfaceVersion, guarded_train, guarded_evaluate, guarded_inspect};

}  // namespace
}  // namespace marvel::compress

extern "C" const marvel::compress::MlApi* marvel_ml_api() {
  return &marvel::compress::kApi;
}
