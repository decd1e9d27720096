#pragma once

#include "regex/accelerator.hpp"
#include "regex/host_finder.hpp"
#include "regex/input.hpp"
#include "regex/pattern.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace marvel::regex {

// One block on its way through the search.
struct Job {
  Block block;
  std::vector<std::uint32_t> ends;  // line ends in the block of the lines that match
  bool on_device = false;           // an OpenCL device found them
  bool done = false;                // guarded by the pool's mutex while the job is with the pool
};

// Searches blocks on several threads, each on the CPU or, once it is ready, with an OpenCL device.
// Jobs come back in any order; the caller waits for the one it
// wants to see next.
class FinderPool {
 public:
  // `set`, `accelerator` and `stop` must outlive this. `memory_limit` in bytes is shared out among
  // the threads. With one thread there is none but the caller's. After `stop` was raised jobs come
  // back soon, with not all they should hold.
  FinderPool(const PatternSet& set, Accelerator& accelerator, int threads, std::size_t memory_limit,
             const StopFlag& stop);
  FinderPool(const FinderPool&) = delete;
  FinderPool& operator=(const FinderPool&) = delete;
  ~FinderPool();

  // Fills job.ends before it returns.
  void find_now(Job& job);
  // Fills job.ends some time before wait(job) returns; `job` stays where it is until then.
  // Threads start with the first call.
  void submit(Job& job);
  void wait(Job& job);

  [[nodiscard]] int threads() const { return threads_; }

 private:
  // What one thread works with.
  struct Bench {
    HostFinder host;
    std::unique_ptr<opencl::Finder> device;
  };

  [[nodiscard]] Bench make_bench() const;
  void find(Bench& bench, Job& job);
  void work();

  const PatternSet& set_;
  Accelerator& accelerator_;
  int threads_;
  std::size_t memory_limit_;
  const StopFlag& stop_;
  Bench own_;  // of the calling thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job*> queue_;  // guarded by mutex_
  bool ending_ = false;     // guarded by mutex_
  std::vector<std::thread> workers_;
};

}  // namespace marvel::regex
