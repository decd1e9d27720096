#include "federate/wire/update_encoding.hpp"

#include "base/random.hpp"
#include "federate/model_builder.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate::wire {
namespace {

using test_models::model_of;

// A model of a matrix, a vector and a counter.
Model random_model(CounterRng& random, double size) {
  Model model{make_tensor(Dtype::kFloat32, {20, 30}), make_tensor(Dtype::kFloat64, {40}),
              make_tensor(Dtype::kInt64, {1})};
  for (auto& tensor : model) {
    std::visit(
        [&](auto& values) {
          for (auto& value : values) {
            value = static_cast<std::decay_t<decltype(value)>>(
                tensor.dtype == Dtype::kInt64 ? 7 : size * (2 * random.uniform() - 1));
          }
        },
        tensor.values);
  }
  return model;
}

Model sum_of(const Model& a, const Model& b) {
  Model sum = a;
  for (std::size_t t = 0; t + 1 < a.size(); ++t) {
    std::visit(
        [&](auto& values) {
          for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] += static_cast<std::decay_t<decltype(values[i])>>(b[t].at(i));
          }
        },
        sum[t].values);
  }
  return sum;
}

double distance(const Model& a, const Model& b) {
  double sum = 0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    for (std::size_t i = 0; i < a[t].size(); ++i) {
      sum += std::pow(a[t].at(i) - b[t].at(i), 2);
    }
  }
  return std::sqrt(sum);
}

std::size_t bytes_of(const Parameters& parameters) {
  std::size_t bytes = 0;
  for (const auto& tensor : parameters.tensors) {
    bytes += tensor.size();
  }
  return bytes;
}

}  // namespace

TEST_CASE("what was left out of a larger model is not added to a smaller one") {
  CounterRng random(stream_key(8, 1));
  UpdateEncoder old;
  const Model large = random_model(random, 1);
  REQUIRE(old.encode(large, random_model(random, 1), UpdateEncoding::kTopK, 0.1).has_value());
  Model small = random_model(random, 1);
  Model trained = random_model(random, 1);
  for (Model* model : {&small, &trained}) {
    (*model)[0] = model_of(std::vector<double>(300, 0.5), Dtype::kFloat32)[0];
  }
  UpdateEncoder fresh;
  const auto a = old.encode(trained, small, UpdateEncoding::kTopK, 0.1);
  const auto b = fresh.encode(trained, small, UpdateEncoding::kTopK, 0.1);
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  CHECK(distance(old.left_out(), fresh.left_out()) == 0);
}

TEST_CASE(
    "an encoded update comes back within the step of its encoding, and whole numbers exactly") {
  CounterRng random(stream_key(1, 2));
  const Model global = random_model(random, 1);
  const Model local = sum_of(global, random_model(random, 0.01));
  const double change = distance(local, global);
  const std::size_t plain = bytes_of(test_models::parameters_of(local));
  const struct {
    UpdateEncoding encoding;
    double error;  // as a share of the change
    double bytes;  // as a share of the plain model
  } rows[] = {{UpdateEncoding::kFloat16, 0.001, 0.6},
              {UpdateEncoding::kInt8, 0.01, 0.4},
              {UpdateEncoding::kTopK, 0.9, 0.35}};
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.encoding));
    const auto encoded = UpdateEncoder().encode(local, global, row.encoding, 0.1);
    REQUIRE(encoded.has_value());
    CHECK(static_cast<double>(bytes_of(*encoded)) < row.bytes * static_cast<double>(plain));
    const auto decoded = decode_update(*encoded, global);
    REQUIRE(decoded.has_value());
    const Model back = *decode_parameters(*decoded);
    CHECK(distance(back, local) <= row.error * change);
    CHECK(distance(back, local) > 0);
    CHECK(back[2].at(0) == 7);
    CHECK(back[1].dtype == Dtype::kFloat64);
  }
}

TEST_CASE("what an encoding leaves out arrives in later rounds") {
  // A constant pull of every element towards a goal, 2 % of the changes sent per round.
  CounterRng random(stream_key(3, 4));
  Model global = random_model(random, 0);
  const Model pull = random_model(random, 0.01);
  UpdateEncoder with_feedback;
  Model without = global;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const auto encoded =
        with_feedback.encode(sum_of(global, pull), global, UpdateEncoding::kTopK, 0.02);
    global = *decode_parameters(*decode_update(*encoded, global));
    const auto forgetful =
        UpdateEncoder().encode(sum_of(without, pull), without, UpdateEncoding::kTopK, 0.02);
    without = *decode_parameters(*decode_update(*forgetful, without));
  }
  Model goal = random_model(random, 0);
  for (int round = 0; round < kRounds; ++round) {
    goal = sum_of(goal, pull);
  }
  const double way = distance(goal, random_model(random, 0));
  CHECK(distance(global, goal) < 0.2 * way);   // 1 / 0.02 = 50 of 200 rounds are under way at most
  CHECK(distance(without, goal) > 0.8 * way);  // the same elements are sent again and again
}

TEST_CASE("numbers that are not finite are passed on as they are, and leave nothing behind") {
  const Model global = model_of({1, 2, 3});
  const Model local = model_of({1.5, 2.25, 3.125});
  for (const auto encoding :
       {UpdateEncoding::kFloat16, UpdateEncoding::kInt8, UpdateEncoding::kTopK}) {
    const auto usual = UpdateEncoder().encode(local, global, encoding, 0.5);
    REQUIRE(usual.has_value());
    for (const float odd :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      UpdateEncoder encoder;
      const auto diverged = encoder.encode(model_of({1, odd, 3}), global, encoding, 0.5);
      REQUIRE(diverged.has_value());
      const auto decoded = decode_update(*diverged, global);
      REQUIRE(decoded.has_value());
      const auto whole = decode_npy(decoded->tensors[0]);
      REQUIRE(whole.has_value());
      CHECK_FALSE(std::isfinite(whole->at(1)));  // so that the server refuses it
      const auto next = encoder.encode(local, global, encoding, 0.5);
      REQUIRE(next.has_value());
      CHECK(next->tensors[0].text() == usual->tensors[0].text());
    }
  }
}

TEST_CASE("a trainer that counts in float64 may change a model of float32") {
  const Model global = model_of({1, 2}, Dtype::kFloat32);
  const Model local = model_of({1.5, 2.25}, Dtype::kFloat64);
  const auto encoded = UpdateEncoder().encode(local, global, UpdateEncoding::kFloat16, 1);
  REQUIRE(encoded.has_value());
  const auto decoded = decode_update(*encoded, global);
  REQUIRE(decoded.has_value());
  const auto whole = decode_npy(decoded->tensors[0]);
  REQUIRE(whole.has_value());
  CHECK(whole->dtype == Dtype::kFloat32);
  CHECK(whole->at(1) == 2.25);
  const Model counted = model_of({1, 2}, Dtype::kInt64);
  CHECK_FALSE(UpdateEncoder().encode(counted, global, UpdateEncoding::kFloat16, 1).has_value());
}

TEST_CASE("an update that is cut short, or of another model, is refused and its tensor named") {
  CounterRng random(stream_key(5, 6));
  const Model global = random_model(random, 1);
  const Model local = random_model(random, 1);
  for (const auto encoding :
       {UpdateEncoding::kFloat16, UpdateEncoding::kInt8, UpdateEncoding::kTopK}) {
    const auto encoded = *UpdateEncoder().encode(local, global, encoding, 0.1);
    const std::string whole = encoded.tensors[0].text();
    for (std::size_t length = 1; length < whole.size(); ++length) {
      Parameters cut = encoded;
      cut.tensors[0] = Bytes::from(whole.substr(0, length));
      REQUIRE(decode_update(cut, global).error().code == Errc::kInput);
    }
    CHECK(decode_update(encoded, {global[1], global[0], global[2]})
              .error()
              .message.starts_with("tensor 0"));
    CHECK(decode_update(encoded, {global[0]}).error().code == Errc::kInput);
    CHECK(decode_update(encoded, {global[2], global[1], global[2]}).error().code == Errc::kInput);
  }
}

TEST_CASE("places out of order, a wrong number of rows and an unknown encoding are refused") {
  const Model global = model_of({1, 2, 3}, Dtype::kFloat32);
  const Model local = model_of({2, 2, 9}, Dtype::kFloat32);
  auto encoded = *UpdateEncoder().encode(local, global, UpdateEncoding::kTopK, 0.5);
  std::string text = encoded.tensors[0].text();
  const auto refused = [&](std::size_t at, char value) {
    std::string changed = text;
    changed[at] = value;
    encoded.tensors[0] = Bytes::from(changed);
    return !decode_update(encoded, global).has_value();
  };
  CHECK(refused(1, 9));
  CHECK(refused(14, 2));   // twice the same place
  CHECK(refused(14, 77));  // beyond the end
  encoded = *UpdateEncoder().encode(local, global, UpdateEncoding::kInt8, 1);
  text = encoded.tensors[0].text();
  CHECK(refused(10, 0));
  CHECK(refused(10, 2));
}

TEST_CASE("encodings have names, and an unknown one means a plain model") {
  for (const auto& name : update_encoding_names()) {
    CHECK(update_encoding_names()[static_cast<std::size_t>(update_encoding_of(name))] == name);
  }
  CHECK(update_encoding_of("zip") == UpdateEncoding::kNone);
}

}  // namespace marvel::federate::wire
