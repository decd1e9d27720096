#pragma once

#include "base/result.hpp"
#include "federate/wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::federate {

// Which of `pixels` inputs the `count` ones of a model are, ascending: what the server says
// ("marvel.dynhp.pixels", strategy/dynhp.hpp), or all where it says nothing. kInput when that does
// not fit. `pixels` is the number that the data have. A server that says nothing and has a smaller
// model is refused, because training on other pixels than its own would spoil the run unseen.
Result<std::vector<std::int32_t>> kept_pixels(const wire::Config& config, std::size_t count,
                                              int pixels);

}  // namespace marvel::federate
