#include "compress/run_state.hpp"

#include "model/archive.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "marvel.compress.checkpoint/3";

json to_json(const EpochSums& sums) {
  return {{"samples", sums.samples},         {"steps", sums.steps},
          {"correct", sums.correct},         {"loss", sums.loss},
          {"regularizer", sums.regularizer}, {"ratio", sums.ratio},
          {"seconds", sums.seconds}};
}

EpochSums sums_from(const json& value) {
  EpochSums sums;
  value.at("samples").get_to(sums.samples);
  value.at("steps").get_to(sums.steps);
  value.at("correct").get_to(sums.correct);
  value.at("loss").get_to(sums.loss);
  value.at("regularizer").get_to(sums.regularizer);
  value.at("ratio").get_to(sums.ratio);
  value.at("seconds").get_to(sums.seconds);
  return sums;
}

std::string encode_progress(const RunState& state) {
  const json progress = {{"schema", kSchema},
                         {"epoch", state.epoch},
                         {"step", state.step},
                         {"adam_time", state.adam_time},
                         {"batch", state.batch},
                         {"candidate", state.candidate},
                         {"pressure", state.pressure},
                         {"dense_test_error", state.dense_test_error},
                         {"target_reached", state.target_reached},
                         {"seconds", state.seconds},
                         {"network_steps", state.network_steps},
                         {"teachers", state.teachers.size()},
                         {"sums", to_json(state.sums)},
                         {"open_counts", state.open_counts},
                         {"history", epochs_to_json(state.history)}};
  return progress.dump();
}

std::string teacher_name(std::size_t index) {
  return fmt::format("teacher{}", index);
}

// Fills everything but the networks; returns how many teachers there are.
std::size_t decode_progress(const json& progress, RunState* state) {
  progress.at("epoch").get_to(state->epoch);
  progress.at("step").get_to(state->step);
  progress.at("adam_time").get_to(state->adam_time);
  progress.at("batch").get_to(state->batch);
  progress.at("candidate").get_to(state->candidate);
  progress.at("pressure").get_to(state->pressure);
  progress.at("dense_test_error").get_to(state->dense_test_error);
  progress.at("target_reached").get_to(state->target_reached);
  state->seconds = progress.value("seconds", 0.0);  // which earlier versions did not write
  progress.at("open_counts").get_to(state->open_counts);
  state->sums = sums_from(progress.at("sums"));
  progress.at("network_steps").get_to(state->network_steps);
  return progress.at("teachers").get<std::size_t>();
}

Result<std::size_t> read_progress(const std::string& text, const std::string& path,
                                  RunState* state) {
  try {
    const json progress = json::parse(text);
    if (progress.at("schema") != kSchema) {
      return fail(Errc::kInput,
                  fmt::format("checkpoint '{}' was written by another version of marvel", path),
                  "start afresh with --force");
    }
    const std::size_t teachers = decode_progress(progress, state);
    MARVEL_TRY(state->history, epochs_from_json(progress.at("history").get<std::string>()));
    return teachers;
  } catch (const json::exception& error) {
    return fail(Errc::kInput, fmt::format("checkpoint '{}' is damaged: {}", path, error.what()),
                "start afresh with --force");
  }
}

}  // namespace

Status save_checkpoint(const std::filesystem::path& path, const RunState& state,
                       const std::string& fingerprint) {
  model::ArchiveWriter archive;
  archive.put("fingerprint", fingerprint);
  archive.put("progress", encode_progress(state));
  archive.put("net", state.net);
  for (std::size_t i = 0; i < state.teachers.size(); ++i) {
    archive.put(teacher_name(i), state.teachers[i]);
  }
  return archive.save(path);
}

Result<Checkpoint> load_checkpoint(const std::filesystem::path& path) {
  MARVEL_TRY(auto archive, model::ArchiveReader::open(path));
  Checkpoint checkpoint;
  MARVEL_TRY(checkpoint.fingerprint, archive.text("fingerprint"));
  MARVEL_TRY(const auto progress, archive.text("progress"));
  MARVEL_TRY(const std::size_t teachers, read_progress(progress, path.string(), &checkpoint.state));
  MARVEL_TRY(checkpoint.state.net, archive.network("net"));
  for (std::size_t i = 0; i < teachers; ++i) {
    MARVEL_TRY(auto teacher, archive.network(teacher_name(i)));
    checkpoint.state.teachers.push_back(std::move(teacher));
  }
  return checkpoint;
}

}  // namespace marvel::compress
