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

// A finished run on its way out.
struct Delivery {
  const model::GatedMlp& net;  // folded
  const Recipe& recipe;
  const data::Dataset& data;
  const model::BatchSource& test;  // with the network's kept pixels
  std::filesystem::path out;
  Context& context;
};

// Largest difference of an output that masked and shrunk network may show.
inline constexpr double kEqualityTolerance = 1e-5;

// Writes model.pt, loads it back, compares it with the masked full-size network on the test
// images, times both, and fills the report's model, latency and equality fields.
// kInternal when they differ by more than kEqualityTolerance (the file is kept for inspection).
Status deliver(const Delivery& delivery, TrainReport* report);

// Versions of marvel and LibTorch and the BLAS in use.
void describe_build(TrainReport* report);

// The self-description inside model.pt, schema marvel.compress.model/1.
std::string describe_model(const Delivery& delivery, const TrainReport& report);

}  // namespace marvel::compress
