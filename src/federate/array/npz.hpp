#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::federate {

// A model as numpy's .npz: a zip archive (array/zip_records) of arr_0.npy, arr_1.npy and so on, as
// numpy.savez(*arrays) writes and numpy.load reads. Order is the contract, so members are sorted by
// their number (arr_10 after arr_9); other names are refused.
//
// The initial model (--initial), checkpoints and the model that a run publishes are such files, and
// so is what marvel hands to a training program of its user's (client/exec_trainer).

// The bytes of the archive, members stored without compression, as weights hardly get smaller;
// Zip64 from 4 GiB on. Equal models give equal bytes: every member bears the same date.
Result<std::string> encode_npz(const Model& model);

// Reads stored and deflated members and checks their CRC. Memory grows with the elements that are
// really there: an array whose member is larger than `max_bytes` is refused. `name` stands in
// messages. kInput for anything damaged, and for numbers that do not run from 0 without a gap.
// `bytes` need not outlive the call. An archive without members is a model without tensors.
Result<Model> decode_npz(std::string_view bytes, const std::string& name,
                         std::uint64_t max_bytes = std::uint64_t{16} << 30U);

// kInput also when the file is missing. The file is read as a whole, so for a moment memory holds
// the model twice.
Result<Model> load_npz(const std::filesystem::path& path);
// Atomic, as base/file.hpp says: kUnavailable when the disk is full or read-only, and then a file
// that was there before is untouched. Tensor by tensor: of float32 and float64 none is copied. Each
// element is read twice, for its CRC and for the file.
Status save_npz(const std::filesystem::path& path, const Model& model);

}  // namespace marvel::federate
