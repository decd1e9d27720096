#include "regex/finder_pool.hpp"

#include <algorithm>
#include <system_error>

namespace marvel::regex {

FinderPool::FinderPool(const PatternSet& set, Accelerator& accelerator, int threads,
                       std::size_t memory_limit, const StopFlag& stop)
    : set_(set),
      accelerator_(accelerator),
      threads_(std::max(threads, 1)),
      memory_limit_(memory_limit / static_cast<std::size_t>(threads_)),
      stop_(stop),
      own_(make_bench()) {}

FinderPool::Bench FinderPool::make_bench() const {
  return {HostFinder(set_, memory_limit_, &stop_), nullptr};
}

// A device that fails is left alone by all threads; its block is done again on the host.
void FinderPool::find(Bench& bench, Job& job) {
  const std::string_view text = job.block.text();
  job.on_device = false;
  if (auto engine = accelerator_.engine(); engine && text.size() <= kDeviceBlock) {
    if (!bench.device) {
      bench.device = std::make_unique<opencl::Finder>(std::move(engine), memory_limit_, &stop_);
    }
    const auto found = bench.device->find(text, job.ends);
    if (found) {
      job.on_device = true;
      return;
    }
    accelerator_.give_up(found.error());
  }
  bench.host.find(text, job.ends);
}

FinderPool::~FinderPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    queue_.clear();
  }
  changed_.notify_all();
  for (auto& worker : workers_) {
    worker.join();
  }
}

void FinderPool::find_now(Job& job) {
  find(own_, job);
  job.done = true;
}

// Those that there are do all the work if the system gives no more.
void FinderPool::start_threads() {
  try {
    while (workers_.size() < static_cast<std::size_t>(threads_)) {
      workers_.emplace_back([this] { work(); });
    }
  } catch (const std::system_error&) {
    threads_ = std::max(static_cast<int>(workers_.size()), 1);
  }
}

void FinderPool::submit(Job& job) {
  if (threads_ > 1) {
    start_threads();
  }
  if (threads_ == 1) {
    find_now(job);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    job.done = false;
    queue_.push_back(&job);
  }
  changed_.notify_all();
}

void FinderPool::wait(Job& job) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&job] { return job.done; });
}

void FinderPool::work() {
  Bench bench = make_bench();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) {
      return;
    }
    Job& job = *queue_.front();
    queue_.pop_front();
    lock.unlock();
    find(bench, job);
    lock.lock();
    job.done = true;
    changed_.notify_all();
  }
}

}  // namespace marvel::regex
