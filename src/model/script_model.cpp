#include "model/script_model.hpp"

#include <sstream>

#include <fmt/format.h>

namespace marvel::model {
namespace {

constexpr const char* kDescription = "marvel";

std::string forward_source(std::size_t layers) {
  std::string source =
      "def forward(self, x):\n"
      "    x = torch.index_select(torch.flatten(x, 1), 1, self.kept_pixels)\n";
  for (std::size_t l = 0; l < layers; ++l) {
    const auto sum = fmt::format("torch.addmm(self.bias{0}, x, self.weight{0})", l);
    source += l + 1 < layers ? fmt::format("    x = torch.relu({})\n", sum)
                             : fmt::format("    return {}\n", sum);
  }
  return source;
}

torch::jit::Module build_module(const GatedMlp& net, const std::string& description) {
  torch::jit::Module module("MarvelMlp");
  const auto& pixels = net.layers[0].inputs;
  module.register_buffer("kept_pixels",
                         torch::tensor(std::vector<int64_t>(pixels.begin(), pixels.end())));
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    module.register_parameter(fmt::format("weight{}", l),
                              net.layers[l].weight.average.cpu().contiguous(), false);
    module.register_parameter(fmt::format("bias{}", l),
                              net.layers[l].bias.average.cpu().contiguous(), false);
  }
  module.register_attribute(kDescription, c10::StringType::get(), description);
  module.define(forward_source(net.layers.size()));
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

Result<std::string> encode_script_model(const GatedMlp& net, const std::string& description) {
  try {
    std::ostringstream bytes;
    build_module(net, description).save(bytes);
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

// Module::to would turn the kept pixels' indices into floats as well.
void ScriptModel::to_double() {
  for (auto parameter : impl_->module.parameters()) {
    parameter.set_data(parameter.to(torch::kFloat64));
  }
}

void ScriptModel::to(torch::Device device) {
  impl_->module.to(device);
}

}  // namespace marvel::model
