// A table-driven automaton waits for memory at each byte: the next row's address is in the row
// before. Four parts of the block are walked in turns, so that four such waits overlap; that is
// worth a factor of three.
#include "regex/line_finder.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace marvel::regex {
namespace {

constexpr std::size_t kStreams = 4;
constexpr std::size_t kWorthSplitting = 4096;  // bytes; below, one stream does it all

using State = LazyDfa::State;
using Byte = std::uint8_t;

// One part of the block, whole lines.
struct Stream {
  const Byte* at = nullptr;
  const Byte* end = nullptr;
  std::vector<std::uint32_t> hits;  // offsets in the block
};

const Byte* line_end(const Byte* at, const Byte* end) {
  return static_cast<const Byte*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
}

class Walk {
 public:
  Walk(LazyDfa& dfa, const Byte* block, const StopFlag* stop)
      : dfa_(dfa), block_(block), stop_(stop) {}

  // To the end of `stream`, alone.
  void finish(Stream& stream, State& state) {
    const Byte* const classes = dfa_.classes().data();
    const State* table = dfa_.table();
    while (stream.at < stream.end) {
      const State next = table[state + classes[*stream.at]];
      if ((next & LazyDfa::kEvent) == 0) {
        state = next;
        ++stream.at;
      } else {
        take(stream, state, next, {&state, 1});
        table = dfa_.table();
      }
    }
  }

  // All of them until the first one ends.
  void together(std::array<Stream, kStreams>& streams, std::array<State, kStreams>& states) {
    const Byte* const classes = dfa_.classes().data();
    while (true) {
      std::ptrdiff_t steps = streams[0].end - streams[0].at;
      for (const Stream& stream : streams) {
        steps = std::min(steps, stream.end - stream.at);
      }
      if (steps <= 0) {
        return;
      }
      std::array<State, kStreams> next{};
      const std::ptrdiff_t done = run(streams, states, next, dfa_.table(), classes, steps,
                                      std::make_index_sequence<kStreams>());
      for (Stream& stream : streams) {
        stream.at += done;
      }
      if (done < steps) {
        settle(streams, states, next);
      }
    }
  }

 private:
  // The inner loop, written out for every stream. Returns how many steps all of them made before
  // one met an event.
  template <std::size_t... k>
  static std::ptrdiff_t run(const std::array<Stream, kStreams>& streams,
                            std::array<State, kStreams>& states, std::array<State, kStreams>& next,
                            const State* table, const Byte* classes, std::ptrdiff_t steps,
                            std::index_sequence<k...> /*streams*/) {
    const std::array<const Byte*, kStreams> at{streams[k].at...};
    std::array<State, kStreams> now = states;
    std::ptrdiff_t i = 0;
    for (; i < steps; ++i) {
      const std::array<State, kStreams> then{table[now[k] + classes[at[k][i]]]...};
      if (((then[k] | ...) & LazyDfa::kEvent) != 0) {
        next = then;
        break;
      }
      now = then;
    }
    states = now;
    return i;
  }

  // Every stream takes its step; at least one is an event. Those without one go first, while the
  // numbers in `next` are still good.
  void settle(std::array<Stream, kStreams>& streams, std::array<State, kStreams>& states,
              const std::array<State, kStreams>& next) {
    for (std::size_t k = 0; k < kStreams; ++k) {
      if ((next[k] & LazyDfa::kEvent) == 0) {
        states[k] = next[k];
        ++streams[k].at;
      }
    }
    for (std::size_t k = 0; k < kStreams; ++k) {
      if ((next[k] & LazyDfa::kEvent) != 0) {
        take(streams[k], states[k], next[k], states);
      }
    }
  }

  void take(Stream& stream, State& state, State next, std::span<State> live) {
    if (next == LazyDfa::kUnknown) {
      if (stop_ != nullptr && stop_->raised()) {
        stream.at = stream.end;
        return;
      }
      next = dfa_.step(state, *stream.at, live);
    }
    if ((next & LazyDfa::kEvent) == 0) {
      state = next;
      ++stream.at;
      return;
    }
    const Byte* const end = next == LazyDfa::kHit ? stream.at : line_end(stream.at, stream.end);
    stream.hits.push_back(static_cast<std::uint32_t>(end - block_));
    stream.at = end + 1;
    state = LazyDfa::kStart;
  }

  LazyDfa& dfa_;
  const Byte* block_;
  const StopFlag* stop_;
};

// Cuts [begin, end) into parts of whole lines, about equally long; some may be empty.
std::array<Stream, kStreams> cut(const Byte* begin, const Byte* end) {
  std::array<Stream, kStreams> streams;
  const auto part = static_cast<std::size_t>(end - begin) / kStreams;
  const Byte* at = begin;
  for (std::size_t k = 0; k < kStreams; ++k) {
    const Byte* stop = end;
    if (k + 1 < kStreams) {
      stop = std::max(at, begin + part * (k + 1));
      stop = stop < end ? line_end(stop, end) + 1 : end;
    }
    streams[k].at = at;
    streams[k].end = stop;
    at = stop;
  }
  return streams;
}

}  // namespace

void LineFinder::find_among(std::string_view text, const NextPlace& next,
                            std::vector<std::uint32_t>& ends) {
  const auto* const begin = reinterpret_cast<const Byte*>(text.data());
  Walk walk(dfa_, begin, stop_);
  Stream stream;
  for (std::size_t at = next(0); at < text.size();) {
    const auto before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const std::size_t line = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = text.find('\n', at) + 1;
    State state = LazyDfa::kStart;
    stream.at = begin + line;
    stream.end = begin + end;
    walk.finish(stream, state);
    at = next(end);
  }
  ends.swap(stream.hits);
}

void LineFinder::find(std::string_view text, std::vector<std::uint32_t>& ends) {
  ends.clear();
  const auto* const begin = reinterpret_cast<const Byte*>(text.data());
  const Byte* const end = begin + text.size();
  Walk walk(dfa_, begin, stop_);
  std::array<Stream, kStreams> streams;
  std::array<State, kStreams> states{};
  if (text.size() < kWorthSplitting) {
    streams[0].at = begin;
    streams[0].end = end;
  } else {
    streams = cut(begin, end);
    walk.together(streams, states);
  }
  for (std::size_t k = 0; k < kStreams; ++k) {
    walk.finish(streams[k], states[k]);
    ends.insert(ends.end(), streams[k].hits.begin(), streams[k].hits.end());
  }
}

}  // namespace marvel::regex
