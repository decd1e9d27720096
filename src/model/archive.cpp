#include "model/archive.hpp"

#include "base/file.hpp"

#include <sstream>

#include <fmt/format.h>

namespace marvel::model {
namespace {

struct NamedTensor {
  const char* name;
  torch::Tensor Parameter::* tensor;
};
constexpr NamedTensor kTensors[] = {{"value", &Parameter::value},
                                    {"moment1", &Parameter::moment1},
                                    {"moment2", &Parameter::moment2},
                                    {"average", &Parameter::average}};

struct NamedParameter {
  const char* name;
  Parameter GatedLayer::* parameter;
};
constexpr NamedParameter kParameters[] = {{"weight", &GatedLayer::weight},
                                          {"bias", &GatedLayer::bias},
                                          {"log_alpha", &GatedLayer::log_alpha}};

std::string layer_key(const std::string& prefix, std::size_t l, std::string_view name) {
  return fmt::format("{}.layer{}.{}", prefix, l, name);
}

std::string tensor_key(const std::string& prefix, std::size_t l, const NamedParameter& parameter,
                       const NamedTensor& tensor) {
  return layer_key(prefix, l, fmt::format("{}.{}", parameter.name, tensor.name));
}

}  // namespace

ArchiveWriter::ArchiveWriter() = default;

void ArchiveWriter::put(const std::string& key, const torch::Tensor& tensor) {
  archive_.write(key, tensor.cpu(), /*is_buffer=*/true);
}

void ArchiveWriter::put(const std::string& key, const std::string& text) {
  archive_.write(key, c10::IValue(text));
}

void ArchiveWriter::put(const std::string& prefix, const GatedMlp& net) {
  put(prefix + ".shape", fmt::format("{} {}", net.layers.size(), net.gated ? "gated" : "plain"));
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    const auto& layer = net.layers[l];
    put(layer_key(prefix, l, "inputs"),
        torch::tensor(std::vector<int64_t>(layer.inputs.begin(), layer.inputs.end())));
    for (const auto& parameter : kParameters) {
      for (const auto& tensor : kTensors) {
        put(tensor_key(prefix, l, parameter, tensor), layer.*parameter.parameter.*tensor.tensor);
      }
    }
  }
}

Status ArchiveWriter::save(const std::filesystem::path& path) {
  std::ostringstream bytes;
  try {
    archive_.save_to(bytes);
  } catch (const std::exception& error) {
    return fail(Errc::kInternal,
                fmt::format("cannot encode '{}': {}", path.string(), error.what()));
  }
  return write_file_atomically(path, bytes.str());
}

Result<ArchiveReader> ArchiveReader::open(const std::filesystem::path& path) {
  MARVEL_TRY(const auto bytes, read_file(path));
  ArchiveReader reader;
  reader.path_ = path.string();
  try {
    reader.archive_.load_from(bytes.data(), bytes.size());
  } catch (const std::exception&) {
    return fail(Errc::kInput, fmt::format("'{}' is damaged or truncated", path.string()),
                "start afresh with --force");
  }
  return reader;
}

Result<torch::Tensor> ArchiveReader::tensor(const std::string& key) {
  try {
    torch::Tensor tensor;
    archive_.read(key, tensor, /*is_buffer=*/true);
    return tensor;
  } catch (const std::exception&) {
    return fail(Errc::kInput, fmt::format("'{}' has no '{}'", path_, key));
  }
}

Result<std::string> ArchiveReader::text(const std::string& key) {
  try {
    c10::IValue value;
    archive_.read(key, value);
    return value.toStringRef();
  } catch (const std::exception&) {
    return fail(Errc::kInput, fmt::format("'{}' has no '{}'", path_, key));
  }
}

Result<GatedMlp> ArchiveReader::network(const std::string& prefix) {
  MARVEL_TRY(const auto shape, text(prefix + ".shape"));
  std::istringstream words(shape);
  std::size_t count = 0;
  std::string kind;
  constexpr std::size_t kMostLayers = 1000;
  if (!(words >> count >> kind) || count == 0 || count > kMostLayers) {
    return fail(Errc::kInput, fmt::format("'{}' has no network '{}'", path_, prefix));
  }
  GatedMlp net;
  net.gated = kind == "gated";
  net.layers.resize(count);
  for (std::size_t l = 0; l < count; ++l) {
    MARVEL_TRY(const auto inputs, tensor(layer_key(prefix, l, "inputs")));
    if (inputs.scalar_type() != torch::kInt64 || !inputs.is_contiguous()) {
      return fail(Errc::kInput, fmt::format("'{}' has no network '{}'", path_, prefix));
    }
    const auto* first = inputs.data_ptr<int64_t>();
    net.layers[l].inputs.assign(first, first + inputs.numel());
    for (const auto& parameter : kParameters) {
      for (const auto& part : kTensors) {
        MARVEL_TRY(net.layers[l].*parameter.parameter.*part.tensor,
                   tensor(tensor_key(prefix, l, parameter, part)));
      }
    }
  }
  return net;
}

}  // namespace marvel::model
