#include "model/script_model.hpp"

#include "base/check.hpp"

#include <sstream>

#include <fmt/format.h>

namespace marvel::model {
namespace {

constexpr const char* kDescription = "marvel";

const char* kept_name(const InputForm& form) {
  return form.basis == InputBasis::kPixels ? "kept_pixels" : "kept_coefficients";
}

// What HaarTransform does to a square of `side` x `side` pixels, as a matrix [pixel, input].
torch::Tensor haar_matrix(int side) {
  const HaarTransform transform(side, side);
  const auto count = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  std::vector<std::uint8_t> pixels(count);
  std::vector<float> sums(transform.buffer_size());
  std::vector<float> matrix;
  for (auto& pixel : pixels) {
    pixel = 1;
    transform.apply(pixels.data(), static_cast<std::size_t>(side), sums.data());
    pixel = 0;
    for (std::size_t input = 0; input < count; ++input) {
      const auto& place = transform.place(static_cast<std::int32_t>(input));
      matrix.push_back(sums[static_cast<std::size_t>(place.index)] * place.factor);
    }
  }
  const auto size = static_cast<std::int64_t>(count);
  return torch::tensor(matrix).view({size, size});
}

// Which numbers of what input_source() makes of an image the network sees.
torch::Tensor kept_places(const std::vector<int>& inputs, const InputForm& form) {
  std::vector<std::int64_t> kept(inputs.begin(), inputs.end());
  if (form.basis == InputBasis::kHaar) {
    const auto places = HaarTransform::places_in_squares(form.rows, form.columns);
    for (auto& input : kept) {
      input = places[static_cast<std::size_t>(input)];
    }
  }
  return torch::tensor(kept);
}

// The lines of forward() that make inputs of images. One product for all squares, because an
// operation on one image costs more than its arithmetic; a plain one and no convolution, which GPUs
// compute with shorter numbers unless they are told not to, and which takes longer here.
std::string input_source(const InputForm& form) {
  if (form.basis == InputBasis::kPixels) {
    return "    x = torch.flatten(x, 1)\n";
  }
  const int side = HaarTransform::square_side(form.rows, form.columns);
  return fmt::format(
      "    x = torch.reshape(x, [x.size(0), {0}, {2}, {1}, {2}]).transpose(2, 3)\n"
      "    x = torch.mm(torch.reshape(x, [-1, {3}]), self.haar)\n"
      "    x = torch.reshape(x, [-1, {4}])\n",
      form.rows / side, form.columns / side, side, side * side, form.rows * form.columns);
}

std::string forward_source(std::size_t layers, const InputForm& form) {
  std::string source = "def forward(self, x):\n" + input_source(form) +
                       fmt::format("    x = torch.index_select(x, 1, self.{})\n", kept_name(form));
  for (std::size_t l = 0; l < layers; ++l) {
    const auto sum = fmt::format("torch.addmm(self.bias{0}, x, self.weight{0})", l);
    source += l + 1 < layers ? fmt::format("    x = torch.relu({})\n", sum)
                             : fmt::format("    return {}\n", sum);
  }
  return source;
}

torch::jit::Module build_module(const GatedMlp& net, const std::string& description,
                                const InputForm& form) {
  torch::jit::Module module("MarvelMlp");
  if (form.basis == InputBasis::kHaar) {
    MARVEL_CHECK(HaarTransform::levels_of(form.rows, form.columns) >= 1,
                 "haar: both sides of an image are even");
    module.register_buffer("haar",
                           haar_matrix(HaarTransform::square_side(form.rows, form.columns)));
  }
  module.register_buffer(kept_name(form), kept_places(net.layers[0].inputs, form));
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    module.register_parameter(fmt::format("weight{}", l),
                              net.layers[l].weight.average.cpu().contiguous(), false);
    module.register_parameter(fmt::format("bias{}", l),
                              net.layers[l].bias.average.cpu().contiguous(), false);
  }
  module.register_attribute(kDescription, c10::StringType::get(), description);
  module.define(forward_source(net.layers.size(), form));
  return module;
}

// The first line of a LibTorch message; the rest is its own stack.
std::string brief(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace

struct ScriptModel::Impl {
  torch::jit::Module module;
};

Result<std::string> encode_script_model(const GatedMlp& net, const std::string& description,
                                        const InputForm& form) {
  try {
    std::ostringstream bytes;
    build_module(net, description, form).save(bytes);
    return bytes.str();
  } catch (const std::exception& error) {
    return fail(Errc::kInternal, "cannot encode the model: " + brief(error));
  }
}

Result<ScriptModel> ScriptModel::load(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return fail(Errc::kInput, fmt::format("no model file '{}'", path.string()),
                "name the model.pt that marvel compress train wrote");
  }
  try {
    ScriptModel model;
    model.impl_ = std::make_shared<Impl>(Impl{torch::jit::load(path.string())});
    model.impl_->module.eval();
    if (!model.impl_->module.hasattr(kDescription)) {
      return fail(
          Errc::kInput,
          fmt::format("'{}' is a TorchScript file, but marvel did not write it", path.string()));
    }
    model.description_ = model.impl_->module.attr(kDescription).toStringRef();
    return model;
  } catch (const std::exception& error) {
    return fail(Errc::kInput, fmt::format("'{}' is damaged or no TorchScript file: {}",
                                          path.string(), brief(error)));
  }
}

Result<torch::Tensor> ScriptModel::predict(const torch::Tensor& images) {
  try {
    const torch::NoGradGuard no_grad;
    return impl_->module.forward({images}).toTensor();
  } catch (const std::exception& error) {
    return fail(Errc::kInput, "the model refused the images: " + brief(error));
  }
}

// Module::to would turn the kept inputs' indices into floats as well.
void ScriptModel::to_double() {
  const auto widen = [](torch::Tensor tensor) {
    if (tensor.is_floating_point()) {
      tensor.set_data(tensor.to(torch::kFloat64));
    }
  };
  for (const auto& parameter : impl_->module.parameters()) {
    widen(parameter);
  }
  for (const auto& buffer : impl_->module.buffers()) {
    widen(buffer);
  }
}

void ScriptModel::to(torch::Device device) {
  impl_->module.to(device);
}

}  // namespace marvel::model
