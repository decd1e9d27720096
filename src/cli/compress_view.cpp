#include "cli/compress_view.hpp"

#include "report/format.hpp"
#include "report/html.hpp"
#include "report/plot_svg.hpp"
#include "report/table.hpp"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::cli {
namespace {

using compress::EpochRecord;
using compress::TrainReport;
using report::LineChart;
using report::Series;

std::string widths(const std::vector<int>& units) {
  return fmt::format("{}", fmt::join(units, "-"));
}

// "2.6x smaller": how many times `after` fits into `before`.
std::string times(double before, double after, const char* word) {
  return before > 0 && after > 0 ? fmt::format("{:.1f}x {}", before / after, word) : "-";
}

std::string error_change(const TrainReport& report) {
  if (report.dense_test_error_percent < 0 || report.test_error_percent < 0) {
    return "-";
  }
  return fmt::format("{:+.2f} points", report.test_error_percent - report.dense_test_error_percent);
}

// Of one image; what makes the inputs of a network of wavelet coefficients is said apart.
std::string macs_text(std::uint64_t layers, std::uint64_t inputs) {
  return inputs == 0 ? report::count(layers)
                     : fmt::format("{} + {}", report::count(layers), report::count(inputs));
}

std::string fewer_macs(const TrainReport& report, const char* what) {
  return times(static_cast<double>(report.macs_dense + report.macs_inputs),
               static_cast<double>(report.macs + report.macs_inputs), what);
}

void add_size_rows(const TrainReport& report, report::Table* table) {
  table->row({"parameters", report::count(report.parameters_dense),
              report::count(report.parameters),
              report::change(static_cast<double>(report.parameters_dense),
                             static_cast<double>(report.parameters))});
  table->row({"MACs", macs_text(report.macs_dense, report.macs_inputs),
              macs_text(report.macs, report.macs_inputs), fewer_macs(report, "fewer")});
}

void add_file_rows(const TrainReport& report, report::Table* table) {
  if (report.model_bytes == 0) {
    return;  // interrupted: there is no model yet
  }
  const auto dense = static_cast<double>(report.model_bytes_dense);
  const auto small = static_cast<double>(report.model_bytes);
  table->row(
      {"model file", report::bytes(dense), report::bytes(small), times(dense, small, "smaller")});
  table->row({"latency, one image", report::microseconds(report.latency_dense_us),
              report::microseconds(report.latency_us),
              times(report.latency_dense_us, report.latency_us, "faster")});
}

std::string where_the_files_are(const TrainReport& report) {
  const std::filesystem::path model(report.model_path);
  return fmt::format("\nmodel   {}\nreport  {}\n", model.string(),
                     (model.parent_path() / "report.html").string());
}

template <class Value>
Series series(const TrainReport& report, std::string name, const Value& value) {
  Series line{std::move(name), {}};
  for (const EpochRecord& epoch : report.epochs) {
    line.y.push_back(value(epoch));
  }
  return line;
}

// "Not measured" is a gap in a chart.
double gap(double error) {
  return error < 0 ? std::nan("") : error;
}

LineChart chart_over_epochs(const TrainReport& report, std::string title, std::string unit) {
  LineChart chart;
  chart.title = std::move(title);
  chart.x_label = "epoch";
  chart.y_label = std::move(unit);
  std::string phase;
  for (const EpochRecord& epoch : report.epochs) {
    if (epoch.phase != phase) {
      phase = epoch.phase;
      chart.markers.push_back({static_cast<double>(epoch.epoch), phase});
    }
  }
  return chart;
}

std::string error_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Error", "wrong answers, %");
  chart.log_y = true;
  chart.series = {
      series(report, "training", [](const auto& e) { return gap(e.train_error_percent); }),
      series(report, "validation", [](const auto& e) { return gap(e.validation_error_percent); }),
      series(report, "test", [](const auto& e) { return gap(e.test_error_percent); })};
  return line_chart_svg(chart);
}

std::string units_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Units that are left", "units");
  chart.log_y = true;
  for (std::size_t l = 0; l < report.architecture_dense.size(); ++l) {
    const auto name =
        l == 0 ? std::string("inputs")
               : (l + 1 == report.architecture_dense.size() ? std::string("outputs")
                                                            : fmt::format("hidden {}", l));
    chart.series.push_back(series(report, name, [l](const auto& e) {
      return l < e.units.size() ? static_cast<double>(e.units[l]) : std::nan("");
    }));
  }
  return line_chart_svg(chart);
}

constexpr double kKiB = 1024;

std::string parameters_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Parameters", "weights and biases");
  chart.series = {series(report, "parameters",
                         [](const auto& e) { return static_cast<double>(e.parameters); })};
  return line_chart_svg(chart);
}

std::string batch_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Mini-batch", "samples");
  chart.series = {series(report, "batch size",
                         [](const auto& e) { return static_cast<double>(e.batch_size); })};
  return line_chart_svg(chart);
}

std::string memory_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Memory, model and batch", "KiB");
  chart.series = {series(report, "model and batch",
                         [](const auto& e) { return static_cast<double>(e.memory_bytes) / kKiB; }),
                  series(report, "model alone", [](const auto& e) {
                    return static_cast<double>(e.parameters) * sizeof(float) / kKiB;
                  })};
  return line_chart_svg(chart);
}

std::string time_chart(const TrainReport& report) {
  auto chart = chart_over_epochs(report, "Time per epoch", "seconds");
  chart.series = {series(report, "training", [](const auto& e) { return e.seconds; })};
  return line_chart_svg(chart);
}

void add_cards(const TrainReport& report, report::HtmlReport* page) {
  page->cards({{"test error, final epoch", report::percent(report.test_error_percent)},
               {"test error, dense", report::percent(report.dense_test_error_percent)},
               {"parameters", report::count(report.parameters)},
               {"fewer parameters", fmt::format("{:.1f} %", report.reduction_percent)},
               {"fewer MACs", fewer_macs(report, "")},
               {"latency, one image", report::microseconds(report.latency_us)},
               {"training", report::duration(report.seconds_training)},
               {"memory, mean per epoch", report::bytes(report.memory.mean_epoch_bytes)}});
}

void add_charts(const TrainReport& report, report::HtmlReport* page) {
  page->heading("The run");
  page->figure(error_chart(report),
               "Error after each epoch, on a logarithmic scale. Validation "
               "and test are measured with averaged weights.");
  page->figure(units_chart(report), "Units per layer. What leaves never comes back.");
  page->figure(parameters_chart(report), "Weights and biases of the network as it stands.");
  page->figure(batch_chart(report), "Samples per step at the end of each epoch.");
  page->figure(memory_chart(report),
               "Parameters and one mini-batch of inputs, the metric of MARVEL D3.2.");
  page->figure(time_chart(report), "Training alone, without measurements.");
}

void add_tables(const TrainReport& report, report::HtmlReport* page) {
  page->heading("Dense and compressed");
  page->table(
      {"", "dense", "compressed"},
      {{"layers", widths(report.architecture_dense), widths(report.architecture)},
       {"parameters", report::count(report.parameters_dense), report::count(report.parameters)},
       {"MACs", macs_text(report.macs_dense, report.macs_inputs),
        macs_text(report.macs, report.macs_inputs)},
       {"model file", report::bytes(static_cast<double>(report.model_bytes_dense)),
        report::bytes(static_cast<double>(report.model_bytes))},
       {"latency, one image", report::microseconds(report.latency_dense_us),
        report::microseconds(report.latency_us)},
       {"test error", report::percent(report.dense_test_error_percent),
        report::percent(report.test_error_percent)}});
  page->heading("Memory");
  page->table({"figure", "value"},
              {{"sum over epochs of model and batch",
                report::bytes(static_cast<double>(report.memory.seed_sum_bytes))},
               {"mean per epoch", report::bytes(report.memory.mean_epoch_bytes)},
               {"peak resident memory of the process",
                report::bytes(static_cast<double>(report.memory.peak_rss_bytes))}});
  page->heading("Settings in force");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : report.settings) {
    rows.push_back({name, value});
  }
  rows.push_back({"largest difference, masked and shrunk network",
                  fmt::format("{:.2g}", report.equality_max_difference)});
  rows.push_back({"BLAS", report.blas});
  rows.push_back({"LibTorch", report.libtorch});
  rows.push_back({"marvel", report.marvel});
  page->table({"name", "value"}, rows);
}

}  // namespace

std::string train_table(const TrainReport& report) {
  report::Table table({"", "dense", "compressed", "change"});
  table.row({"layers", widths(report.architecture_dense), widths(report.architecture), ""});
  table.row({"test error", report::percent(report.dense_test_error_percent),
             report::percent(report.test_error_percent), error_change(report)});
  add_size_rows(report, &table);
  add_file_rows(report, &table);
  std::string text = table.text();
  if (report.model_bytes > 0) {
    text += fmt::format("masked and shrunk network differ by at most {:.2g}\n",
                        report.equality_max_difference);
  }
  text += fmt::format(
      "trained {} in {}, {} in all\n",
      report.epochs.size() == 1 ? "1 epoch" : fmt::format("{} epochs", report.epochs.size()),
      report::duration(report.seconds_training), report::duration(report.seconds_total));
  return report.model_path.empty() ? text : text + where_the_files_are(report);
}

std::string train_html(const TrainReport& report) {
  report::HtmlReport page(fmt::format("{} on {}", report.method, report.data));
  page.lead(fmt::format("{} {} became {}; {} after {} epochs, seed and settings below.",
                        report.model, widths(report.architecture_dense),
                        widths(report.architecture), report.status, report.epochs.size()));
  add_cards(report, &page);
  add_charts(report, &page);
  add_tables(report, &page);
  page.embed_json("report", to_json(report));
  return page.text();
}

std::string eval_table(const compress::EvalReport& report) {
  report::Table table({"", report.data});
  table.row({"test error", report::percent(report.test_error_percent)});
  table.row({"test images", report::count(report.samples)});
  table.row({"layers", widths(report.architecture)});
  table.row({"parameters", report::count(report.parameters)});
  table.row({"MACs", macs_text(report.macs, report.macs_inputs)});
  table.row({"model file", report::bytes(static_cast<double>(report.model_bytes))});
  table.row({"latency p50, one image", report::microseconds(report.latency_p50_us)});
  table.row({"latency p95", report::microseconds(report.latency_p95_us)});
  return table.text();
}

}  // namespace marvel::cli
