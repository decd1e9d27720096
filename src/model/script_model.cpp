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

// The sums of a level (haar.hpp) of a square's four pixels, [pixel, sum], with the factors of what
// is an input already.
torch::Tensor haar_matrix(int level, int levels) {
  const auto sums = torch::tensor({1.0F, 1.0F, 1.0F, 1.0F,     // mean
                                   1.0F, -1.0F, 1.0F, -1.0F,   // left - right
                                   1.0F, 1.0F, -1.0F, -1.0F,   // top - bottom
                                   1.0F, -1.0F, -1.0F, 1.0F})  // diagonal
                        .view({4, 4});
  const float gain = HaarTransform::gain(level, levels);
  const float means = level == levels ? gain : 1.0F;  // else they go into the next level
  return (sums * torch::tensor({means, gain, gain, gain}).unsqueeze(1)).t().contiguous();
}

// The lines of forward() that make inputs of images. Plain products and no convolution, which GPUs
// compute with shorter numbers unless they are told not to.
std::string input_source(const InputForm& form) {
  if (form.basis == InputBasis::kPixels) {
    return "    x = torch.flatten(x, 1)\n";
  }
  const int levels = HaarTransform::levels_of(form.rows, form.columns);
  std::string source;
  for (int level = 1; level <= levels; ++level) {
    source += fmt::format(
        "    x = torch.reshape(x, [x.size(0), {0}, 2, {1}, 2]).permute([0, 1, 3, 2, 4])\n"
        "    x = torch.matmul(torch.reshape(x, [x.size(0), {0} * {1}, 4]), self.haar{2})\n"
        "    x = torch.transpose(x, 1, 2)\n",
        form.rows >> level, form.columns >> level, level);
    if (level < levels) {
      source += fmt::format("    fine{} = torch.flatten(x[:, 1:], 1)\n    x = x[:, 0]\n", level);
    }
  }
  source += "    x = torch.flatten(x, 1)\n";
  for (int level = levels - 1; level >= 1; --level) {
    source += fmt::format("    x = torch.cat([x, fine{}], 1)\n", level);
  }
  return source;
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
  const auto& inputs = net.layers[0].inputs;
  module.register_buffer(kept_name(form),
                         torch::tensor(std::vector<int64_t>(inputs.begin(), inputs.end())));
  if (form.basis == InputBasis::kHaar) {
    const int levels = HaarTransform::levels_of(form.rows, form.columns);
    MARVEL_CHECK(levels >= 1, "haar: both sides of an image are even");
    for (int level = 1; level <= levels; ++level) {
      module.register_buffer(fmt::format("haar{}", level), haar_matrix(level, levels));
    }
  }
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
