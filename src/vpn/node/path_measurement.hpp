#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/node/train_arrival.hpp"

namespace marvel::vpn {

// The figures of the path to one peer, as one edge finds them. What is not known has no value.
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
//   kSession   wait for a session, 5 s at most
//   kPath      wait for a direct path, 3 s at most; then the relay is measured
//   kProbes    ten probes, one at a call of due(); latency and loss
//   kOut       trains of 16 KiB, 64 KiB, ... from here, until one takes 40 ms or loses too much
//   kIn        the same from the peer, which is asked for them
//   kDone      figures() are final
//
// It says what to send when it is asked, and is told what comes; whoever owns it does both. Every
// wait has an end, so it is done within a bounded time whatever the peer does. One thread; `random`
// outlives it.
class PathMeasurement {
 public:
  // No train is larger than `largest` bytes, which is brought within 16 KiB and kLargestTrain.
  PathMeasurement(Random& random, Time now, std::size_t largest);

  struct State {
    bool ready = false;         // there is a session
    bool direct = false;        // and a direct path
    std::size_t text_room = 0;  // bytes of text that one datagram takes
  };
  // What to send now: control messages, or a train, or nothing. At each tick.
  struct Due {
    std::optional<Control> message;
    std::optional<TrainAsk> train;  // to be sent, not asked for
  };
  Due due(Time now, const State& state);

  // What has come from the peer. Answers to other questions, and trains of another token, count for
  // nothing. `bytes` are those of the packet's text.
  void on_reply(Time now, std::uint64_t token);
  void on_report(const TrainReport& report);
  void on_train(Time now, const Train& packet, std::size_t bytes);

  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }
  // As far as they are known; final when done().
  [[nodiscard]] const PathFigures& figures() const { return figures_; }

 private:
  enum class Phase : std::uint8_t { kSession, kPath, kProbes, kOut, kIn, kDone };
  void enter(Time now, Phase phase);
  // One function for each phase.
  void wait_for_path(Time now, const State& state);
  Due probes_due(Time now);
  Due out_due(Time now, const State& state);
  Due in_due(Time now, const State& state);
  // The next train, of about size_ bytes in packets as large as the path takes.
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
  // How often the report was asked for, or the peer for a train that did not come.
  unsigned tries_ = 0;
  // Of a train that comes in, and of one that went out.
  TrainArrival arrival_;
  std::optional<TrainReport> report_;
};

}  // namespace marvel::vpn
