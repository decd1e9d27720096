#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/node/outbox.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::vpn {

// Chance that is the same in each run.
class FixedRandom : public Random {
 public:
  void fill(MutableBytes out) override {
    for (auto& byte : out) {
      byte = static_cast<std::uint8_t>(++state_ * 167U);
    }
  }

 private:
  std::uint32_t state_ = 0;
};

// Counts what a node does.
class Sink : public Outbox {
 public:
  MutableBytes reserve(std::size_t size) override {
    room_.assign(size, 0);
    return room_;
  }
  void send(const Endpoint& /*to*/) override {
    sent += room_.size();
    if (keeps) {
      kept.push_back(room_);
    }
  }
  void deliver(Bytes /*frame*/, const PartialChecksum& /*checksum*/) override { ++delivered; }
  void addressed(Ipv4 /*address*/, unsigned /*bits*/) override { ++delivered; }
  void tell(const std::string& /*message*/) override {}

  std::size_t sent = 0;
  std::size_t delivered = 0;
  bool keeps = false;  // what is sent
  std::vector<std::vector<std::uint8_t>> kept;

 private:
  std::vector<std::uint8_t> room_;
};

}  // namespace marvel::vpn
