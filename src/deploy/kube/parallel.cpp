#include "deploy/kube/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace marvel::kube {

void in_parallel(const std::shared_ptr<Connection>& connection, std::size_t count,
                 const std::function<void(Client& client, std::size_t index)>& work) {
  constexpr std::size_t kConnections = 8;
  std::atomic<std::size_t> next{0};
  const auto loop = [&] {
    Client client(connection);
    for (std::size_t i = next++; i < count; i = next++) {
      work(client, i);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(kConnections, count); ++i) {
    threads.emplace_back(loop);
  }
  loop();
  for (auto& thread : threads) {
    thread.join();
  }
}

}  // namespace marvel::kube
