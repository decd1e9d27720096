#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace marvel::test {

// An HTTP server of this process for faults that a real API server does not have on demand: it
// hands each request to a function and sends back, byte for byte, what that returns. Each
// connection takes one request. Other threads may ask for `requests` at any time.
class ScriptServer {
 public:
  using Answer = std::function<std::string(const std::string& request_line)>;

  explicit ScriptServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;
  ~ScriptServer() {
    ending_ = true;
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // "GET /path?query" of each request so far.
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // The last request as it came.
  std::string last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  // An answer with a status and a JSON body.
  static std::string json(int status, const std::string& body, const std::string& fields = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
           fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
  }

 private:
  void serve() {
    while (!ending_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) {
        continue;
      }
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection >= 0) {
        answer(connection);
        ::close(connection);
      }
    }
  }

  void answer(int connection) {
    std::string request;
    char buffer[4096];
    std::size_t wanted = std::string::npos;
    while (request.size() < wanted) {
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) {
        break;
      }
      request.append(buffer, static_cast<std::size_t>(count));
      const auto end = request.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto field = request.find("Content-Length: ");
        wanted = end + 4 + (field < end ? std::stoul(request.substr(field + 16)) : 0);
      }
    }
    if (wanted == std::string::npos) {
      return;  // the client left before it had asked
    }
    const std::string line = request.substr(0, request.find(" HTTP/1.1"));
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(line);
      last_ = request;
    }
    const std::string bytes = answer_(line);
    ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(connection, SHUT_WR);
  }

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::string last_;
  std::thread thread_;
};

}  // namespace marvel::test
