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
  const OutputFormat format = session.globals.output;
  do {
    MARVEL_TRY(const Answer answer, look());
    // One document is one line for programs, so that they need not look for its end. Some nodes end
    // theirs with a newline already.
    const std::string line = answer.json.substr(0, answer.json.find_last_not_of('\n') + 1) + "\n";
    MARVEL_TRY(const std::string text,
               format == OutputFormat::kJson ? Result<std::string>(line) : render(answer, format));
    MARVEL_TRY_STATUS(write_stdout(text));
  } while (pause(session.context, std::chrono::seconds(2)));
  return Answer{};
}

}  // namespace marvel::cli
