#include "vpn/node/path_measurement.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr Duration kSessionWithin = seconds(5);
constexpr Duration kDirectWithin = seconds(3);  // an attempt at a direct path takes less
constexpr unsigned kProbes = 10;
constexpr Duration kReplyWithin = seconds(1);
constexpr std::size_t kFirstTrain = std::size_t{16} << 10U;  // bytes
constexpr std::size_t kGrowth = 4;
constexpr Duration kReportAgain = milliseconds(300);
constexpr unsigned kMostTries = 12;
constexpr Duration kSilence = milliseconds(300);  // then a train is over without its last packet
constexpr Duration kTrainWithin = milliseconds(1500);
constexpr std::uint32_t kLongEnough = 40'000;  // us: the reader's clock may be off by one of these
constexpr unsigned kEnoughPackets = 16;

}  // namespace

PathMeasurement::PathMeasurement(Random& random, Time now, std::size_t largest)
    : random_(random), largest_(std::clamp(largest, kFirstTrain, kLargestTrain)), since_(now) {}

void PathMeasurement::enter(Time now, Phase phase) {
  phase_ = phase;
  since_ = now;
  size_ = kFirstTrain;
  under_way_ = false;
  tries_ = 0;
}

PathMeasurement::Due PathMeasurement::due(Time now, const State& state) {
  switch (phase_) {
    case Phase::kSession:
      if (state.ready) {
        enter(now, Phase::kPath);
      } else if (now - since_ > kSessionWithin) {
        enter(now, Phase::kDone);
      }
      return {};
    case Phase::kPath:
      wait_for_path(now, state);
      return {};
    case Phase::kProbes:
      return probes_due(now);
    case Phase::kOut:
      return out_due(now, state);
    case Phase::kIn:
      return in_due(now, state);
    case Phase::kDone:
      break;
  }
  return {};
}

void PathMeasurement::wait_for_path(Time now, const State& state) {
  if (state.direct || now - since_ > kDirectWithin) {
    figures_.path = state.direct ? PathFigures::Path::kDirect : PathFigures::Path::kRelay;
    enter(now, Phase::kProbes);
  }
}

PathMeasurement::Due PathMeasurement::probes_due(Time now) {
  if (figures_.asked < kProbes) {
    ++figures_.asked;
    probes_.push_back({random_u64(random_), now});
    return {vpn::Probe{probes_.back().token}, {}};
  }
  if (probes_.empty() || now - probes_.back().sent > kReplyWithin) {
    std::sort(figures_.trips.begin(), figures_.trips.end());
    enter(now, figures_.trips.empty() ? Phase::kDone : Phase::kOut);
  }
  return {};
}

TrainAsk PathMeasurement::next_train(const State& state) {
  const std::size_t text = std::clamp(state.text_room, kTrainText, kMostTrainText);
  const std::size_t packets =
      std::clamp<std::size_t>(size_ / text, 2, std::size_t{kMostTrainPackets});
  train_ = {random_u64(random_), static_cast<std::uint16_t>(packets),
            static_cast<std::uint16_t>(text)};
  under_way_ = true;
  tries_ = 0;
  report_.reset();
  return train_;
}

PathMeasurement::Due PathMeasurement::out_due(Time now, const State& state) {
  if (!under_way_) {
    asked_ = now;
    return {{}, next_train(state)};
  }
  if (report_) {
    if (goes_on(*report_, figures_.out)) {
      asked_ = now;
      return {{}, next_train(state)};
    }
    enter(now, Phase::kIn);
    return {};
  }
  if (now < asked_ + (tries_ == 0 ? Duration{0} : Duration{kReportAgain})) {
    return {};
  }
  if (tries_++ >= kMostTries) {
    enter(now, Phase::kIn);
    return {};
  }
  asked_ = now;
  return {TrainEnd{train_.token}, {}};
}

PathMeasurement::Due PathMeasurement::in_due(Time now, const State& state) {
  if (under_way_) {
    const bool over = arrival_.whole() || (!arrival_.empty() && now - arrival_.last() > kSilence);
    const bool nothing = arrival_.empty() && now - asked_ > kTrainWithin;
    if (!over && !nothing) {
      return {};
    }
    // The peer gives trains at a limited rate, so it may have to be asked again.
    constexpr unsigned kAsks = 4;
    const bool stop = over ? !goes_on(arrival_.report(), figures_.in) : ++tries_ >= kAsks;
    if (stop) {
      enter(now, Phase::kDone);
      return {};
    }
  }
  const unsigned tries = under_way_ && arrival_.empty() ? tries_ : 0;
  const TrainAsk ask = next_train(state);
  tries_ = tries;
  asked_ = now;
  arrival_.expect(now, ask.token);
  return {ask, {}};
}

bool PathMeasurement::goes_on(const TrainReport& report, std::optional<double>& figure) {
  const auto speed = speed_of(report);
  if (speed && (report.packets >= kEnoughPackets || !figure)) {
    figure = speed;
  }
  // What was lost was too much for the path already: more would only be lost, too.
  const bool full = report.packets * 10U < train_.packets * 7U;
  if (report.span_us >= kLongEnough || full || size_ >= largest_) {
    return false;
  }
  size_ = std::min(size_ * kGrowth, largest_);
  return true;
}

void PathMeasurement::on_reply(Time now, std::uint64_t token) {
  const auto asked = std::find_if(probes_.begin(), probes_.end(),
                                  [token](const Probe& one) { return one.token == token; });
  if (asked != probes_.end()) {
    figures_.trips.push_back(now - asked->sent);
    probes_.erase(asked);
  }
}

void PathMeasurement::on_report(const TrainReport& report) {
  if (phase_ == Phase::kOut && under_way_ && report.token == train_.token) {
    report_ = report;
  }
}

void PathMeasurement::on_train(Time now, const Train& packet, std::size_t bytes) {
  if (phase_ == Phase::kIn && under_way_) {
    arrival_.add(now, packet, bytes, false);
  }
}

}  // namespace marvel::vpn
