#include "base/env.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"

#include <exception>
#include <new>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

int bug(const std::string& what) {
  marvel::cli::write_stderr("marvel: " + what + "; this is a bug, please report it\n");
  return marvel::cli::kExitBug;
}

}  // namespace

int main(int argc, char** argv) {
  marvel::cli::guard_standard_streams();
  marvel::cli::ignore_broken_pipes();
  try {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return marvel::cli::run_program(words, marvel::Environment::from_process(environ));
  } catch (const std::bad_alloc&) {
    marvel::cli::write_stderr("marvel: out of memory\n");
    return marvel::cli::kExitOutside;
  } catch (const std::exception& error) {
    return bug(error.what());
  } catch (...) {
    return bug("unknown exception");
  }
}
