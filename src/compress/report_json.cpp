#include <cmath>

#include "compress/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTrainSchema = "marvel.compress.report/1";
constexpr const char* kEvalSchema = "marvel.compress.eval/1";

// JSON has no NaN; and an error below zero means "not measured".
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json error_percent(double value) { return value < 0 ? Json(nullptr) : number(value); }

double read_number(const Json& object, const char* key) {
  const Json& value = object.at(key);
  return value.is_null() ? std::nan("") : value.get<double>();
}
double read_error(const Json& object, const char* key) {
  const Json& value = object.at(key);
  return value.is_null() ? -1.0 : value.get<double>();
}

Json encode(const EpochRecord& epoch) {
  return {{"epoch", epoch.epoch},
          {"phase", epoch.phase},
          {"loss", number(epoch.loss)},
          {"regularizer", number(epoch.regularizer)},
          {"train_error_percent", error_percent(epoch.train_error_percent)},
          {"validation_error_percent", error_percent(epoch.validation_error_percent)},
          {"test_error_percent", error_percent(epoch.test_error_percent)},
          {"batch_size", epoch.batch_size},
          {"units", epoch.units},
          {"parameters", epoch.parameters},
          {"macs", epoch.macs},
          {"memory_bytes", epoch.memory_bytes},
          {"variance_ratio", number(epoch.variance_ratio)},
          {"seconds", number(epoch.seconds)}};
}

EpochRecord decode_epoch(const Json& json) {
  EpochRecord epoch;
  json.at("epoch").get_to(epoch.epoch);
  json.at("phase").get_to(epoch.phase);
  epoch.loss = read_number(json, "loss");
  epoch.regularizer = read_number(json, "regularizer");
  epoch.train_error_percent = read_error(json, "train_error_percent");
  epoch.validation_error_percent = read_error(json, "validation_error_percent");
  epoch.test_error_percent = read_error(json, "test_error_percent");
  json.at("batch_size").get_to(epoch.batch_size);
  json.at("units").get_to(epoch.units);
  json.at("parameters").get_to(epoch.parameters);
  json.at("macs").get_to(epoch.macs);
  json.at("memory_bytes").get_to(epoch.memory_bytes);
  epoch.variance_ratio = read_number(json, "variance_ratio");
  epoch.seconds = read_number(json, "seconds");
  return epoch;
}

Json encode(const std::vector<EpochRecord>& epochs) {
  Json list = Json::array();
  for (const auto& epoch : epochs) {
    list.push_back(encode(epoch));
  }
  return list;
}

std::vector<EpochRecord> decode_epochs(const Json& list) {
  std::vector<EpochRecord> epochs;
  for (const auto& item : list) {
    epochs.push_back(decode_epoch(item));
  }
  return epochs;
}

Json encode(const TrainReport& report) {
  Json settings = Json::object();
  for (const auto& [name, value] : report.settings) {
    settings[name] = value;
  }
  return {{"schema", kTrainSchema},
          {"status", report.status},
          {"model", report.model},
          {"data", report.data},
          {"method", report.method},
          {"architecture_dense", report.architecture_dense},
          {"architecture", report.architecture},
          {"parameters_dense", report.parameters_dense},
          {"parameters", report.parameters},
          {"reduction_percent", number(report.reduction_percent)},
          {"macs_dense", report.macs_dense},
          {"macs", report.macs},
          {"model_bytes_dense", report.model_bytes_dense},
          {"model_bytes", report.model_bytes},
          {"latency_dense_us", number(report.latency_dense_us)},
          {"latency_us", number(report.latency_us)},
          {"dense_test_error_percent", error_percent(report.dense_test_error_percent)},
          {"test_error_percent", error_percent(report.test_error_percent)},
          {"validation_error_percent", error_percent(report.validation_error_percent)},
          {"best_epoch", report.best_epoch},
          {"best_test_error_percent", error_percent(report.best_test_error_percent)},
          {"equality_max_difference", number(report.equality_max_difference)},
          {"memory",
           {{"seed_sum_bytes", report.memory.seed_sum_bytes},
            {"mean_epoch_bytes", number(report.memory.mean_epoch_bytes)},
            {"peak_rss_bytes", report.memory.peak_rss_bytes}}},
          {"seconds_training", number(report.seconds_training)},
          {"seconds_total", number(report.seconds_total)},
          {"threads", report.threads},
          {"device", report.device},
          {"blas", report.blas},
          {"libtorch", report.libtorch},
          {"marvel", report.marvel},
          {"settings", settings},
          {"epochs", encode(report.epochs)},
          {"model_path", report.model_path}};
}

void decode_sizes(const Json& json, TrainReport* report) {
  json.at("architecture_dense").get_to(report->architecture_dense);
  json.at("architecture").get_to(report->architecture);
  json.at("parameters_dense").get_to(report->parameters_dense);
  json.at("parameters").get_to(report->parameters);
  report->reduction_percent = read_number(json, "reduction_percent");
  json.at("macs_dense").get_to(report->macs_dense);
  json.at("macs").get_to(report->macs);
  json.at("model_bytes_dense").get_to(report->model_bytes_dense);
  json.at("model_bytes").get_to(report->model_bytes);
  report->latency_dense_us = read_number(json, "latency_dense_us");
  report->latency_us = read_number(json, "latency_us");
}

void decode_results(const Json& json, TrainReport* report) {
  report->dense_test_error_percent = read_error(json, "dense_test_error_percent");
  report->test_error_percent = read_error(json, "test_error_percent");
  report->validation_error_percent = read_error(json, "validation_error_percent");
  json.at("best_epoch").get_to(report->best_epoch);
  report->best_test_error_percent = read_error(json, "best_test_error_percent");
  report->equality_max_difference = read_number(json, "equality_max_difference");
  const Json& memory = json.at("memory");
  memory.at("seed_sum_bytes").get_to(report->memory.seed_sum_bytes);
  report->memory.mean_epoch_bytes = read_number(memory, "mean_epoch_bytes");
  memory.at("peak_rss_bytes").get_to(report->memory.peak_rss_bytes);
  report->seconds_training = read_number(json, "seconds_training");
  report->seconds_total = read_number(json, "seconds_total");
}

TrainReport decode_report(const Json& json) {
  TrainReport report;
  json.at("status").get_to(report.status);
  json.at("model").get_to(report.model);
  json.at("data").get_to(report.data);
  json.at("method").get_to(report.method);
  decode_sizes(json, &report);
  decode_results(json, &report);
  json.at("threads").get_to(report.threads);
  json.at("device").get_to(report.device);
  json.at("blas").get_to(report.blas);
  json.at("libtorch").get_to(report.libtorch);
  json.at("marvel").get_to(report.marvel);
  for (const auto& item : json.at("settings").items()) {
    report.settings.emplace_back(item.key(), item.value().get<std::string>());
  }
  report.epochs = decode_epochs(json.at("epochs"));
  json.at("model_path").get_to(report.model_path);
  return report;
}

tl::unexpected<Error> damaged(const std::exception& error) {
  return fail(Errc::kInput, fmt::format("the report is damaged: {}", error.what()));
}

constexpr int kIndent = 2;

}  // namespace

std::string to_json(const TrainReport& report) {
  return encode(report).dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const EvalReport& report) {
  const Json json = {{"schema", kEvalSchema},
                     {"model_path", report.model_path},
                     {"data", report.data},
                     {"samples", report.samples},
                     {"test_error_percent", error_percent(report.test_error_percent)},
                     {"latency_p50_us", number(report.latency_p50_us)},
                     {"latency_p95_us", number(report.latency_p95_us)},
                     {"architecture", report.architecture},
                     {"parameters", report.parameters},
                     {"macs", report.macs},
                     {"model_bytes", report.model_bytes}};
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

Result<TrainReport> train_report_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != kTrainSchema) {
      return fail(Errc::kInput, fmt::format("this is no {} document", kTrainSchema));
    }
    return decode_report(json);
  } catch (const Json::exception& error) {
    return damaged(error);
  }
}

std::string epochs_to_json(const std::vector<EpochRecord>& epochs) { return encode(epochs).dump(); }

Result<std::vector<EpochRecord>> epochs_from_json(const std::string& text) {
  try {
    return decode_epochs(Json::parse(text));
  } catch (const Json::exception& error) {
    return damaged(error);
  }
}

}  // namespace marvel::compress
