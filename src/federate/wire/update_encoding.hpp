#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <string>
#include <vector>

// A client's update in fewer bytes: what training changed, not the whole model, and coarser
// numbers. Between peers of marvel that have agreed on it (docs/formats/fedl.md has the bytes).
//
// What an encoding leaves out is not lost: the encoder adds it to the next round's change before it
// encodes that (error feedback; Karimireddy et al., ICML 2019, arXiv 1901.09847).
//
// How an encoding comes about: the client says "marvel-encodes" when it joins, the server names the
// encoding in the settings of each fit ("marvel.encoding", "marvel.keep"), the client's
// UpdateEncoder writes the update, and the server's decode_update makes whole .npy files of it
// before the merge, so that no strategy knows of encodings. Models on their way to clients are
// never encoded.
namespace marvel::federate::wire {

enum class UpdateEncoding {
  kNone,     // the model as .npy files, as Flower has it
  kFloat16,  // each change as binary16: half the bytes
  kInt8,     // per row, change = scale * whole number in [-127, 127]: a quarter
  kTopK,     // only the largest changes, as float32 with their places: 2 * share
};

// The words of --update-encoding, in the order of the enum.
std::vector<std::string> update_encoding_names();
// kNone for unknown words, so that a peer of another version is answered with a plain model.
UpdateEncoding update_encoding_of(const std::string& name);

// How a receiver knows an encoded update. The number is the version of the format.
inline constexpr const char* kEncodedType = "marvel.update/1";  // Parameters::tensor_type

// Expected size of an update as a share of the model's. The model has 32 bits per parameter; `keep`
// is of kTopK alone. Heads, scales and tensors that are not encoded are left out of account: it is
// an estimate for who must decide how much to read (transport/expected_answer).
double expected_share(UpdateEncoding encoding, double keep);

// One client's side. Tensors of other kinds than float16, float32 and float64 travel as .npy files.
// So do tensors of 2^32 elements and more, because places have 32 bits, and those whose change is
// not finite, so that the server sees what they are; nothing of these is left out for later. Holds
// one float32 per encoded element for what was left out, from the first update on. Used by one
// thread at a time.
class UpdateEncoder {
 public:
  // `local` and `global` have the same shapes and types, but for the width of floats. `keep`: share
  // of changes that kTopK sends, (0, 1]; at least one per tensor. kInput when a shape has changed
  // on the way. `encoding` is not kNone. Each call counts as sent: what it leaves out is kept for
  // the next one, so a client that must send the same update again keeps the result rather than
  // encode twice. After a failure what is left out may hold a part of the changes.
  Result<Parameters> encode(const Model& local, const Model& global, UpdateEncoding encoding,
                            double keep);

  // What has been left out so far, float32, per tensor: for a client that is to go on as if it had
  // not died. Empty before the first update.
  [[nodiscard]] Model left_out() const;
  // Takes what left_out() gave, in place of what is there.
  void restore(const Model& left_out);

 private:
  void start_anew_if_other(const Model& local);

  std::vector<std::vector<float>> left_out_;  // per tensor; none of those that stay as they are
};

// The whole model again, as .npy files: `reference` is the model that training began with. kInput,
// naming the tensor, for anything that does not fit it. Costs a copy of the model. Numbers that are
// not finite are passed on; Update::check refuses them.
Result<Parameters> decode_update(const Parameters& encoded, const Model& reference);

}  // namespace marvel::federate::wire
