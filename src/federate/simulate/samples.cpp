#include "federate/simulate/samples.hpp"

#include "base/random.hpp"
#include "data/dataset.hpp"

#include <algorithm>

namespace marvel::federate {
namespace {

constexpr std::size_t kClasses = 10;
constexpr std::size_t kFeatures = 20;
constexpr std::uint64_t kCentres = 71;  // random streams
constexpr std::uint64_t kPoints = 72;

SampleSet clouds(std::size_t samples, std::span<const float> centres, std::uint64_t key) {
  SampleSet set;
  set.features = kFeatures;
  CounterRng random(key);
  for (std::size_t i = 0; i < samples; ++i) {
    const auto label = random.below(kClasses);
    set.labels.push_back(static_cast<std::uint8_t>(label));
    for (const float centre : centres.subspan(label * kFeatures, kFeatures)) {
      set.values.push_back(centre + static_cast<float>(random.normal()));
    }
  }
  return set;
}

SampleSet scaled(const data::ImageSet& images) {
  constexpr float kBrightest = 255;
  SampleSet set;
  set.features = images.image_bytes();
  set.labels = images.labels;
  set.values.reserve(images.pixels.size());
  for (const auto pixel : images.pixels) {
    set.values.push_back(static_cast<float>(pixel) / kBrightest);
  }
  return set;
}

}  // namespace

SimulatedData made_up_data(std::size_t train_samples, std::uint64_t seed) {
  CounterRng random(stream_key(seed, kCentres));
  std::vector<float> centres(kClasses * kFeatures);
  for (float& centre : centres) {
    centre = static_cast<float>(random.normal());
  }
  return {
      clouds(train_samples, centres, stream_key(seed, kPoints, 0)),
      clouds(std::max<std::size_t>(1, train_samples / 5), centres, stream_key(seed, kPoints, 1)),
      kClasses};
}

Result<SimulatedData> image_data(const std::string& name_or_folder) {
  MARVEL_TRY(const data::Dataset images, data::load_dataset(name_or_folder));
  SimulatedData found{scaled(images.train), scaled(images.test), 0};
  for (const auto* set : {&found.train, &found.test}) {
    for (const auto label : set->labels) {
      found.classes = std::max<std::size_t>(found.classes, label + 1U);
    }
  }
  return found;
}

}  // namespace marvel::federate
