#include "cli/watch.hpp"

#include "cli/output.hpp"

#include <thread>

namespace marvel::cli {

bool pause(const Context& context, std::chrono::milliseconds span) {
  constexpr auto kLook = std::chrono::milliseconds(100);
  const auto end = std::chrono::steady_clock::now() + span;
  while (std::chrono::steady_clock::now() < end && !context.stop.raised()) {
    std::this_thread::sleep_for(kLook);
  }
  return !context.stop.raised();
}

Result<Answer> watch(Session& session, const std::function<Result<Answer>()>& look) {
  do {
    MARVEL_TRY(const Answer answer, look());
    MARVEL_TRY(const std::string text, render(answer, session.globals.output));
    MARVEL_TRY_STATUS(write_stdout(text));
  } while (pause(session.context, std::chrono::seconds(2)));
  return Answer{};
}

}  // namespace marvel::cli
