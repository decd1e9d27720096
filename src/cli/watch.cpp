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

namespace {

// One document is one line for programs, so that they need not look for its end.
Result<std::string> line_of(const std::string& json) {
  return json.ends_with('\n') ? json : json + "\n";
}

}  // namespace

Result<Answer> watch(Session& session, const std::function<Result<Answer>()>& look) {
  const OutputFormat format = session.globals.output;
  do {
    MARVEL_TRY(const Answer answer, look());
    MARVEL_TRY(const std::string text,
               format == OutputFormat::kJson ? line_of(answer.json) : render(answer, format));
    MARVEL_TRY_STATUS(write_stdout(text));
  } while (pause(session.context, std::chrono::seconds(2)));
  return Answer{};
}

}  // namespace marvel::cli
