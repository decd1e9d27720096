#include "federate/client/script_export.hpp"

#include "base/version.hpp"
#include "federate/client/torch_arrays.hpp"
#include "model/gated_mlp.hpp"
#include "model/script_model.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

Result<model::GatedMlp> network_of(const PublishedModel& published) {
  model::GatedMlp net;
  net.gated = published.gated;
  const std::size_t parts = published.gated ? 3 : 2;  // tensors per layer
  for (std::size_t l = 0; l + 1 < published.layers.size(); ++l) {
    const std::int64_t in = published.layers[l];
    const std::int64_t out = published.layers[l + 1];
    const auto* tensors = &published.model[parts * l];
    MARVEL_TRY(const auto weight, to_torch(tensors[0], {out, in}, parts * l));
    MARVEL_TRY(const auto bias, to_torch(tensors[1], {out}, parts * l + 1));
    torch::Tensor log_alpha = torch::zeros({in});
    if (published.gated) {
      MARVEL_TRY(log_alpha, to_torch(tensors[2], {in}, parts * l + 2));
    }
    model::GatedLayer layer;
    layer.weight = model::Parameter::from(weight.t().contiguous());
    layer.bias = model::Parameter::from(bias);
    layer.log_alpha = model::Parameter::from(log_alpha);
    layer.inputs.assign(published.kept[l].begin(), published.kept[l].end());
    net.layers.push_back(std::move(layer));
  }
  return net;
}

nlohmann::ordered_json description_of(const PublishedModel& published, const model::GatedMlp& net) {
  const int pixels = published.first_layers.front();
  const int side = static_cast<int>(std::lround(std::sqrt(pixels)));
  const int rows = side * side == pixels ? side : 1;
  std::vector<std::vector<std::int32_t>> kept;
  for (const auto& layer : net.layers) {
    kept.push_back(layer.inputs);
  }
  return {{"schema", "marvel.compress.model/1"},
          {"model", "mlp"},
          {"architecture", net.widths()},
          {"architecture_dense", published.first_layers},
          {"parameters", net.parameters()},
          {"parameters_dense", model::mlp_parameters(published.first_layers)},
          {"macs", net.macs()},
          {"macs_dense", model::mlp_macs(published.first_layers)},
          {"input", {{"rows", rows}, {"columns", pixels / rows}, {"scale", "pixel / 255"}}},
          {"kept_units", kept},
          {"provenance", {{"marvel", version_text()}, {"method", "federated"}}}};
}

}  // namespace

Result<std::string> script_export(const PublishedModel& published) {
  const torch::NoGradGuard no_grad;
  MARVEL_TRY(auto net, network_of(published));
  if (published.gated) {
    net.fold_gates();
  }
  return model::encode_script_model(net, description_of(published, net).dump());
}

}  // namespace marvel::federate
