#include "model/script_model.hpp"

#include "base/file.hpp"
#include "model/evaluate.hpp"
#include "model/network_builder.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

GatedMlp small_network() {
  auto net = test::spread_network({12, 9, 4}, 3);
  net.keep_inputs(0, {0, 3, 4, 10});
  net.fold_gates();
  return net;
}

// Fails when the outputs of the saved model differ by more than 1e-5 from those that are given.
constexpr std::string_view kSameOutputs = R"(
import numpy as np, sys, torch
model = torch.jit.load("model.pt")
images, logits = (np.fromfile(file, dtype=np.float32).reshape(20, -1) for file in ("images", "logits"))
with torch.no_grad():
    sys.exit(0 if np.abs(model(torch.from_numpy(images)).numpy() - logits).max() <= 1e-5 else 1)
)";

}  // namespace

TEST_CASE("a saved model predicts what the network predicts and describes itself") {
  const test::TempDir dir;
  const auto net = small_network();
  const auto bytes = encode_script_model(net, R"({"a":1})");
  REQUIRE(bytes.has_value());
  REQUIRE(write_file_atomically(dir / "model.pt", *bytes).has_value());
  auto model = ScriptModel::load(dir / "model.pt");
  REQUIRE(model.has_value());
  CHECK(model->description() == R"({"a":1})");

  const auto set = test::random_images(20, 3, 4, 4, 5);
  BatchSource source(set, test::first_samples(20), {});
  source.keep_inputs(net.layers[0].inputs);
  const auto expected = predict(net, source, 0, Weights::kAverage);
  const auto got = model->predict(image_rows(set, 0, 20));
  REQUIRE(got.has_value());
  CHECK((*got - expected).abs().max().item<double>() < 1e-5);
  // Images with a channel and two dimensions are flattened inside.
  const auto shaped = model->predict(image_rows(set, 0, 20).view({20, 1, 3, 4}));
  REQUIRE(shaped.has_value());
  CHECK(torch::equal(*shaped, *got));
}

TEST_CASE("a saved model of wavelet coefficients makes them of images itself") {
  for (const auto& [rows, columns] : {std::pair(8, 4), {6, 10}}) {  // two levels, one
    CAPTURE(rows);
    const InputForm form{InputBasis::kHaar, rows, columns};
    auto net = test::spread_network({rows * columns, 9, 4}, 3);
    net.keep_inputs(0, {0, 1, 7, 11, 20, 31});
    net.fold_gates();
    const test::TempDir dir;
    const auto bytes = encode_script_model(net, "{}", form);
    REQUIRE(bytes.has_value());
    REQUIRE(write_file_atomically(dir / "model.pt", *bytes).has_value());
    auto model = ScriptModel::load(dir / "model.pt");
    REQUIRE(model.has_value());

    const auto set = test::random_images(20, rows, columns, 4, 5);
    BatchSource source(set, test::first_samples(20), {}, InputBasis::kHaar);
    source.keep_inputs(net.layers[0].inputs);
    const auto expected = predict(net, source, 0, Weights::kAverage);
    const auto images = image_rows(set, 0, 20);
    const auto got = model->predict(images);
    REQUIRE(got.has_value());
    CHECK((*got - expected).abs().max().item<double>() < 1e-5);
    CHECK(torch::equal(*model->predict(images.view({20, 1, rows, columns})), *got));
    for (const int64_t count : {0, 1}) {
      CHECK(model->predict(images.narrow(0, 0, count))->size(0) == count);
    }
    // Not cut into images of another size, or number.
    for (const auto& wrong : {images.view({10, -1}), images.view({40, -1}), images.flatten()}) {
      CHECK(model->predict(wrong).error().code == Errc::kInput);
    }

    model->to_double();
    const auto all = input_rows(set, 0, 20, form.basis);
    const auto masked = masked_network(net, std::vector<int>{rows * columns, 9, 4});
    const auto hidden = torch::addmm(masked.layers[0].bias.average.to(torch::kFloat64), all,
                                     masked.layers[0].weight.average.to(torch::kFloat64))
                            .relu();
    const auto logits = torch::addmm(masked.layers[1].bias.average.to(torch::kFloat64), hidden,
                                     masked.layers[1].weight.average.to(torch::kFloat64));
    const auto exact = model->predict(input_rows(set, 0, 20, InputBasis::kPixels));
    REQUIRE(exact.has_value());
    CHECK((*exact - logits).abs().max().item<double>() < 1e-12);
  }
}

TEST_CASE("plain PyTorch gives the same outputs for a saved model") {
  // NOLINTNEXTLINE(concurrency-mt-unsafe,cert-env33-c)
  if (std::system("/usr/bin/python3 -c 'import torch, numpy' 2>/dev/null") != 0) {
    MESSAGE("SKIPPED: no python3-torch and python3-numpy");
    return;
  }
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "model.pt", *encode_script_model(small_network(), "{}")));
  auto model = ScriptModel::load(dir / "model.pt");
  REQUIRE(model.has_value());
  const auto images = image_rows(test::random_images(20, 3, 4, 4, 5), 0, 20).contiguous();
  auto logits = model->predict(images)->contiguous();
  const auto compare = [&] {
    for (const auto& [name, tensor] : {std::pair("images", images), {"logits", logits}}) {
      std::ofstream(dir / name, std::ios::binary)
          .write(static_cast<const char*>(tensor.data_ptr()),
                 static_cast<std::streamsize>(tensor.nbytes()));
    }
    std::ofstream(dir / "same.py") << kSameOutputs;
    const std::string command = "cd '" + (dir / "").string() + "' && /usr/bin/python3 same.py";
    return std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
  };
  CHECK(compare() == 0);
  logits[3][1] += 1e-3;
  CHECK(compare() != 0);
}

TEST_CASE("too few pixels are refused, not crashed on") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "m.pt", *encode_script_model(small_network(), "{}")));
  auto model = ScriptModel::load(dir / "m.pt");
  REQUIRE(model.has_value());
  const auto got = model->predict(torch::zeros({2, 5}));
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == Errc::kInput);
}

TEST_CASE("missing, foreign and damaged files are told apart from models") {
  const test::TempDir dir;
  CHECK(ScriptModel::load(dir / "none.pt").error().code == Errc::kInput);
  std::ofstream(dir / "text.pt") << "hello";
  CHECK(ScriptModel::load(dir / "text.pt").error().code == Errc::kInput);
  const auto bytes = *encode_script_model(small_network(), "{}");
  std::ofstream(dir / "cut.pt", std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  CHECK(ScriptModel::load(dir / "cut.pt").error().code == Errc::kInput);
}

}  // namespace marvel::model
