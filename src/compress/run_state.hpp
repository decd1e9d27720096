#pragma once

#include "base/result.hpp"
#include "compress/report.hpp"
#include "model/gated_mlp.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace marvel::compress {

// Sums over the part of the current epoch that is done; zero between epochs. An EpochRecord is made
// of them, divided by samples or steps.
struct EpochSums {
  std::uint64_t samples = 0;
  std::uint64_t steps = 0;
  std::uint64_t correct = 0;
  double loss = 0;         // per sample
  double regularizer = 0;  // per step
  double ratio = 0;        // ||S||_1 / F, per step
  double seconds = 0;
};

// Everything a run carries from step to step. Random numbers are functions of (seed, epoch, step),
// so together with the recipe and the data this is all that is needed to go on exactly.
//
// In progress are `epoch` and, in it, the samples after the first sums.samples of its order. The
// optimizer is in the networks' moments, the open gates counted so far are in `open_counts`; both
// go into the checkpoint, and a resumed run equals one that was not stopped, to the bit.
struct RunState {
  model::GatedMlp net;
  std::vector<model::GatedMlp> teachers;  // the warm-up's networks that are done, averaged
  int epoch = 1;                          // the one in progress, from 1; epochs + 1 when done
  std::uint64_t step = 0;                 // steps taken in all
  std::uint64_t network_steps = 0;        // steps since `net` was made
  std::uint64_t adam_time = 0;            // steps since the moments last started at zero
  int batch = 0;
  std::uint64_t candidate = 0;  // of the batch rule
  double pressure = 1.0;        // factor on lambda that steers towards the target
  double dense_test_error = -1;
  bool target_reached = false;
  double seconds = 0;  // that the run has taken, in all its processes
  EpochSums sums;
  std::vector<std::vector<std::uint32_t>> open_counts;
  std::vector<EpochRecord> history;
};

// The checkpoint file (docs/formats/checkpoint.md). `fingerprint` names every setting in force.
// Replaces the file atomically; kUnavailable when the disk is full, and then the old one stays.
// Written after each epoch and when a run is stopped; about 16 bytes per parameter of each network
// in it.
Status save_checkpoint(const std::filesystem::path& path, const RunState& state,
                       const std::string& fingerprint);

struct Checkpoint {
  RunState state;
  std::string fingerprint;
};
// kInput when the file is missing, damaged or of another schema. Whether the fingerprint is that
// of the run that is to go on is for the caller to see.
Result<Checkpoint> load_checkpoint(const std::filesystem::path& path);

}  // namespace marvel::compress
