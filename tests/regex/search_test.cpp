#include "regex/search.hpp"

#include "base/file.hpp"
#include "regex/judge.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <system_error>
#include <thread>

#include <doctest/doctest.h>
#include <pthread.h>

namespace marvel::regex {
namespace {

class CaptureOutput : public Output {
 public:
  Status write(std::string_view text) override {
    if (text.size() > room) {
      return fail(Errc::kUnavailable, "disk full");
    }
    written += text;
    largest = std::max(largest, text.size());
    if (written.size() > stop_behind) {
      stop->raise(2);
    }
    return {};
  }
  std::string written;
  std::size_t room = SIZE_MAX;
  std::size_t largest = 0;  // of the pieces
  std::size_t stop_behind = SIZE_MAX;
  StopFlag* stop = nullptr;
};

// A search over files in a fresh folder, by their short names.
struct Story {
  test::TempDir dir;
  test::TestContext context;
  SearchOptions options;
  PatternOptions pattern_options;
  SearchResult result;

  Story& file(const std::string& name, const std::string& text) {
    REQUIRE(write_file_atomically(dir / name, text).has_value());
    options.inputs.push_back((dir / name).string());
    return *this;
  }

  // What is printed; "DIR/" stands for the folder.
  std::string print(const std::vector<std::string>& patterns) {
    std::vector<Pattern> list;
    for (const auto& pattern : patterns) {
      list.push_back(command_line_pattern(pattern, list.size() + 1, pattern_options));
    }
    const auto set = compile(std::move(list), pattern_options, context.log);
    REQUIRE(set.has_value());
    CaptureOutput output;
    const auto done = search(*set, options, output, context.context);
    REQUIRE(done.has_value());
    result = *done;
    std::string text = output.written;
    const std::string folder = dir.path().string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.replace(at, folder.size(), "DIR/");
    }
    return text;
  }
};

// What `work` returns where the system gives it no thread: none has a stack of that size.
template <class Work>
auto without_threads(const Work& work) {
  pthread_attr_t before{};
  REQUIRE(::pthread_getattr_default_np(&before) == 0);
  pthread_attr_t huge{};
  REQUIRE(::pthread_attr_init(&huge) == 0);
  REQUIRE(::pthread_attr_setstacksize(&huge, std::size_t{1} << 48) == 0);
  REQUIRE(::pthread_setattr_default_np(&huge) == 0);
  CHECK_THROWS_AS(std::thread([] {}).join(), std::system_error);
  auto result = work();
  REQUIRE(::pthread_setattr_default_np(&before) == 0);
  ::pthread_attr_destroy(&huge);
  ::pthread_attr_destroy(&before);
  return result;
}

const std::string kCaptions = "a dog barks\nsiren, then a crowd\n\ncrowd cheers";

}  // namespace

TEST_CASE("matching lines are printed in order, byte for byte") {
  Story story;
  CHECK(story.file("f", kCaptions).print({"crowd", "dog"}) ==
        "a dog barks\nsiren, then a crowd\ncrowd cheers\n");
  CHECK(story.result.matched);
  CHECK(story.print({"helicopter"}).empty());
  CHECK_FALSE(story.result.matched);
}

TEST_CASE("numbers, offsets, names and ids stand before the line") {
  Story story;
  story.file("f", kCaptions);
  story.options.line_numbers = true;
  CHECK(story.print({"crowd"}) == "2:siren, then a crowd\n4:crowd cheers\n");
  story.options.byte_offsets = true;
  CHECK(story.print({"cheer"}) == "4:33:crowd cheers\n");
  story.options.which = true;
  CHECK(story.print({"crowd", "dog", "siren"}).find("2:12:1,3:siren") != std::string::npos);
  story.options.file_names = FileNames::kAlways;
  story.options.null_names = true;
  CHECK(story.print({"dog"}) == std::string("DIR/f\0", 6) + "1:0:1:a dog barks\n");
}

TEST_CASE("names come with several inputs, unless told otherwise") {
  Story story;
  story.file("f", "a\n").file("g", "b\na\n");
  CHECK(story.print({"a"}) == "DIR/f:a\nDIR/g:a\n");
  story.options.file_names = FileNames::kNever;
  CHECK(story.print({"a"}) == "a\na\n");
  story.options.names_only = true;
  CHECK(story.print({"b"}) == "DIR/g\n");
}

TEST_CASE("lines can be inverted, limited and counted") {
  Story story;
  story.file("f", kCaptions);
  story.options.invert = true;
  CHECK(story.print({"crowd"}) == "a dog barks\n\n");
  story.options.max_count = 1;
  CHECK(story.print({"crowd"}) == "a dog barks\n");
  story.options.count = true;
  CHECK(story.print({"crowd"}) == "1\n");
  story.options.max_count.reset();
  CHECK(story.print({"crowd"}) == "2\n");
  story.options.invert = false;
  CHECK(story.print({"zebra"}) == "0\n");
  story.options.max_count = 0;
  CHECK(story.print({"crowd"}) == "0\n");
}

TEST_CASE("only what matches, leftmost and longest, never empty") {
  Story story;
  story.file("f", "aab b\n");
  story.options.only_matching = true;
  story.options.byte_offsets = true;
  CHECK(story.print({"a", "a+b", "x*"}) == "0:aab\n");
  CHECK(story.print({"b"}) == "2:b\n4:b\n");
}

TEST_CASE("all patterns must match with --all-of") {
  Story story;
  story.file("f", kCaptions);
  story.options.all_of = true;
  CHECK(story.print({"crowd", "siren"}) == "siren, then a crowd\n");
  story.options.invert = true;
  CHECK(story.print({"crowd", "siren"}) == "a dog barks\n\ncrowd cheers\n");
}

TEST_CASE("lines are counted by pattern") {
  Story story;
  story.file("f", kCaptions);
  story.options.count_by_pattern = true;
  CHECK(story.print({"crowd", "dog", "zebra"}) == "1\t2\n2\t1\n3\t0\n");
}

TEST_CASE("JSON tells file, line, offset, text and spans") {
  Story story;
  story.file("f",
             "x\nab ab\n\xff"
             "ab\n");
  story.options.json = true;
  CHECK(story.print({"b", "b a"}) ==
        R"({"schema": "marvel.regex.match/1", "file": "DIR/f", "line": 2, "offset": 2, )"
        R"("text": "ab ab", "patterns": [{"id": "1", "start": 1, "end": 2}, )"
        R"({"id": "1", "start": 4, "end": 5}, {"id": "2", "start": 1, "end": 4}]})"
        "\n"
        R"({"schema": "marvel.regex.match/1", "file": "DIR/f", "line": 3, "offset": 8, )"
        R"("base64": "/2Fi", "patterns": [{"id": "1", "start": 2, "end": 3}]})"
        "\n");
}

TEST_CASE("quiet stops at the first match and prints nothing") {
  Story story;
  story.file("f", kCaptions).file("missing", "");
  story.options.inputs.back() += ".gone";
  story.options.quiet = true;
  CHECK(story.print({"dog"}).empty());
  CHECK(story.result.matched);
  CHECK_FALSE(story.result.failed);  // it never came to the missing one
}

TEST_CASE("an input that cannot be read is reported, and the others go on") {
  Story story;
  story.options.inputs.emplace_back("/nonexistent");
  CHECK(story.file("f", "a\n").print({"a"}) == "DIR/f:a\n");
  CHECK(story.result.failed);
  REQUIRE(story.context.log.lines.size() == 1);
  CHECK(story.context.log.lines[0].second.find("/nonexistent") != std::string::npos);
}

TEST_CASE("of binary input a terminal gets one sentence") {
  Story story;
  story.file("f", std::string("a\0a\na\n", 6));
  story.options.as_text = false;
  CHECK(story.print({"a"}) == "DIR/f: binary file matches\n");
  story.options.as_text = true;
  CHECK(story.print({"a"}) == std::string("a\0a\na\n", 6));
}

TEST_CASE("a failing output ends the search with its error") {
  Story story;
  story.file("f", std::string(3'000'000, '\n'));
  const auto set = compile({command_line_pattern("", 1, {})}, {}, story.context.log);
  CaptureOutput output;
  output.room = 10;
  const auto done = search(*set, story.options, output, story.context.context);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message == "disk full");
}

TEST_CASE("a stop ends the search between two blocks") {
  Story story;
  story.file("f", kCaptions);
  story.context.stop.raise(2);
  CHECK(story.print({"dog"}).empty());
  CHECK(story.result.stopped);
}

TEST_CASE("a stop ends a list of inputs that cannot be opened") {
  Story story;
  story.options.inputs = {"nowhere", "nowhere else"};
  story.context.stop.raise(2);
  CHECK(story.print({"dog"}).empty());
  CHECK(story.result.stopped);
  CHECK(story.context.log.lines.empty());
}

TEST_CASE("the spans of a long line are handed on as they are found") {
  Story story;
  story.file("f", std::string(20'000, 'a') + "\n");
  story.options.json = true;
  const auto set = compile({command_line_pattern("a", 1, {})}, {}, story.context.log);
  CaptureOutput output;
  REQUIRE(search(*set, story.options, output, story.context.context).has_value());
  CHECK(output.written.size() > 500'000);
  CHECK(output.largest < 100'000);
}

TEST_CASE("a stop ends the printing of a block between two lines, and of a line between spans") {
  Story story;
  std::string text = std::string(200'000, 'a') + "\n";
  for (int i = 0; i < 100'000; ++i) {
    text += "aaaaa\n";
  }
  story.file("f", text);
  for (const bool json : {false, true}) {
    test::TestContext context;
    story.options.json = json;
    const auto set = compile({command_line_pattern("a", 1, {})}, {}, context.log);
    CaptureOutput output;
    output.stop_behind = 1;
    output.stop = &context.stop;
    const auto done = search(*set, story.options, output, context.context);
    REQUIRE(done.has_value());
    CHECK(done->stopped);
    CHECK(output.written.size() < 400'000);
    CHECK(output.written.back() == '\n');
  }
}

TEST_CASE("output does not depend on the number of threads") {
  Story story;
  CounterRng rng(stream_key(6, 0));
  std::string text;
  while (text.size() < 6'000'000) {
    text += test::random_text(rng, 200);
  }
  story.file("f", text);
  story.options.line_numbers = true;
  const std::string one = story.print({"ab", "^c+$", "x.x"});
  for (const int threads : {2, 3, 8}) {
    story.options.threads = threads;
    CHECK((story.print({"ab", "^c+$", "x.x"}) == one));
  }
  CHECK((without_threads([&story] { return story.print({"ab", "^c+$", "x.x"}); }) == one));
  const auto his = test::re2_which({"ab", "^c+$", "x.x"}, test::lines_of(text));
  const auto matching =
      std::count_if(his.begin(), his.end(), [](auto& ids) { return !ids.empty(); });
  CHECK(std::count(one.begin(), one.end(), '\n') == matching);
}

}  // namespace marvel::regex
