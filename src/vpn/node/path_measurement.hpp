#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/node/train_arrival.hpp"

namespace marvel::vpn {

// The figures of the path to one peer, as one edge finds them.
struct PathFigures {
  enum class Path : std::uint8_t { kNone, kRelay, kDirect };
  Path path = Path::kNone;      // kNone: there was no session in time
  unsigned asked = 0;           // probes
  std::vector<Duration> trips;  // of those that were answered, shortest first
  std::optional<double> out;    // bytes per second of frames to the peer,
  std::optional<double> in;     // and from it; nothing when nothing came
};

// Measures the path to one peer: a few probes, then trains of growing size in each direction, until
// one is spread over long enough to be trusted. So a slow link is filled for about a quarter of a
// second and never for long, and nobody sends more than kLargestTrain at once.
//
// It says what to send when it is asked, and is told what comes; whoever owns it does both.
class PathMeasurement {
 public:
  // No train is larger than `largest` bytes.
  PathMeasurement(Random& random, Time now, std::size_t largest);

  struct State {
    bool ready = false;         // there is a session
    bool direct = false;        // and a direct path
    std::size_t text_room = 0;  // bytes of text that one datagram takes
  };
  // What to send now: control messages, or a train, or nothing.
  struct Due {
    std::optional<Control> message;
    std::optional<TrainAsk> train;  // to be sent, not asked for
  };
  Due due(Time now, const State& state);

  void on_reply(Time now, std::uint64_t token);
  void on_report(const TrainReport& report);
  void on_train(Time now, const Train& packet, std::size_t bytes);

  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }
  [[nodiscard]] const PathFigures& figures() const { return figures_; }

 private:
  enum class Phase : std::uint8_t { kSession, kPath, kProbes, kOut, kIn, kDone };
  void enter(Time now, Phase phase);
  void wait_for_path(Time now, const State& state);
  Due probes_due(Time now);
  Due out_due(Time now, const State& state);
  Due in_due(Time now, const State& state);
  TrainAsk next_train(const State& state);
  // Whether a larger train shall follow this report; keeps the figure.
  bool goes_on(const TrainReport& report, std::optional<double>& figure);

  Random& random_;
  std::size_t largest_;
  Phase phase_ = Phase::kSession;
  Time since_{};  // this phase
  PathFigures figures_;
  struct Probe {
    std::uint64_t token = 0;
    Time sent{};
  };
  std::vector<Probe> probes_;  // not answered yet
  std::size_t size_ = 0;       // bytes of the train under way
  TrainAsk train_;             // the train under way
  bool under_way_ = false;
  Time asked_{};  // when the train, or what asks for its report, last left
  unsigned tries_ = 0;
  TrainArrival arrival_;
  std::optional<TrainReport> report_;
};

}  // namespace marvel::vpn
