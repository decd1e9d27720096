#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace marvel::test {

// A program that runs beside the test and is killed with it. Its standard error is the test's.
class Child {
 public:
  explicit Child(const std::vector<std::string>& words);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  // The next line of its standard output without the line end; empty when there is none within
  // `limit` or the program has ended.
  std::string read_line(std::chrono::milliseconds limit = std::chrono::seconds(20));
  void signal(int number) const;
  // Waits for the end: the exit code, or 128 + signal.
  int wait();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string pending_;
};

// Runs a program to its end and says its exit code; 127 when there is no such program.
int run_program(const std::vector<std::string>& words);

}  // namespace marvel::test
