#include "federate/client/trainer_options.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("impossible trainer options are refused by their flag's name") {
  CHECK(validate(TrainerOptions{}).has_value());
  TrainerOptions options;
  options.layers = {784};
  CHECK(validate(options).error().message.starts_with("--layers"));
  options = {};
  options.client = 3;
  options.clients = 3;
  CHECK(validate(options).error().code == Errc::kUsage);
  options = {};
  options.lr = 0;
  CHECK(validate(options).error().message.starts_with("--lr"));
}

}  // namespace marvel::federate
