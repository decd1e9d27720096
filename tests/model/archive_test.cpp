#include "model/archive.hpp"

#include "base/file.hpp"
#include "model/network_builder.hpp"
#include "support/temp_dir.hpp"

#include <fstream>

#include <doctest/doctest.h>

namespace marvel::model {

TEST_CASE("a network comes back bit for bit, with its optimiser state") {
  const test::TempDir dir;
  auto net = test::spread_network({12, 9, 4}, 3);
  net.keep_inputs(0, {1, 5, 6});
  net.layers[1].weight.moment2.fill_(0.125F);
  ArchiveWriter writer;
  writer.put("net", net);
  writer.put("note", std::string("text"));
  REQUIRE(writer.save(dir / "a.pt").has_value());
  auto reader = ArchiveReader::open(dir / "a.pt");
  REQUIRE(reader.has_value());
  CHECK(*reader->text("note") == "text");
  const auto back = reader->network("net");
  REQUIRE(back.has_value());
  CHECK(back->gated);
  CHECK(back->layers[0].inputs == std::vector<int32_t>{1, 5, 6});
  CHECK(torch::equal(back->layers[0].weight.value, net.layers[0].weight.value));
  CHECK(torch::equal(back->layers[1].weight.moment2, net.layers[1].weight.moment2));
  CHECK(torch::equal(back->layers[1].log_alpha.average, net.layers[1].log_alpha.average));
}

TEST_CASE("missing keys and damaged files are refused") {
  const test::TempDir dir;
  ArchiveWriter writer;
  writer.put("note", std::string("text"));
  REQUIRE(writer.save(dir / "a.pt").has_value());
  auto reader = ArchiveReader::open(dir / "a.pt");
  REQUIRE(reader.has_value());
  CHECK(reader->network("net").error().code == Errc::kInput);
  const auto bytes = *read_file(dir / "a.pt");
  for (const std::size_t part : {std::size_t{0}, bytes.size() / 3, bytes.size() - 1}) {
    std::ofstream(dir / "cut.pt", std::ios::binary) << bytes.substr(0, part);
    CHECK(ArchiveReader::open(dir / "cut.pt").error().code == Errc::kInput);
  }
}

}  // namespace marvel::model
