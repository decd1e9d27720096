#pragma once

#include "vpn/node/path_measurement.hpp"

#include <memory>
#include <string>

namespace marvel::vpn {

// What somebody wants to be measured: the paths to these peers, one after the other, because two at
// a time would measure each other.
struct SurveyOrder {
  std::vector<std::string> peers;       // by name; none: all members that a super node tells of
  std::size_t largest = kLargestTrain;  // bytes of a burst
};

// One peer of a survey, and what was found. A name that was asked for has an entry even when nobody
// has it; its figures are empty then.
struct SurveyEntry {
  std::string name;
  Ipv4 address = 0;  // 0: nobody of this name is connected
  PathFigures figures;
};

// A survey under way. The edge fills and reads it (edge_measure.cpp): first it lists whom to
// measure, within two seconds, then `path` is the measurement of the entry `next`. An edge has one
// at most; others look at it by Edge::survey(), between the edge's calls.
struct Survey {
  SurveyOrder order;
  Time began{};
  bool listed = false;   // whom to measure is known
  std::size_t next = 0;  // of the entries
  std::vector<SurveyEntry> entries;
  // Peers may be forgotten meanwhile, so they are looked up by key each time.
  std::vector<PublicKey> keys;  // of the entries; zero where there is nobody
  // Null between two peers.
  std::unique_ptr<PathMeasurement> path;

  // All entries have their figures.
  [[nodiscard]] bool done() const { return listed && next >= entries.size(); }
};

}  // namespace marvel::vpn
