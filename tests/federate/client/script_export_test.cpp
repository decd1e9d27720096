#include "federate/client/script_export.hpp"

#include "base/file.hpp"
#include "data/dataset_builder.hpp"
#include "federate/client/gated_trainer.hpp"
#include "federate/client/mlp_trainer.hpp"
#include "federate/server/checkpoint.hpp"
#include "model/evaluate.hpp"
#include "model/script_model.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("a federated model as model.pt has the outputs that its trainer measures") {
  for (const bool gated : {false, true}) {
    CAPTURE(gated);
    const test::TempDir dir;
    test::TestContext t;
    test::write_dataset(dir.path(), 200, 80);
    TrainerOptions options;
    options.model = gated ? "l0mlp" : "mlp";
    options.data = dir.path().string();
    options.layers = {64, 12, 4};
    const auto trainer =
        gated ? make_gated_trainer(options, t.context) : make_mlp_trainer(options, t.context);
    REQUIRE(trainer.has_value());
    const auto trained = (*trainer)->train(*(*trainer)->initial(), {});
    REQUIRE(trained.has_value());
    RunState run;  // of a strategy that takes no inputs away
    run.model = std::make_shared<const Model>(trained->model);
    REQUIRE(Checkpoint(dir.path(), "fedavg").save(run, {}).has_value());
    const auto published = load_published(dir / "model.npz");
    REQUIRE(published.has_value());
    const auto bytes = script_export(*published);
    REQUIRE(bytes.has_value());
    REQUIRE(write_file_atomically(dir / "m.pt", *bytes).has_value());
    auto script = model::ScriptModel::load(dir / "m.pt");
    REQUIRE(script.has_value());
    CHECK(script->description().find("\"architecture_dense\":[64,12,4]") != std::string::npos);

    const auto data = data::load_dataset(options.data);
    const auto count = static_cast<std::int64_t>(data->test.size());
    const auto logits = script->predict(model::image_rows(data->test, 0, count));
    REQUIRE(logits.has_value());
    auto* labels = const_cast<std::uint8_t*>(data->test.labels.data());
    const auto right = logits->argmax(1)
                           .eq(torch::from_blob(labels, {count}, torch::kUInt8))
                           .sum()
                           .item<std::int64_t>();
    const auto measured = (*trainer)->evaluate(trained->model, {});
    CHECK(std::get<double>(measured->metrics.at("accuracy")) ==
          doctest::Approx(static_cast<double>(right) / static_cast<double>(count)));
  }
}

}  // namespace marvel::federate
