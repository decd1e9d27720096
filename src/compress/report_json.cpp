// Reports as JSON. Each document's keys stand once, in a function that visits them in order; a
// Writer turns the visit into JSON and a Reader takes JSON apart by it, so the two cannot drift.
// docs/formats/compress-report.md explains every key.
#include "base/error.hpp"
#include "compress/report.hpp"

#include <cmath>
#include <exception>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kTrainSchema = "marvel.compress.report/1";
constexpr std::string_view kEvalSchema = "marvel.compress.eval/1";
constexpr int kIndent = 2;

// What a Reader throws; it never leaves this file.
struct Damage {
  std::string what;
};

// --- the documents ---

template <class Visitor, class Epoch>
void visit_epoch(Visitor& visit, Epoch& epoch) {
  visit("epoch", epoch.epoch);
  visit("phase", epoch.phase);
  visit("loss", epoch.loss);
  visit("regularizer", epoch.regularizer);
  visit.error_percent("train_error_percent", epoch.train_error_percent);
  visit.error_percent("validation_error_percent", epoch.validation_error_percent);
  visit.error_percent("test_error_percent", epoch.test_error_percent);
  visit("batch_size", epoch.batch_size);
  visit("units", epoch.units);
  visit("parameters", epoch.parameters);
  visit("macs", epoch.macs);
  visit("memory_bytes", epoch.memory_bytes);
  visit("variance_ratio", epoch.variance_ratio);
  visit("seconds", epoch.seconds);
}

template <class Visitor, class Memory>
void visit_memory(Visitor& visit, Memory& memory) {
  visit("seed_sum_bytes", memory.seed_sum_bytes);
  visit("mean_epoch_bytes", memory.mean_epoch_bytes);
  visit("peak_rss_bytes", memory.peak_rss_bytes);
}

template <class Visitor, class Report>
void visit_sizes(Visitor& visit, Report& report) {
  visit("architecture_dense", report.architecture_dense);
  visit("architecture", report.architecture);
  visit("parameters_dense", report.parameters_dense);
  visit("parameters", report.parameters);
  visit("reduction_percent", report.reduction_percent);
  visit("macs_dense", report.macs_dense);
  visit("macs", report.macs);
  visit("macs_inputs", report.macs_inputs);
  visit("model_bytes_dense", report.model_bytes_dense);
  visit("model_bytes", report.model_bytes);
}

template <class Visitor, class Report>
void visit_measurements(Visitor& visit, Report& report) {
  visit("latency_dense_us", report.latency_dense_us);
  visit("latency_us", report.latency_us);
  visit.error_percent("dense_test_error_percent", report.dense_test_error_percent);
  visit.error_percent("test_error_percent", report.test_error_percent);
  visit.error_percent("validation_error_percent", report.validation_error_percent);
  visit("best_epoch", report.best_epoch);
  visit.error_percent("best_test_error_percent", report.best_test_error_percent);
  visit("equality_max_difference", report.equality_max_difference);
}

template <class Visitor, class Report>
void visit_report(Visitor& visit, Report& report) {
  visit.schema(kTrainSchema);
  visit("status", report.status);
  visit("model", report.model);
  visit("data", report.data);
  visit("method", report.method);
  visit_sizes(visit, report);
  visit_measurements(visit, report);
  visit.object("memory", [&](auto& inner) { visit_memory(inner, report.memory); });
  visit("seconds_training", report.seconds_training);
  visit("seconds_total", report.seconds_total);
  visit("threads", report.threads);
  visit("device", report.device);
  visit("blas", report.blas);
  visit("libtorch", report.libtorch);
  visit("marvel", report.marvel);
  visit("settings", report.settings);
  visit("epochs", report.epochs);
  visit("model_path", report.model_path);
}

template <class Visitor, class Report>
void visit_eval(Visitor& visit, Report& report) {
  visit.schema(kEvalSchema);
  visit("model_path", report.model_path);
  visit("data", report.data);
  visit("samples", report.samples);
  visit.error_percent("test_error_percent", report.test_error_percent);
  visit("latency_p50_us", report.latency_p50_us);
  visit("latency_p95_us", report.latency_p95_us);
  visit("architecture", report.architecture);
  visit("parameters", report.parameters);
  visit("macs", report.macs);
  visit("macs_inputs", report.macs_inputs);
  visit("model_bytes", report.model_bytes);
}

// --- writing ---

class Writer {
 public:
  [[nodiscard]] const Json& json() const { return json_; }

  template <class Value>
  void operator()(const char* key, const Value& value) {
    json_[key] = encode(value);
  }
  // An error below zero was not measured.
  void error_percent(const char* key, double value) {
    json_[key] = value < 0 ? Json(nullptr) : encode(value);
  }
  void schema(std::string_view name) { json_["schema"] = name; }
  template <class Visit>
  void object(const char* key, const Visit& visit) {
    Writer inner;
    visit(inner);
    json_[key] = inner.json();
  }

  template <class Value>
  static Json encode(const Value& value) {
    return value;
  }
  // JSON has neither NaN nor infinities.
  static Json encode(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
  static Json encode(const Settings& settings) {
    Json json = Json::object();
    for (const auto& [name, value] : settings) {
      json[name] = value;
    }
    return json;
  }
  static Json encode(const std::vector<EpochRecord>& epochs) {
    Json json = Json::array();
    for (const EpochRecord& epoch : epochs) {
      Writer inner;
      visit_epoch(inner, epoch);
      json.push_back(inner.json());
    }
    return json;
  }

 private:
  Json json_ = Json::object();
};

// Bytes that are no UTF-8, as in an odd file name, become U+FFFD.
std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// --- reading ---

class Reader {
 public:
  // `path` names `json` in messages: "" for the document, "epochs[3]." for a part.
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json.is_object()) {
      const std::string what = path_.empty() ? "the document" : path_.substr(0, path_.size() - 1);
      throw Damage{fmt::format("{} is not an object", what)};
    }
  }

  template <class Value>
  void operator()(const char* key, Value& value) {
    decode(member(key), path_ + key, &value);
  }
  void error_percent(const char* key, double& value) {
    const Json& json = member(key);
    decode(json, path_ + key, &value);
    value = json.is_null() ? -1 : value;
    if (!json.is_null() && value < 0) {
      throw Damage{path_ + key + " is below 0"};
    }
  }
  void schema(std::string_view expected) {
    std::string name;
    (*this)("schema", name);
    if (name != expected) {
      throw Damage{fmt::format("schema is '{}', not '{}'", name, expected)};
    }
  }
  template <class Visit>
  void object(const char* key, const Visit& visit) {
    Reader inner(member(key), path_ + key + ".");
    visit(inner);
  }

  static void decode(const Json& json, const std::string& path, std::string* value);
  static void decode(const Json& json, const std::string& path, int* value);
  static void decode(const Json& json, const std::string& path, std::uint64_t* value);
  static void decode(const Json& json, const std::string& path, double* value);
  static void decode(const Json& json, const std::string& path, std::vector<int>* value);
  static void decode(const Json& json, const std::string& path, Settings* value);
  static void decode(const Json& json, const std::string& path, std::vector<EpochRecord>* value);

 private:
  const Json& member(const char* key) {
    const auto found = json_.find(key);
    if (found == json_.end()) {
      throw Damage{path_ + key + " is missing"};
    }
    return *found;
  }

  const Json& json_;
  std::string path_;
};

void expect(bool right, const std::string& path, const char* what) {
  if (!right) {
    throw Damage{path + " is not " + what};
  }
}

void Reader::decode(const Json& json, const std::string& path, std::string* value) {
  expect(json.is_string(), path, "a string");
  *value = json.get_ref<const std::string&>();
}

void Reader::decode(const Json& json, const std::string& path, std::uint64_t* value) {
  const bool whole =
      json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0);
  expect(whole, path, "a whole number of at least 0");
  *value = json.get<std::uint64_t>();
}

void Reader::decode(const Json& json, const std::string& path, int* value) {
  std::uint64_t wide = 0;
  decode(json, path, &wide);
  expect(wide <= std::uint64_t{std::numeric_limits<int>::max()}, path, "a number of 31 bits");
  *value = static_cast<int>(wide);
}

void Reader::decode(const Json& json, const std::string& path, double* value) {
  expect(json.is_number() || json.is_null(), path, "a number or null");
  *value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

void Reader::decode(const Json& json, const std::string& path, std::vector<int>* value) {
  expect(json.is_array(), path, "a list");
  value->clear();
  for (const Json& item : json) {
    int number = 0;
    decode(item, fmt::format("{}[{}]", path, value->size()), &number);
    value->push_back(number);
  }
}

void Reader::decode(const Json& json, const std::string& path, Settings* value) {
  expect(json.is_object(), path, "an object");
  value->clear();
  for (const auto& item : json.items()) {
    std::string text;
    decode(item.value(), path + "." + item.key(), &text);
    value->emplace_back(item.key(), std::move(text));
  }
}

void Reader::decode(const Json& json, const std::string& path, std::vector<EpochRecord>* value) {
  expect(json.is_array(), path, "a list");
  value->clear();
  for (const Json& item : json) {
    Reader inner(item, fmt::format("{}[{}].", path, value->size()));
    visit_epoch(inner, value->emplace_back());
  }
}

// Where exceptions end: nlohmann's, ours, and those of memory that a hostile file asks for.
template <class Read>
auto guarded(const char* what, const std::string& text, const Read& read)
    -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(text));
  } catch (const Damage& damage) {
    return fail(Errc::kInput, fmt::format("{} is damaged: {}", what, damage.what));
  } catch (const Json::parse_error& error) {
    return fail(Errc::kInput, fmt::format("{} is no JSON from byte {} on", what, error.byte));
  } catch (const std::exception& error) {
    return fail(Errc::kInput, fmt::format("{} cannot be read: {}", what, error.what()));
  }
}

template <class Report>
std::string document(const Report& report, void (*visit)(Writer&, const Report&)) {
  Writer writer;  // NOLINT(misc-const-correctness): the visit writes into it
  visit(writer, report);
  return text_of(writer.json(), kIndent);
}

}  // namespace

std::string to_json(const TrainReport& report) {
  return document<TrainReport>(report, visit_report<Writer, const TrainReport>);
}

std::string to_json(const EvalReport& report) {
  return document<EvalReport>(report, visit_eval<Writer, const EvalReport>);
}

Result<TrainReport> train_report_from_json(const std::string& text) {
  return guarded("the report", text, [](const Json& json) {
    TrainReport report;
    Reader reader(json, "");
    visit_report(reader, report);
    return report;
  });
}

std::string epochs_to_json(const std::vector<EpochRecord>& epochs) {
  return text_of(Writer::encode(epochs), -1);
}

Result<std::vector<EpochRecord>> epochs_from_json(const std::string& text) {
  return guarded("the epoch history", text, [](const Json& json) {
    std::vector<EpochRecord> epochs;
    Reader::decode(json, "epochs", &epochs);
    return epochs;
  });
}

}  // namespace marvel::compress
