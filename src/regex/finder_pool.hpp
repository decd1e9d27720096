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

// One block on its way through the search. The caller fills `block`, the pool fills the rest. Jobs
// are used again and again, because their buffers are large.
struct Job {
  Block block;
  // Line ends in the block of the lines that match, rising. After a stop some may be missing.
  std::vector<std::uint32_t> ends;
  bool on_device = false;  // an OpenCL device found them
  bool done = false;       // guarded by the pool's mutex while the job is with the pool
};

// Searches blocks on several threads, each on the CPU or, once it is ready, with an OpenCL device.
// Jobs come back in any order; the caller waits for the one it wants to see next, so that output
// stays in order although the search does not:
//   pool.submit(a);
//   pool.submit(b);
//   pool.wait(a);  // b may be done already
// Each thread has automata of its own and they share only the immutable set, so threads never wait
// for each other's states; the price is that a state may be made once per thread.
//
// One thread calls. Whether the CPU or a device finds the lines changes nothing in what is found.
class FinderPool {
 public:
  // `set`, `accelerator` and `stop` must outlive this. `memory_limit` in bytes is shared out among
  // the threads. With one thread there is none but the caller's. After `stop` was raised jobs come
  // back soon, with not all they should hold.
  FinderPool(const PatternSet& set, Accelerator& accelerator, int threads, std::size_t memory_limit,
             const StopFlag& stop);
  FinderPool(const FinderPool&) = delete;
  FinderPool& operator=(const FinderPool&) = delete;
  // Ends the threads after the block each is at. Jobs that no thread has begun are dropped and
  // never done, so whoever still wants one, or owns its memory, waits for it before.
  ~FinderPool();

  // Fills job.ends before it returns, in the calling thread. For inputs of a single block it is
  // done before a thread would have started.
  void find_now(Job& job);
  // Fills job.ends some time before wait(job) returns; `job` stays where it is until then, and
  // nobody looks at it. Threads start with the first call, fewer if the system has no more of them.
  // With one thread the work is done at once.
  void submit(Job& job);
  // Returns when `job` is done, at once for one that was given to find_now().
  void wait(Job& job);

  // At least 1; fewer than asked for once the system has refused some.
  [[nodiscard]] int threads() const { return threads_; }

 private:
  // What one thread works with.
  struct Bench {
    HostFinder host;
    std::unique_ptr<opencl::Finder> device;
  };

  [[nodiscard]] Bench make_bench() const;
  void find(Bench& bench, Job& job);
  void start_threads();
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
