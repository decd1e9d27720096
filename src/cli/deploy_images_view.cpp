#include "cli/deploy_images_view.hpp"

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "report/format.hpp"
#include "report/table.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using deploy::images::CheckRow;
using deploy::images::CheckState;
using Document = nlohmann::ordered_json;

// Texts come from outside and need not be UTF-8.
std::string dump(const Document& document) {
  return document.dump(-1, ' ', false, Document::error_handler_t::replace);
}

// Control characters of what a registry says must not reach a terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 32 || letter == 127; }, '?');
  return text;
}

// "sha256:0123456789ab"
std::string short_digest(const std::string& digest) {
  return digest.substr(0, 19);
}

void line(std::string& text, const std::string& name, const std::string& value) {
  if (!value.empty()) {
    text +=
        name + std::string(name.size() < 13 ? 13 - name.size() : 1, ' ') + printable(value) + "\n";
  }
}

Document image_document(const deploy::images::ImageDetails& image) {
  const auto& config = image.config;
  Document labels = Document::object();
  for (const auto& [key, value] : config.labels) {
    labels[key] = value;
  }
  Document layers = Document::array();
  for (const auto& layer : image.layers) {
    layers.push_back(Document{
        {"digest", layer.digest}, {"media_type", layer.media_type}, {"size_bytes", layer.size}});
  }
  return Document{{"digest", image.digest},
                  {"platform", config.platform.text()},
                  {"size_bytes", image.size},
                  {"created", config.created},
                  {"user", config.user},
                  {"working_dir", config.working_dir},
                  {"entrypoint", config.entrypoint},
                  {"command", config.command},
                  {"environment", config.environment},
                  {"ports", config.ports},
                  {"labels", labels},
                  {"layers", layers}};
}

std::string image_text(const deploy::images::ImageDetails& image) {
  const auto& config = image.config;
  std::string text = "\n" + printable(config.platform.text()) + "\n";
  line(text, "  digest", image.digest);
  line(text, "  size",
       report::bytes(static_cast<double>(image.size)) + " in " +
           std::to_string(image.layers.size()) + " layers");
  line(text, "  created", config.created);
  line(text, "  user", config.user);
  line(text, "  folder", config.working_dir);
  line(text, "  entrypoint", join(config.entrypoint, " "));
  line(text, "  command", join(config.command, " "));
  line(text, "  ports", join(config.ports, ", "));
  for (const auto& variable : config.environment) {
    line(text, "  env", variable);
  }
  for (const auto& [key, value] : config.labels) {
    line(text, "  label", key + "=" + value);
  }
  for (const auto& layer : image.layers) {
    line(text, "  layer", layer.digest + "  " + report::bytes(static_cast<double>(layer.size)));
  }
  return text;
}

// Platforms that the index names and the registry does not have.
std::vector<std::string> absent_platforms(const deploy::images::Inspection& inspection) {
  std::vector<std::string> names;
  for (const auto& entry : inspection.absent) {
    names.push_back(entry.platform ? entry.platform->text() : entry.digest);
  }
  return names;
}

int check_exit_code(const std::vector<CheckRow>& rows) {
  int code = kExitDone;
  for (const auto& row : rows) {
    if (row.state == CheckState::kUnknown) {
      code = code == kExitDone ? kExitOutside : code;
    } else if (row.state != CheckState::kGood) {
      code = kExitNo;
    }
  }
  return code;
}

}  // namespace

Answer images_list_answer(const std::string& registry,
                          const std::vector<deploy::images::TagRow>& rows) {
  report::Table table({"image", "size", "digest", "platforms"});
  Document images = Document::array();
  for (const auto& row : rows) {
    Document image{{"repository", row.repository},
                   {"tag", row.tag},
                   {"digest", row.digest},
                   {"size_bytes", row.size},
                   {"platforms", row.platforms}};
    if (!row.problem.empty()) {
      image["problem"] = row.problem;
    }
    images.push_back(std::move(image));
    const bool good = row.problem.empty();
    table.row({printable(row.repository + ":" + row.tag),
               good ? report::bytes(static_cast<double>(row.size)) : "-",
               good ? printable(short_digest(row.digest)) : "-",
               printable(good ? join(row.platforms, ", ") : row.problem)});
  }
  Answer answer;
  answer.text = rows.empty() ? "no images\n" : table.text();
  answer.json =
      dump({{"schema", "marvel.deploy.images.list/1"}, {"registry", registry}, {"images", images}});
  return answer;
}

Answer images_inspect_answer(const std::string& image,
                             const deploy::images::Inspection& inspection) {
  Answer answer;
  line(answer.text, "image", image);
  line(answer.text, "digest", inspection.digest);
  line(answer.text, "type", inspection.media_type);
  const auto absent = absent_platforms(inspection);
  line(answer.text, "absent", join(absent, ", "));
  Document images = Document::array();
  for (const auto& details : inspection.images) {
    answer.text += image_text(details);
    images.push_back(image_document(details));
  }
  answer.json = dump({{"schema", "marvel.deploy.images.inspect/1"},
                      {"image", image},
                      {"digest", inspection.digest},
                      {"media_type", inspection.media_type},
                      {"images", images},
                      {"absent", absent}});
  return answer;
}

Answer images_push_answer(const std::string& image, const deploy::images::PushReport& report) {
  Answer answer;
  answer.text = image + "  " + report.digest + "\n";
  if (report.unchanged) {
    answer.text += "unchanged\n";
  } else {
    answer.text += std::to_string(report.uploaded) + " blobs sent (" +
                   report::bytes(static_cast<double>(report.bytes)) + "), " +
                   std::to_string(report.there) + " were there, " + std::to_string(report.mounted) +
                   " taken from other repositories\n";
  }
  answer.json = dump(
      {{"schema", "marvel.deploy.images.push/1"},
       {"image", image},
       {"digest", report.digest},
       {"unchanged", report.unchanged},
       {"blobs", {{"sent", report.uploaded}, {"there", report.there}, {"mounted", report.mounted}}},
       {"sent_bytes", report.bytes}});
  return answer;
}

Answer images_remove_answer(const std::string& repository, const deploy::images::Removal& removal,
                            bool done) {
  Answer answer;
  answer.text = std::string(done ? "deleted " : "would delete ") + repository + "@" +
                printable(removal.digest) + "\n";
  for (const auto& tag : removal.tags) {
    answer.text += "  tag " + printable(tag) + "\n";
  }
  if (done) {
    answer.notice = "The registry frees the space when its operator runs its garbage collection.";
  }
  answer.json = dump({{"schema", "marvel.deploy.images.delete/1"},
                      {"repository", repository},
                      {"digest", removal.digest},
                      {"tags", removal.tags},
                      {"deleted", done}});
  return answer;
}

Answer images_check_answer(const std::vector<CheckRow>& rows) {
  report::Table table({"image", "state", "place", "note"});
  Document images = Document::array();
  for (const auto& row : rows) {
    const std::string state = check_state_name(row.state);
    table.row({printable(row.use.image), state, row.use.place, printable(row.note)});
    images.push_back(Document{{"image", row.use.image},
                              {"place", row.use.place},
                              {"state", state},
                              {"digest", row.digest},
                              {"platforms", row.platforms},
                              {"note", row.note}});
  }
  Answer answer;
  answer.text = rows.empty() ? "no images\n" : table.text();
  answer.json = dump({{"schema", "marvel.deploy.images.check/1"}, {"images", images}});
  answer.exit_code = check_exit_code(rows);
  return answer;
}

}  // namespace marvel::cli
