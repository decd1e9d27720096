#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace marvel::compress {

// What one training epoch left behind. Errors are percentages of wrong answers; a negative error
// means "not measured" and becomes null in JSON. The train error is that of the steps as they were
// taken, with gates drawn and images augmented; the others are of the averaged network at the end.
struct EpochRecord {
  int epoch = 0;           // counted from 1
  std::string phase;       // "warm-up", "prune" or "fine-tune"
  double loss = 0;         // mean training loss per sample, regulariser excluded
  double regularizer = 0;  // mean expected-L0 price per step
  double train_error_percent = -1;
  double validation_error_percent = -1;
  double test_error_percent = -1;
  // The next five are as they are at the epoch's end, after pruning. Gates that are folded before
  // fine-tuning may take more units with them.
  int batch_size = 0;              // samples
  std::vector<int> units;          // kept units per layer, input and output included
  std::uint64_t parameters = 0;    // weights and biases of the shrunk network, gates not counted
  std::uint64_t macs = 0;          // multiply-accumulates of one forward pass
  std::uint64_t memory_bytes = 0;  // parameters * 4 + batch * bytes of one input (seed's metric)
  double variance_ratio = 0;       // mean ||S||_1 / F of the steps; 0 where it was not measured
  double seconds = 0;              // training alone, without the measurements
};

// The seed's memory metric and the honest one, in bytes. The first two are of all epochs; the last
// one is the process's, LibTorch included.
struct MemoryFigures {
  std::uint64_t seed_sum_bytes = 0;
  double mean_epoch_bytes = 0;
  std::uint64_t peak_rss_bytes = 0;
};

// One finished (or interrupted) training run; schema marvel.compress.report/1. An interrupted one
// has no model, and so neither sizes of files nor latencies; its errors are those of the last whole
// epoch.
struct TrainReport {
  std::string status;  // "finished" or "interrupted"
  std::string model;
  std::string data;
  std::string method;
  std::vector<int> architecture_dense;  // units per layer before pruning
  std::vector<int> architecture;        // and after
  std::uint64_t parameters_dense = 0;
  std::uint64_t parameters = 0;
  double reduction_percent = 0;
  std::uint64_t macs_dense = 0;
  std::uint64_t macs = 0;
  std::uint64_t macs_inputs = 0;        // what makes the inputs of an image comes on top (haar.hpp)
  std::uint64_t model_bytes_dense = 0;  // the same network, not pruned, saved the same way
  std::uint64_t model_bytes = 0;        // size of model.pt
  double latency_dense_us = 0;          // median of single-sample forward passes, one thread
  double latency_us = 0;
  double dense_test_error_percent = -1;  // of the dense network (teacher), -1 if there was none
  double test_error_percent = -1;        // of the delivered network, never the best seen
  double validation_error_percent = -1;
  int best_epoch = 0;  // of those with the final units the one of lowest validation error; 0: none
  double best_test_error_percent = -1;  // test error of that epoch
  double equality_max_difference = 0;   // masked against shrunk network on real inputs
  MemoryFigures memory;
  double seconds_training = 0;  // steps alone
  double seconds_total = 0;     // everything, in all processes if the run was resumed
  int threads = 0;
  std::string device;
  std::string blas;      // as LibTorch names it
  std::string libtorch;  // version
  std::string marvel;    // version and commit
  // Every option and recipe value in force, and how the variance was estimated: name, value.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<EpochRecord> epochs;
  std::string model_path;
};

// `marvel compress eval`; schema marvel.compress.eval/1.
struct EvalReport {
  std::string model_path;
  std::string data;
  std::uint64_t samples = 0;
  double test_error_percent = -1;
  double latency_p50_us = 0;  // one sample per forward pass
  double latency_p95_us = 0;
  std::vector<int> architecture;
  std::uint64_t parameters = 0;
  std::uint64_t macs = 0;
  std::uint64_t macs_inputs = 0;
  std::uint64_t model_bytes = 0;
};

// `marvel compress inspect`; schema marvel.compress.model/1, as stored inside model.pt.
struct ModelDescription {
  std::string model_path;
  std::uint64_t model_bytes = 0;
  std::string json;  // the self-description, pretty-printed
};

// The documents of docs/formats/compress-report.md. Reading back what was written gives an equal
// report; kInput names the first missing or ill-typed key. Keys that are not known are passed over.
// Text that is no UTF-8, as in an odd path, becomes U+FFFD; a number that is not finite becomes
// null and comes back as NaN.
std::string to_json(const TrainReport& report);
std::string to_json(const EvalReport& report);
Result<TrainReport> train_report_from_json(const std::string& text);
// The epoch history alone, as checkpoints keep it: a list on one line.
std::string epochs_to_json(const std::vector<EpochRecord>& epochs);
Result<std::vector<EpochRecord>> epochs_from_json(const std::string& text);

}  // namespace marvel::compress
