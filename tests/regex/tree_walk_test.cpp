#include "regex/tree_walk.hpp"

#include "base/file.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

namespace fs = std::filesystem;

struct TreeOnDisk {
  test::TempDir dir;
  test::TestContext context;
  FileFilter filter;
  bool failed = false;

  TreeOnDisk() {
    for (const char* const name : {"b.txt", "a.log", "sub/c.txt", "sub/deep/d.log", ".hidden/e"}) {
      fs::create_directories((dir / name).parent_path());
      REQUIRE(write_file_atomically(dir / name, "x\n").has_value());
    }
  }

  std::vector<std::string> below(const std::vector<std::string>& paths) {
    TreeWalk walk(paths, filter, context.context.log, context.stop);
    std::vector<std::string> files;
    while (auto file = walk.next()) {
      files.push_back(*file);
    }
    failed = walk.failed();
    return files;
  }

  // Names below the folder, in order, with a blank between.
  std::string files() {
    std::string names;
    for (const auto& file : below({dir.path().string()})) {
      names += (names.empty() ? "" : " ") + fs::path(file).lexically_relative(dir.path()).string();
    }
    return names;
  }
};

}  // namespace

TEST_CASE("all files below a folder are found, by name") {
  TreeOnDisk tree;
  CHECK(tree.files() == ".hidden/e a.log b.txt sub/c.txt sub/deep/d.log");
  CHECK_FALSE(tree.failed);
}

TEST_CASE("globs choose files and folders") {
  TreeOnDisk tree;
  tree.filter.include = {"*.txt", "e"};
  CHECK(tree.files() == ".hidden/e b.txt sub/c.txt");
  tree.filter.exclude = {"b*"};
  CHECK(tree.files() == ".hidden/e sub/c.txt");
  tree.filter.exclude_dir = {".*", "sub"};
  CHECK(tree.files().empty());
}

TEST_CASE("links are not followed, so no tree goes in circles") {
  TreeOnDisk tree;
  fs::create_directory_symlink(tree.dir.path(), tree.dir / "sub/circle");
  fs::create_symlink(tree.dir / "b.txt", tree.dir / "sub/link");
  CHECK(tree.files() == ".hidden/e a.log b.txt sub/c.txt sub/deep/d.log");
  const auto through = tree.below({(tree.dir / "sub/circle/sub").string(), "-", "nowhere"});
  CHECK(through.size() == 4);
  CHECK(through[2] == "-");
  CHECK(through[3] == "nowhere");
}

TEST_CASE("a stop ends the walk") {
  TreeOnDisk tree;
  tree.context.stop.raise(2);
  CHECK(tree.files().empty());
  CHECK(tree.below({"-", "nowhere"}).empty());
  CHECK_FALSE(tree.failed);
}

}  // namespace marvel::regex
