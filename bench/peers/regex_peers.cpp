// The libraries that marvel regex is measured against, as a user would drive them: lines of a file
// that match any of many patterns, counted on several threads.
//
//   regex_peers hyperscan|re2 PATTERNS FILE [--literal] [--threads 2] [--rounds 7]
//
// Prints one JSON object: milliseconds to compile, MB/s of the scan alone (10^6 bytes, median, text
// in memory), matching lines, patterns that were refused. Hyperscan: blocks of a megabyte in
// MULTILINE mode; the lines of its match ends are scanned once more, each alone, so that the count
// is exact. RE2: RE2::Set, line by line. Every thread owns its scratch; the database is shared.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <hs/hs.h>
#include <re2/re2.h>
#include <re2/set.h>

namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "regex_peers: %s\n", why.c_str());
  std::exit(1);
}

std::string read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    die(std::string("cannot read ") + path);
  }
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  return lines;
}

std::vector<std::string_view> cut(std::string_view text) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::vector<std::string_view> blocks;
  while (!text.empty()) {
    auto end = text.size() <= kBlock ? text.size() - 1 : text.find('\n', kBlock);
    end = end == std::string_view::npos ? text.size() - 1 : end;
    blocks.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return blocks;
}

// Counts the matching lines of one block.
using Count = std::function<std::size_t(std::string_view)>;

struct Peer {
  double compile_ms = 0;
  std::size_t refused = 0;
  std::function<Count()> make;  // one per thread
};

// --- Hyperscan ---

hs_database_t* compile(const std::vector<std::string>& patterns, unsigned flags, bool literal,
                       std::size_t& refused) {
  std::vector<const char*> texts;
  std::vector<unsigned> ids;
  std::vector<std::size_t> lengths;
  const std::vector<unsigned> all_flags(patterns.size(), flags);
  for (const auto& pattern : patterns) {
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* error = nullptr;
    if (!literal && hs_expression_info(pattern.c_str(), flags, &info, &error) != HS_SUCCESS) {
      ++refused;
      hs_free_compile_error(error);
      continue;
    }
    std::free(info);
    texts.push_back(pattern.c_str());
    lengths.push_back(pattern.size());
    ids.push_back(0);
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const auto count = static_cast<unsigned>(texts.size());
  const auto done =
      literal ? hs_compile_lit_multi(texts.data(), all_flags.data(), ids.data(), lengths.data(),
                                     count, HS_MODE_BLOCK, nullptr, &database, &error)
              : hs_compile_multi(texts.data(), all_flags.data(), ids.data(), count, HS_MODE_BLOCK,
                                 nullptr, &database, &error);
  if (done != HS_SUCCESS) {
    die(std::string("Hyperscan: ") + error->message);
  }
  return database;
}

class HyperscanCount {
 public:
  HyperscanCount(const hs_database_t* blocks, const hs_database_t* lines)
      : blocks_(blocks), lines_(lines) {
    hs_alloc_scratch(blocks_, &scratch_);
    hs_alloc_scratch(lines_, &scratch_);
  }

  std::size_t operator()(std::string_view block) {
    candidates_.clear();
    block_ = block;
    done_ = 0;
    hs_scan(blocks_, block.data(), static_cast<unsigned>(block.size()), 0, scratch_, &on_block,
            this);
    std::size_t count = 0;
    for (const auto line : candidates_) {
      bool hit = false;
      hs_scan(lines_, line.data(), static_cast<unsigned>(line.size()), 0, scratch_, &on_line, &hit);
      count += hit ? 1 : 0;
    }
    return count;
  }

 private:
  static int on_line(unsigned, unsigned long long, unsigned long long, unsigned, void* hit) {
    *static_cast<bool*>(hit) = true;
    return 1;
  }
  static int on_block(unsigned, unsigned long long, unsigned long long to, unsigned, void* me) {
    static_cast<HyperscanCount*>(me)->note(to);
    return 0;
  }
  // The line of the match's last byte; a match may also end before its first one.
  void note(std::size_t to) {
    for (const std::size_t at : {to == 0 ? 0 : to - 1, to}) {
      if (at < done_ || at >= block_.size()) {
        continue;
      }
      const auto before = at == 0 ? std::string_view::npos : block_.rfind('\n', at - 1);
      const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
      const std::size_t end = std::min(block_.find('\n', at), block_.size());
      candidates_.push_back(block_.substr(begin, end - begin));
      done_ = end + 1;
    }
  }

  const hs_database_t* blocks_;
  const hs_database_t* lines_;
  hs_scratch_t* scratch_ = nullptr;
  std::string_view block_;
  std::size_t done_ = 0;  // lines before here are candidates already
  std::vector<std::string_view> candidates_;
};

Peer hyperscan(const std::vector<std::string>& patterns, bool literal) {
  Peer peer;
  const auto start = Clock::now();
  std::size_t ignored = 0;
  const unsigned block_flags = literal ? 0 : HS_FLAG_MULTILINE | HS_FLAG_ALLOWEMPTY;
  const unsigned line_flags =
      literal ? HS_FLAG_SINGLEMATCH : HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
  const hs_database_t* blocks = compile(patterns, block_flags, literal, peer.refused);
  const hs_database_t* lines = compile(patterns, line_flags, literal, ignored);
  peer.compile_ms = ms_since(start);
  peer.make = [blocks, lines]() -> Count {
    return [count = std::make_shared<HyperscanCount>(blocks, lines)](std::string_view block) {
      return (*count)(block);
    };
  };
  return peer;
}

// --- RE2 ---

Peer re2_set(const std::vector<std::string>& patterns, bool literal) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_never_nl(true);
  options.set_log_errors(false);
  options.set_literal(literal);
  options.set_max_mem(std::int64_t{2} << 30);
  auto set = std::make_shared<RE2::Set>(options, RE2::UNANCHORED);
  Peer peer;
  const auto start = Clock::now();
  for (const auto& pattern : patterns) {
    peer.refused += set->Add(pattern, nullptr) < 0 ? 1 : 0;
  }
  if (!set->Compile()) {
    die("RE2 cannot compile the set");
  }
  peer.compile_ms = ms_since(start);
  peer.make = [set]() -> Count {
    return [set](std::string_view block) {
      std::size_t count = 0;
      while (!block.empty()) {
        const auto end = std::min(block.find('\n'), block.size());
        count += set->Match({block.data(), end}, nullptr) ? 1 : 0;
        block.remove_prefix(std::min(end + 1, block.size()));
      }
      return count;
    };
  };
  return peer;
}

}  // namespace

int main(int argc, char** argv) {
  bool literal = false;
  int threads = 2;
  int rounds = 7;  // 0: one, and no other to warm up
  std::vector<const char*> words;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--literal") == 0) {
      literal = true;
    } else if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
      threads = std::atoi(argv[++i]);
    } else if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      rounds = std::atoi(argv[++i]);
    } else {
      words.push_back(argv[i]);
    }
  }
  if (words.size() != 3 || threads < 1 || rounds < 0) {
    die("see the comment on top of its source");
  }
  const auto patterns = lines_of(read(words[1]));
  const bool is_re2 = std::strcmp(words[0], "re2") == 0;
  const Peer peer = is_re2 ? re2_set(patterns, literal) : hyperscan(patterns, literal);
  const std::string text = read(words[2]);
  const auto blocks = cut(text);
  std::vector<Count> counts;
  for (int i = 0; i < threads; ++i) {
    counts.push_back(peer.make());
  }
  std::vector<double> rates;
  std::size_t lines = 0;
  for (int round = 0; round <= rounds; ++round) {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> found{0};
    const auto start = Clock::now();
    std::vector<std::thread> workers;
    for (auto& count : counts) {
      workers.emplace_back([&] {
        for (std::size_t i = next++; i < blocks.size(); i = next++) {
          found += count(blocks[i]);
        }
      });
    }
    for (auto& worker : workers) {
      worker.join();
    }
    if (round > 0 || rounds == 0) {  // the first of several warms caches
      rates.push_back(static_cast<double>(text.size()) / 1e3 / ms_since(start));
    }
    lines = found;
  }
  std::sort(rates.begin(), rates.end());
  std::printf(
      "{\"peer\": \"%s\", \"compile_ms\": %.1f, \"mb_per_s\": %.0f, \"lines\": %zu, "
      "\"refused\": %zu}\n",
      words[0], peer.compile_ms, rates[rates.size() / 2], lines, peer.refused);
}
