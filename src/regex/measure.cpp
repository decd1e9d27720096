#include "regex/measure.hpp"

#include "regex/host_finder.hpp"
#include "regex/input.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace marvel::regex {
namespace {

constexpr int kRounds = 7;
constexpr std::size_t kHostBlock = std::size_t{1} << 20;

using Clock = std::chrono::steady_clock;
using Ends = std::vector<std::uint32_t>;
// Finds the matching lines of one block.
using Find = std::function<Status(std::string_view, Ends&)>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// `text` in blocks of whole lines, of at most `size` where the lines are no longer.
std::vector<std::string_view> cut(std::string_view text, std::size_t size) {
  std::vector<std::string_view> blocks;
  while (!text.empty()) {
    auto end = text.rfind('\n', size - 1);
    end = end == std::string_view::npos ? text.find('\n', size) : end;
    blocks.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return blocks;
}

// One engine at work in several threads, which keep their tables from round to round.
class Runner {
 public:
  Runner(std::vector<std::string_view> blocks, std::vector<Find> finders)
      : blocks_(std::move(blocks)), finders_(std::move(finders)) {}

  // Lines found in all blocks.
  Result<std::uint64_t> round() {
    next_ = 0;
    lines_ = 0;
    std::vector<std::thread> threads;
    try {
      for (std::size_t i = 1; i < finders_.size(); ++i) {
        threads.emplace_back([this, i] { work(finders_[i]); });
      }
    } catch (const std::system_error&) {
      finders_.resize(threads.size() + 1);  // those that have a thread do all the work
    }
    work(finders_[0]);
    for (auto& thread : threads) {
      thread.join();
    }
    if (failure_) {
      return fail(*failure_);
    }
    return lines_;
  }

 private:
  void work(const Find& find) {
    Ends ends;
    for (std::size_t i = next_++; i < blocks_.size(); i = next_++) {
      if (const auto done = find(blocks_[i], ends); !done) {
        const std::lock_guard lock(mutex_);
        failure_ = done.error();
        return;
      }
      lines_ += ends.size();
    }
  }

  std::vector<std::string_view> blocks_;
  std::vector<Find> finders_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> lines_{0};
  std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

// The first round makes states and warms caches; it does not count.
Status run(Runner& runner, std::size_t bytes, const StopFlag& stop, Speed& speed) {
  std::vector<double> rates;
  for (int i = 0; i <= kRounds && !stop.raised(); ++i) {
    const auto start = Clock::now();
    MARVEL_TRY(speed.lines, runner.round());
    rates.push_back(static_cast<double>(bytes) / 1e6 / seconds_since(start));
  }
  if (rates.size() > 1) {
    rates.erase(rates.begin());
  }
  std::sort(rates.begin(), rates.end());
  speed.mb_per_s = rates.empty() ? 0 : rates[rates.size() / 2];
  return {};
}

class Measuring {
 public:
  Measuring(const PatternSet& set, std::string_view text, const MeasureOptions& options,
            Context& context)
      : set_(set), text_(text), options_(options), context_(context) {}

  Result<std::vector<Speed>> run_all() {
    const bool filter = std::any_of(set_.parts.begin(), set_.parts.end(),
                                    [](const auto& part) { return part.filter.has_value(); });
    if (filter) {
      MARVEL_TRY_STATUS(run_host(set_, "filter"));
    }
    MARVEL_TRY_STATUS(run_host(without_filters(), "automaton"));
    if (options_.device.device == "host") {
      return std::move(speeds_);
    }
    MARVEL_TRY(const auto devices, opencl::list_devices());
    std::vector<opencl::Device> wanted = devices;
    if (options_.device.device != "auto") {
      MARVEL_TRY(opencl::Device chosen, opencl::find_device(devices, options_.device.device));
      wanted = {std::move(chosen)};
    }
    for (const auto& device : wanted) {
      if (filter) {
        run_device(set_, "filter", device);
      }
      run_device(without_filters(), "automaton", device);
    }
    return std::move(speeds_);
  }

 private:
  [[nodiscard]] const PatternSet& without_filters() {
    if (plain_.parts.empty()) {
      plain_.patterns = set_.patterns;
      plain_.program = set_.program;
      PatternPart part;
      for (std::uint32_t i = 0; i < set_.program->starts.size(); ++i) {
        part.patterns.push_back(i);
      }
      part.program = set_.program;
      plain_.parts.push_back(std::move(part));
    }
    return plain_;
  }

  Status run_host(const PatternSet& set, const char* engine) {
    Speed speed;
    speed.engine = engine;
    speed.device = "host";
    speed.threads = options_.threads;
    const auto start = Clock::now();
    std::vector<Find> finders;
    for (int i = 0; i < options_.threads; ++i) {
      finders.emplace_back([finder = std::make_shared<HostFinder>(set, share(), &context_.stop)](
                               std::string_view text, Ends& ends) -> Status {
        finder->find(text, ends);
        return {};
      });
    }
    speed.ready_seconds = seconds_since(start);
    Runner runner(cut(text_, kHostBlock), std::move(finders));
    MARVEL_TRY_STATUS(run(runner, text_.size(), context_.stop, speed));
    speeds_.push_back(std::move(speed));
    return {};
  }

  void run_device(const PatternSet& set, const char* engine_name, const opencl::Device& device) {
    Speed speed;
    speed.engine = engine_name;
    speed.device = device.name;
    speed.device_number = device.number;
    speed.threads = options_.threads;
    const auto start = Clock::now();
    const auto engine = opencl::Engine::make(device, set, options_.device.cache);
    if (!engine) {
      context_.log.warning(describe(engine.error()));
      return;
    }
    speed.ready_seconds = seconds_since(start);
    std::vector<Find> finders;
    for (int i = 0; i < options_.threads; ++i) {
      finders.emplace_back(
          [finder = std::make_shared<opencl::Finder>(*engine, share(), &context_.stop),
           host = std::make_shared<HostFinder>(set, share(), &context_.stop)](
              std::string_view text, Ends& ends) -> Status {
            if (text.size() <= kDeviceBlock) {
              return finder->find(text, ends);
            }
            host->find(text, ends);  // as in a search
            return {};
          });
    }
    Runner runner(cut(text_, kDeviceBlock), std::move(finders));
    if (const auto done = run(runner, text_.size(), context_.stop, speed); !done) {
      context_.log.warning(describe(done.error()));
      return;
    }
    speeds_.push_back(std::move(speed));
  }

  [[nodiscard]] std::size_t share() const {
    return options_.memory_limit / static_cast<std::size_t>(options_.threads);
  }

  const PatternSet& set_;
  std::string_view text_;
  const MeasureOptions& options_;
  Context& context_;
  PatternSet plain_;
  std::vector<Speed> speeds_;
};

}  // namespace

Result<std::string> read_inputs(const std::vector<std::string>& paths, const StopFlag& stop) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  std::string text;
  for (const auto& path : paths) {
    MARVEL_TRY(auto input, Input::open(path));
    for (Block block; text.size() < kMost;) {
      MARVEL_TRY(const bool more, input.next(block, stop));
      if (!more) {
        break;
      }
      text += block.text();
    }
  }
  if (text.empty()) {
    return fail(Errc::kUsage, "there is nothing to measure with", "name a large file");
  }
  return text;
}

Result<std::vector<Speed>> measure(const PatternSet& set, const std::string& text,
                                   const MeasureOptions& options, Context& context) {
  const std::string padded = text + std::string(Block::kPadding, '\n');
  return Measuring(set, std::string_view(padded).substr(0, text.size()), options, context)
      .run_all();
}

}  // namespace marvel::regex
