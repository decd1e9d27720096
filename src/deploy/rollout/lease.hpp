#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace marvel::rollout {

// The right to change one service: a Lease object `marvel-<service>`. It is renewed in the
// background and given back at the end. One that its holder did not renew for 30 s is taken over,
// so a run that died blocks the next one no longer than that.
class LeaseHold {
 public:
  // Waits up to `patience` for another holder. kConflict names who holds it and since when.
  static Result<std::unique_ptr<LeaseHold>> acquire(
      const std::shared_ptr<kube::Connection>& connection, const std::string& service,
      const std::string& space, std::chrono::seconds patience);
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;
  ~LeaseHold();

 private:
  LeaseHold(std::shared_ptr<kube::Connection> connection, std::string path, std::string holder);
  void keep_renewing();
  void give_back() const;

  std::shared_ptr<kube::Connection> connection_;
  std::string path_;
  std::string holder_;
  std::mutex mutex_;  // guards ending_
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread renewer_;
};

}  // namespace marvel::rollout
