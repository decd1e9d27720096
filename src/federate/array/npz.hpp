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

// The bytes of the archive, members stored without compression; Zip64 from 4 GiB on.
Result<std::string> encode_npz(const Model& model);

// Reads stored and deflated members and checks their CRC. Memory grows with the elements that are
// really there: an array whose member is larger than `max_bytes` is refused. `name` stands in
// messages. kInput for anything damaged.
Result<Model> decode_npz(std::string_view bytes, const std::string& name,
                         std::uint64_t max_bytes = std::uint64_t{16} << 30U);

// kInput also when the file is missing.
Result<Model> load_npz(const std::filesystem::path& path);
// Atomic, as base/file.hpp says. Tensor by tensor: of the usual kinds none is copied.
Status save_npz(const std::filesystem::path& path, const Model& model);

}  // namespace marvel::federate
