#pragma once

#include "support/child.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::test {

// tests/net/server.py as a process of its own.
class TestServer {
 public:
  // `words`: nothing for plain HTTP, or certificate, key and the authority of clients.
  explicit TestServer(const std::vector<std::string>& words = {})
      : child_(command(words)), port_(child_.read_line()), is_tls_(!words.empty()) {
    REQUIRE_FALSE(port_.empty());
  }

  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path,
                                const std::string& host = "localhost") const {
    return (is_tls_ ? "https://" : "http://") + host + ":" + port_ + path;
  }
  void stop() { child_.signal(9); }

 private:
  static std::vector<std::string> command(const std::vector<std::string>& words) {
    std::vector<std::string> all{"/usr/bin/python3", MARVEL_NET_TESTS "/server.py"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

  Child child_;
  std::string port_;
  bool is_tls_;
};

// Made once for all tests; see certificates.sh.
inline std::string certificate(const std::string& name) {
  static const TempDir kFolder;
  static const int kMade = run_program({MARVEL_NET_TESTS "/certificates.sh", kFolder.path()});
  REQUIRE(kMade == 0);
  return kFolder / name;
}

}  // namespace marvel::test
