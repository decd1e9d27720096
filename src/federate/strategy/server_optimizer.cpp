#include "federate/strategy/server_optimizer.hpp"

#include <cmath>
#include <utility>
#include <variant>

namespace marvel::federate {
namespace {

using Kind = OptimizerKind;

// Moments are fractions, also of whole-number tensors.
Model moments_like(const Model& model) {
  Model moments;
  for (const auto& tensor : model) {
    const auto dtype = held_as_float(tensor.dtype) ? Dtype::kFloat32 : Dtype::kFloat64;
    moments.push_back(make_tensor(dtype, tensor.shape));
  }
  return moments;
}

template <class T>
void momentum_step(const OptimizerOptions& o, const std::vector<T>& x, std::vector<T>& mean,
                   std::vector<T>& v) {
  const T mu = static_cast<T>(o.momentum);
  const T lr = static_cast<T>(o.lr);
  for (std::size_t i = 0; i < x.size(); ++i) {
    v[i] = mu * v[i] + (x[i] - mean[i]);
    mean[i] = x[i] - lr * v[i];
  }
}

template <class T>
void adaptive_step(const OptimizerOptions& o, T lr, const std::vector<T>& x, std::vector<T>& mean,
                   std::vector<T>& m, std::vector<T>& v) {
  const T b1 = o.kind == Kind::kAdagrad ? T(0) : static_cast<T>(o.beta1);
  const T b2 = static_cast<T>(o.beta2);
  const T tau = static_cast<T>(o.tau);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T delta = mean[i] - x[i];
    const T square = delta * delta;
    m[i] = b1 * m[i] + (T(1) - b1) * delta;
    if (o.kind == Kind::kAdam) {
      v[i] = b2 * v[i] + (T(1) - b2) * square;
    } else if (o.kind == Kind::kYogi) {
      const T direction = v[i] > square ? T(1) : v[i] < square ? T(-1) : T(0);
      v[i] -= (T(1) - b2) * square * direction;
    } else {
      v[i] += square;
    }
    mean[i] = x[i] + lr * m[i] / (std::sqrt(v[i]) + tau);
  }
}

bool has_finite_squares(const Model& global, const Model& mean) {
  for (std::size_t t = 0; t < mean.size(); ++t) {
    const bool fine = std::visit(
        [&](const auto& values) {
          using Values = std::decay_t<decltype(values)>;
          const auto& x = std::get<Values>(global[t].values);
          for (std::size_t i = 0; i < x.size(); ++i) {
            const auto delta = values[i] - x[i];
            if (!std::isfinite(delta * delta)) {
              return false;
            }
          }
          return true;
        },
        mean[t].values);
    if (!fine) {
      return false;
    }
  }
  return true;
}

double learning_rate(const OptimizerOptions& o, std::uint64_t round) {
  if (!o.bias_correction) {
    return o.lr;
  }
  const auto t = static_cast<double>(round + 1);
  return o.lr * std::sqrt(1 - std::pow(o.beta2, t)) / (1 - std::pow(o.beta1, t));
}

}  // namespace

std::size_t ServerOptimizer::kept() const {
  return options_.kind == Kind::kNone ? 0 : options_.kind == Kind::kMomentum ? 1 : 2;
}

bool ServerOptimizer::squares() const {
  return options_.kind != Kind::kNone && options_.kind != Kind::kMomentum;
}

void ServerOptimizer::start(const Model& global) {
  if (kept() > 0 && v_.empty()) {
    v_ = moments_like(global);
  }
  if (kept() > 1 && m_.empty()) {
    m_ = moments_like(global);
  }
}

Status ServerOptimizer::step(const Model& global, Model& mean, bool finite, std::uint64_t round) {
  if (!finite || (squares() && !has_finite_squares(global, mean))) {
    return fail(Errc::kFailed,
                "the mean of the clients' models is too large for its type of number");
  }
  if (options_.kind == Kind::kNone) {
    return {};
  }
  start(global);
  for (std::size_t t = 0; t < global.size(); ++t) {
    std::visit(
        [&](auto& to) {
          using Values = std::decay_t<decltype(to)>;
          const auto& x = std::get<Values>(global[t].values);
          auto& v = std::get<Values>(v_[t].values);
          if (options_.kind == Kind::kMomentum) {
            momentum_step(options_, x, to, v);
          } else {
            const auto lr =
                static_cast<typename Values::value_type>(learning_rate(options_, round));
            adaptive_step(options_, lr, x, to, std::get<Values>(m_[t].values), v);
          }
        },
        mean[t].values);
  }
  return {};
}

std::vector<const Model*> ServerOptimizer::moments() const {
  std::vector<const Model*> kept_ones;
  if (!v_.empty()) {
    kept_ones.push_back(&v_);
  }
  if (!m_.empty()) {
    kept_ones.push_back(&m_);
  }
  return kept_ones;
}

Status ServerOptimizer::restore(std::vector<Model> moments, const Model& global) {
  if (moments.empty()) {
    return {};
  }
  if (moments.size() != kept()) {
    return fail(Errc::kInput, "the checkpoint was written with another strategy",
                "resume with the same --strategy");
  }
  const Model wanted = moments_like(global);
  for (const auto& model : moments) {
    bool fits = model.size() == wanted.size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i) {
      fits = model[i].shape == wanted[i].shape && model[i].dtype == wanted[i].dtype;
    }
    if (!fits) {
      return fail(Errc::kInput, "the checkpoint's moments do not fit its model");
    }
  }
  v_ = std::move(moments[0]);
  if (moments.size() > 1) {
    m_ = std::move(moments[1]);
  }
  return {};
}

}  // namespace marvel::federate
