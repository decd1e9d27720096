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

class InputSearch {
 public:
  InputSearch(Input& input, FinderPool& pool, Printer& printer, const SearchOptions& options,
              Context& context)
      : input_(input), pool_(pool), printer_(printer), options_(options), context_(context) {}

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
      const auto read = input_.next(job->block, context_.stop);
      if (!read || !*read) {
        return end(read);
      }
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

  std::unique_ptr<Job> free_job() {
    if (free_.empty()) {
      return std::make_unique<Job>();
    }
    auto job = std::move(free_.back());
    free_.pop_back();
    return job;
  }

  Result<bool> end(const Result<bool>& read) {
    MARVEL_TRY_STATUS(print_all());
    if (!read) {
      context_.log.write(LogLevel::kError, describe(read.error()));
    }
    return read.has_value();
  }

  // Before a wait for more input, everything that was found is handed on.
  Status print_what_is_due() {
    if (options_.line_buffered || input_.waits()) {
      MARVEL_TRY_STATUS(print_all());
      return printer_.flush();
    }
    return running_.size() > depth() ? print_oldest() : Status();
  }

  Status print_oldest() {
    pool_.wait(*running_.front());
    auto job = std::move(running_.front());
    running_.pop_front();
    MARVEL_TRY(more_, printer_.add(*job));
    free_.push_back(std::move(job));
    return {};
  }

  Status print_all() {
    while (more_ && !running_.empty()) {
      MARVEL_TRY_STATUS(print_oldest());
    }
    return {};
  }

  Input& input_;
  FinderPool& pool_;
  Printer& printer_;
  const SearchOptions& options_;
  Context& context_;
  bool more_ = true;  // the printer wants more blocks
  std::deque<std::unique_ptr<Job>> running_;
  std::vector<std::unique_ptr<Job>> free_;
};

}  // namespace

Result<SearchResult> search(const PatternSet& set, const SearchOptions& options, Output& output,
                            Context& context) {
  SearchResult result;
  FinderPool pool(set, options.threads, options.memory_limit);
  Printer printer(set, options, output);
  for (const auto& path : options.inputs) {
    auto input = Input::open(path);
    if (!input) {
      context.log.write(LogLevel::kError, describe(input.error()));
      result.failed = true;
      continue;
    }
    printer.begin_input(path);
    InputSearch one(*input, pool, printer, options, context);
    MARVEL_TRY(const bool readable, one.run());
    result.failed = result.failed || !readable;
    MARVEL_TRY_STATUS(printer.end_input());
    result.stopped = context.stop.raised();
    if (result.stopped || (options.quiet && printer.matched())) {
      break;
    }
  }
  MARVEL_TRY_STATUS(printer.finish());
  result.matched = printer.matched();
  return result;
}

}  // namespace marvel::regex
