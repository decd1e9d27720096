// One input at a time: read a block, give it to the pool, and meanwhile print the oldest one that
// was searched. So reading, searching and printing overlap, output stays in order, and a few blocks
// are all that is ever held.
#include "regex/search.hpp"

#include "regex/finder_pool.hpp"
#include "regex/input.hpp"
#include "regex/printer.hpp"

#include <deque>
#include <memory>

namespace marvel::regex {
namespace {

// What the searches of all inputs share.
struct Shared {
  Accelerator& accelerator;
  FinderPool& pool;
  Printer& printer;
  const SearchOptions& options;
  Context& context;
  SearchResult& result;
};

class InputSearch {
 public:
  InputSearch(Input& input, Shared& shared)
      : input_(input), shared_(shared), pool_(shared.pool), printer_(shared.printer) {}

  InputSearch(const InputSearch&) = delete;
  InputSearch& operator=(const InputSearch&) = delete;
  // The pool may still hold jobs when the search ended early.
  ~InputSearch() {
    for (auto& job : running_) {
      pool_.wait(*job);
    }
  }

  // False when reading failed, with the error in the log. A failure is one of the output.
  Result<bool> run() {
    for (bool first = true; more_; first = false) {
      auto job = free_job();
      const auto read = input_.next(job->block, shared_.context.stop, block_size());
      if (!read || !*read) {
        return end(read);
      }
      const SearchResult& result = shared_.result;
      shared_.accelerator.expect(result.host_bytes + result.device_bytes + job->block.size);
      // A small input is done before a thread would have started.
      first ? pool_.find_now(*job) : pool_.submit(*job);
      running_.push_back(std::move(job));
      MARVEL_TRY_STATUS(print_what_is_due());
    }
    return true;
  }

 private:
  // Blocks on their way: one per thread and one to be printed.
  [[nodiscard]] std::size_t depth() const {
    return pool_.threads() == 1 ? 0 : static_cast<std::size_t>(pool_.threads()) + 1;
  }

  [[nodiscard]] std::size_t block_size() const {
    return shared_.accelerator.engine() ? kDeviceBlock : Input::kBlock;
  }

  std::unique_ptr<Job> free_job() {
    if (free_.empty()) {
      return std::make_unique<Job>();
    }
    auto job = std::move(free_.back());
    free_.pop_back();
    return job;
  }

  Result<bool> end(const Result<bool>& read) {
    MARVEL_TRY_STATUS(print_all());  // nothing more after a stop
    if (!read) {
      shared_.context.log.write(LogLevel::kError, describe(read.error()));
    }
    return read.has_value();
  }

  // Before a wait for more input, everything that was found is handed on.
  Status print_what_is_due() {
    if (shared_.options.line_buffered || input_.waits()) {
      MARVEL_TRY_STATUS(print_all());
      return printer_.flush();
    }
    return running_.size() > depth() ? print_oldest() : Status();
  }

  Status print_oldest() {
    pool_.wait(*running_.front());
    auto job = std::move(running_.front());
    running_.pop_front();
    if (shared_.context.stop.raised()) {  // the job may have been left half done
      more_ = false;
      return {};
    }
    note(*job);
    MARVEL_TRY(more_, printer_.add(*job));
    free_.push_back(std::move(job));
    return {};
  }

  void note(const Job& job) {
    auto& bytes = job.on_device ? shared_.result.device_bytes : shared_.result.host_bytes;
    bytes += job.block.size;
    if (const auto failure = shared_.accelerator.take_failure()) {
      shared_.context.log.warning(describe(*failure) + "; the CPU does the work");
    }
  }

  Status print_all() {
    while (more_ && !running_.empty()) {
      MARVEL_TRY_STATUS(print_oldest());
    }
    return {};
  }

  Input& input_;
  Shared& shared_;
  FinderPool& pool_;
  Printer& printer_;
  bool more_ = true;  // the printer wants more blocks
  std::deque<std::unique_ptr<Job>> running_;
  std::vector<std::unique_ptr<Job>> free_;
};

// One line at most, or a number, cannot keep the input growing.
bool prints_many_lines(const SearchOptions& options) {
  return !options.quiet && !options.names_only && !options.count && !options.count_by_pattern &&
         options.max_count.value_or(2) > 1;
}

// Opens what is to be searched, and is not what the search writes.
Result<Input> open_input(const std::string& path, const SearchOptions& options) {
  MARVEL_TRY(Input input, Input::open(path, options.unpack));
  if (options.output_fd >= 0 && prints_many_lines(options) && input.is_file_of(options.output_fd)) {
    return fail(Errc::kInput, "cannot search '" + path + "': input file is also the output",
                "write to another file");
  }
  return input;
}

// What is searched, one after the other.
class Paths {
 public:
  Paths(const SearchOptions& options, Context& context) : options_(options), stop_(context.stop) {
    if (options.recursive) {
      walk_.emplace(options.inputs, options.files, context.log, context.stop);
    }
  }

  // Nothing at the end, and after a stop.
  std::optional<std::string> next() {
    if (stop_.raised()) {
      return std::nullopt;
    }
    if (walk_) {
      return walk_->next();
    }
    return at_ < options_.inputs.size() ? std::optional(options_.inputs[at_++]) : std::nullopt;
  }

  [[nodiscard]] bool failed() const { return walk_ && walk_->failed(); }

 private:
  const SearchOptions& options_;
  const StopFlag& stop_;
  std::optional<TreeWalk> walk_;
  std::size_t at_ = 0;
};

}  // namespace

Result<SearchResult> search(const PatternSet& set, const SearchOptions& options, Output& output,
                            Context& context) {
  SearchResult result;
  Accelerator accelerator(set, options.device);
  FinderPool pool(set, accelerator, options.threads, options.memory_limit, context.stop);
  Printer printer(set, options, output, context.stop);
  Shared shared{accelerator, pool, printer, options, context, result};
  Paths paths(options, context);
  while (const auto path = paths.next()) {
    auto input = open_input(*path, options);
    if (!input) {
      context.log.write(LogLevel::kError, describe(input.error()));
      result.failed = true;
      continue;
    }
    printer.begin_input(*path);
    InputSearch one(*input, shared);
    MARVEL_TRY(const bool readable, one.run());
    result.failed = result.failed || !readable;
    if (context.stop.raised()) {  // what is known of this input is not all of it
      break;
    }
    MARVEL_TRY_STATUS(printer.end_input());
    if (options.quiet && printer.matched()) {
      break;
    }
  }
  result.failed = result.failed || paths.failed();
  result.stopped = context.stop.raised();
  MARVEL_TRY_STATUS(result.stopped ? printer.flush() : printer.finish());
  result.matched = printer.matched();
  return result;
}

}  // namespace marvel::regex
