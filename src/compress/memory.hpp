#pragma once

#include "base/result.hpp"
#include "compress/options.hpp"

#include <cstdint>
#include <span>

namespace marvel::compress {

// What training holds in memory, as one of two models counts it. All figures in bytes.
//   seed: the remaining float32 weights and biases plus one mini-batch of input samples; the
//         metric behind MARVEL D3.2 tables 3 and 4 (gates are not counted)
//   full: also gradients, both Adam moments and the running average of every parameter and gate,
//         and for every sample of the batch all activations and their gradients
//
// 784-300-100-10 in the seed's model: fixed 1,066,440 bytes (1041.4 KiB), 3136 bytes per sample, so
// a budget of 2,672,072 bytes holds batches of 512. These are counts, not measurements: what the
// process really takes is peak_rss_bytes(), a few hundred MB of which are LibTorch.
struct MemoryUse {
  std::uint64_t fixed = 0;       // independent of the batch
  std::uint64_t per_sample = 0;  // >= 1
};

// `widths`: units per layer as they stand, input and output included. `input_pixels`: pixels of a
// whole image, because the batch arrives with all of them; the full model does not look at it.
MemoryUse memory_use(MemoryModel model, std::span<const int> widths, int input_pixels);

// The seed's figure for one epoch, N_i + b_i m: EpochRecord::memory_bytes.
std::uint64_t seed_epoch_bytes(std::span<const int> widths, int input_pixels, int batch);

// The largest batch that fits: floor((C - fixed) / per_sample); 0 when not even one does. C is
// `budget`, in bytes.
std::uint64_t batch_cap(std::uint64_t budget, const MemoryUse& use);

// Refuses a budget that cannot hold the dense network and one sample; kUsage says the smallest that
// works. The dense network is the largest of a run, so what passes here fits in every later epoch.
Status check_budget(std::uint64_t budget, const MemoryUse& dense);

// Refuses what the machine cannot hold; kUsage says both figures. `physical` 0: not known, all
// passes.
Status check_physical(std::uint64_t needed, std::uint64_t physical);

// Memory of this machine in bytes; 0 where the system does not say.
std::uint64_t physical_bytes();

// Peak resident memory of this process so far (ru_maxrss of getrusage), in bytes; 0 where the
// kernel does not say. Never falls, and counts all that the process has done before.
std::uint64_t peak_rss_bytes();

}  // namespace marvel::compress
