#include "federate/strategy/gated_model.hpp"

#include <numeric>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

std::vector<std::size_t> first_numbers(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Copies element (rows[r], columns[c]) of one matrix to (r, c) of the other, or the other way
// round. Vectors are matrices of one row.
void copy_part(const Tensor& from, Tensor& to, std::span<const std::size_t> rows,
               std::span<const std::size_t> columns, std::size_t wide, bool gather) {
  std::visit(
      [&](auto& out) {
        const auto& in = std::get<std::decay_t<decltype(out)>>(from.values);
        for (std::size_t r = 0; r < rows.size(); ++r) {
          for (std::size_t c = 0; c < columns.size(); ++c) {
            const std::size_t narrow = r * columns.size() + c;
            const std::size_t spread = rows[r] * wide + columns[c];
            out[gather ? narrow : spread] = in[gather ? spread : narrow];
          }
        }
      },
      to.values);
}

// `narrow` has the shape of `kept`, `full` is the layout around it.
Model move(const Model& model, const Positions& kept, const GatedLayout& full, bool gather) {
  Model result;
  const std::vector<std::size_t> one_row{0};
  for (std::size_t l = 0; l < full.layers(); ++l) {
    const auto& columns = kept[l];
    const auto rows = l + 1 < full.layers() ? kept[l + 1] : first_numbers(full.outputs);
    const std::size_t in = gather ? columns.size() : full.inputs[l];
    const std::size_t out = gather ? rows.size() : full.outputs_of(l);
    const auto part = [&](std::size_t index, Shape shape, std::span<const std::size_t> r,
                          std::span<const std::size_t> c, std::size_t wide) {
      const Tensor& from = model[3 * l + index];
      Tensor to = make_tensor(from.dtype, std::move(shape));
      copy_part(from, to, r, c, wide, gather);
      result.push_back(std::move(to));
    };
    part(0, {out, in}, rows, columns, full.inputs[l]);
    part(1, {out}, one_row, rows, full.outputs_of(l));
    part(2, {in}, one_row, columns, full.inputs[l]);
  }
  return result;
}

}  // namespace

std::size_t GatedLayout::gates() const {
  return std::accumulate(inputs.begin(), inputs.end(), std::size_t{0});
}

std::uint64_t GatedLayout::parameters() const {
  std::uint64_t sum = 0;
  for (std::size_t l = 0; l < layers(); ++l) {
    sum += (inputs[l] + 1) * outputs_of(l);
  }
  return sum;
}

Result<GatedLayout> gated_layout(const Model& model) {
  const auto refuse = [&](const std::string& why) {
    return fail(Errc::kInput, "this is no model with gates: " + why,
                "strategy dynhp needs clients with --model l0mlp, or an --initial of theirs");
  };
  if (model.empty() || model.size() % 3 != 0) {
    return refuse(fmt::format("it has {} tensors, not three per layer", model.size()));
  }
  GatedLayout layout;
  for (std::size_t l = 0; l < model.size() / 3; ++l) {
    const Shape& weight = model[3 * l].shape;
    const bool fits = weight.size() == 2 && weight[0] > 0 && weight[1] > 0 &&
                      model[3 * l + 1].shape == Shape{weight[0]} &&
                      model[3 * l + 2].shape == Shape{weight[1]} &&
                      (l == 0 || layout.outputs == weight[1]) && is_float(model[3 * l].dtype) &&
                      is_float(model[3 * l + 1].dtype) && is_float(model[3 * l + 2].dtype);
    if (!fits) {
      return refuse(fmt::format("tensors {} to {} are no layer", 3 * l, 3 * l + 2));
    }
    layout.inputs.push_back(weight[1]);
    layout.outputs = weight[0];
  }
  return layout;
}

Positions all_positions(const GatedLayout& layout) {
  Positions positions;
  for (const auto count : layout.inputs) {
    positions.push_back(first_numbers(count));
  }
  return positions;
}

Model keep_positions(const Model& model, const Positions& kept) {
  GatedLayout full;
  for (std::size_t l = 0; 3 * l < model.size(); ++l) {
    full.inputs.push_back(model[3 * l].shape[1]);
    full.outputs = model[3 * l].shape[0];
  }
  return move(model, kept, full, true);
}

Model spread_positions(const Model& model, const Positions& kept, const GatedLayout& full) {
  return move(model, kept, full, false);
}

}  // namespace marvel::federate
