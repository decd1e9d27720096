#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "compress/recipe.hpp"
#include "compress/report.hpp"
#include "data/dataset.hpp"
#include "model/batch_source.hpp"
#include "model/gated_mlp.hpp"

#include <filesystem>

namespace marvel::compress {

// A finished run on its way out. All references must outlive the calls; nothing is changed.
struct Delivery {
  const model::GatedMlp& net;  // folded
  const Recipe& recipe;
  const data::Dataset& data;
  const model::BatchSource& test;  // with the network's kept inputs
  std::filesystem::path out;
  Context& context;
};

// Largest difference of an output that masked and shrunk network may show. Both compute in double:
// in float the order of summation alone moves logits of size 30 by more.
inline constexpr double kEqualityTolerance = 1e-5;

// Writes model.pt, loads it back, compares it with the masked full-size network on the test images,
// times both, and fills the report's model, latency and equality fields. The rest of the report
// must be there already, because the description in the file is made from it. kInternal when they
// differ by more than kEqualityTolerance (the file is kept for inspection), also when the
// difference is NaN; kUnavailable when the disk is full. Needs a test image at least, and leaves
// nothing but model.pt in `out`.
Status deliver(const Delivery& delivery, TrainReport* report);

// Versions of marvel and LibTorch and the BLAS in use ("unknown" where LibTorch does not name it).
void describe_build(TrainReport* report);

// The self-description inside model.pt, schema marvel.compress.model/1 (docs/formats/model-pt.md):
// JSON on one line. Errors in it are those of the report, -1 for what was not measured.
std::string describe_model(const Delivery& delivery, const TrainReport& report);

}  // namespace marvel::compress
