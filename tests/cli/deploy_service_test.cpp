#include "cli/deploy_service.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {

TEST_CASE("the id of a template fits into a label, whatever its file is called") {
  struct Case {
    std::string file;
    std::string title;
    std::string id;
  };
  const std::string forty(40, 'a');
  for (const Case& one : std::vector<Case>{
           {"dir/kafka.template.yaml", "Kafka Broker", "kafka"},
           {"My_App.yaml", "", "my-app"},
           {"_x-.yaml", "", "x"},
           {"<stdin>", "Kafka Broker", "kafka-broker"},
           {"<stdin>", "", ""},
           {"__.yaml", "Web", "web"},
           {forty + "bcd.yaml", "", forty},
           {forty.substr(1) + "-b.yaml", "", forty.substr(1)},
       }) {
    CAPTURE(one.file);
    CHECK(template_id(one.file, one.title) == one.id);
  }
}

}  // namespace marvel::cli
