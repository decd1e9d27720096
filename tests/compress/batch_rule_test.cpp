#include "compress/batch_rule.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::compress {

TEST_CASE("a candidate grows by whole samples, from 1 / (1 - alpha) upwards") {
  BatchRule rule(100, 0.975, 10'000);
  rule.after_gradient(39.9, 1.0);  // 0.9975 of a sample
  CHECK(rule.candidate() == 100);
  rule.after_gradient(40.1, 1.0);
  CHECK(rule.candidate() == 101);
  rule.after_gradient(200.0, 0.5);  // ratio 400: ten samples
  CHECK(rule.candidate() == 111);
}

TEST_CASE("the batch changes at the epoch's end, not before") {
  BatchRule rule(100, 0.9, 10'000);
  rule.after_gradient(1000.0, 1.0);
  CHECK(rule.batch() == 100);
  rule.after_epoch(10'000);
  CHECK(rule.batch() == 199);
}

TEST_CASE("the batch never exceeds the cap, and growth starts from what is in use") {
  BatchRule rule(100, 0.5, 300);
  rule.after_gradient(1e6, 1.0);
  rule.after_epoch(300);
  CHECK(rule.batch() == 300);
  CHECK(rule.candidate() == 300);
  rule.after_epoch(250);
  CHECK(rule.batch() == 250);
  rule.after_epoch(0);
  CHECK(rule.batch() == 1);
}

TEST_CASE("the start is cut to the cap") {
  CHECK(BatchRule(512, 1.0, 128).batch() == 128);
}

TEST_CASE("alpha 1 never grows, and odd losses grow nothing") {
  BatchRule rule(64, 1.0, 1000);
  rule.after_gradient(1e9, 1e-9);
  CHECK(rule.candidate() == 64);
  BatchRule other(64, 0.0, 1000);
  other.after_gradient(100.0, 0.0);
  other.after_gradient(100.0, -1.0);
  CHECK(other.candidate() == 64);
  other.after_gradient(1e300, 1e-300);
  CHECK(other.candidate() <= 64 + 1'000'000);
}

TEST_CASE("a restored rule goes on where it was") {
  BatchRule rule(100, 0.9, 1000);
  rule.restore(128, 140);
  CHECK(rule.batch() == 128);
  rule.after_epoch(1000);
  CHECK(rule.batch() == 140);
}

}  // namespace marvel::compress
