#include "regex/finder_pool.hpp"

#include <algorithm>

namespace marvel::regex {

FinderPool::FinderPool(const PatternSet& set, int threads, std::size_t memory_limit)
    : set_(set),
      threads_(std::max(threads, 1)),
      memory_limit_(memory_limit / static_cast<std::size_t>(threads_)),
      own_(make_finder()) {}

LineFinder FinderPool::make_finder() const {
  return {set_.program, set_.filter ? &*set_.filter : nullptr, memory_limit_};
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
  own_.find(job.block.text(), job.ends);
  job.done = true;
}

void FinderPool::submit(Job& job) {
  if (threads_ == 1) {
    find_now(job);
    return;
  }
  while (workers_.size() < static_cast<std::size_t>(threads_)) {
    workers_.emplace_back([this] { work(); });
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
  LineFinder finder = make_finder();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) {
      return;
    }
    Job& job = *queue_.front();
    queue_.pop_front();
    lock.unlock();
    finder.find(job.block.text(), job.ends);
    lock.lock();
    job.done = true;
    changed_.notify_all();
  }
}

}  // namespace marvel::regex
