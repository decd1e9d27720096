#include "deploy/lint_rules.hpp"
#include "deploy/targets.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

// The labels and the spec of an object's pods; null values where it has none.
struct Pods {
  const Object* owner = nullptr;
  const Json* labels = nullptr;
  const Json* spec = nullptr;
};

std::vector<Pods> all_pods(const std::vector<Object>& objects) {
  std::vector<Pods> pods;
  for (const Object& object : objects) {
    if (auto path = pod_spec_path(object.kind())) {
      const Json& spec = at(object.body(), *path);
      path->back() = "metadata";
      path->emplace_back("labels");
      pods.push_back({&object, &at(object.body(), *path), &spec});
    }
  }
  return pods;
}

bool selects(const Json& selector, const Json& labels) {
  return std::all_of(selector.items().begin(), selector.items().end(), [&](const auto& entry) {
    return labels.is_object() && labels.contains(entry.key()) &&
           labels[entry.key()] == entry.value();
  });
}

std::string in_words(const Json& selector) {
  std::string text;
  for (const auto& [key, value] : selector.items()) {
    text += (text.empty() ? "" : ",") + key + "=" +
            (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

// --- selectors with matchLabels and matchExpressions ---

bool holds(const Json& expression, const Json& labels) {
  const Json& key = at(expression, {"key"});
  const Json& operation = at(expression, {"operator"});
  const Json& values = list_at(expression, {"values"});
  const Json& value = key.is_string() ? at(labels, {key.get<std::string>()}) : at(labels, {""});
  const bool listed = std::find(values.begin(), values.end(), value) != values.end();
  return operation == "In"             ? listed
         : operation == "NotIn"        ? !listed
         : operation == "Exists"       ? !value.is_null()
         : operation == "DoesNotExist" ? value.is_null()
                                       : true;  // the schema's business
}

bool meets(const Json& selector, const Json& labels) {
  const Json& expressions = list_at(selector, {"matchExpressions"});
  return selects(map_at(selector, {"matchLabels"}), labels) &&
         std::all_of(expressions.begin(), expressions.end(),
                     [&](const Json& each) { return holds(each, labels); });
}

// "app=web,tier in (a,b),!old", as kubectl writes it.
std::string expression_in_words(const Json& expression) {
  const std::string key = at(expression, {"key"}).is_string()
                              ? at(expression, {"key"}).get<std::string>()
                              : at(expression, {"key"}).dump();
  const Json& operation = at(expression, {"operator"});
  if (operation == "Exists" || operation == "DoesNotExist") {
    return (operation == "Exists" ? "" : "!") + key;
  }
  std::string values;
  for (const Json& value : list_at(expression, {"values"})) {
    values +=
        (values.empty() ? "" : ",") + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return key + (operation == "NotIn" ? " notin (" : " in (") + values + ")";
}

std::string selector_in_words(const Json& selector) {
  std::string text = in_words(map_at(selector, {"matchLabels"}));
  for (const Json& expression : list_at(selector, {"matchExpressions"})) {
    text += (text.empty() ? "" : ",") + expression_in_words(expression);
  }
  return text;
}

// --- workloads: the selector must find the pods that the template makes ---

void check_workload(const Object& object, std::vector<Finding>& findings) {
  const Json& selector = at(object.body(), {"spec", "selector"});
  const bool full =
      at(selector, {"matchLabels"}).is_object() || at(selector, {"matchExpressions"}).is_array();
  if (!pod_spec_path(object.kind()) || !full || object.kind() == "Job") {
    return;
  }
  if (!meets(selector, map_at(object.body(), {"spec", "template", "metadata", "labels"}))) {
    const char* part =
        at(selector, {"matchLabels"}).is_object() ? "matchLabels" : "matchExpressions";
    Reporter(object, findings)
        .add(Severity::kError, "selector-mismatch", {"spec", "selector", part},
             "the selector " + selector_in_words(selector) +
                 " does not match the template's own labels",
             "give spec.template.metadata.labels the same labels");
  }
}

// --- policies and budgets: the selector must find pods ---

void check_selected(const Object& object, const std::vector<Pods>& pods,
                    std::vector<Finding>& findings) {
  const bool policy = object.kind() == "NetworkPolicy";
  if (!policy && object.kind() != "PodDisruptionBudget") {
    return;
  }
  const Path path = {"spec", policy ? "podSelector" : "selector"};
  const Json& selector = at(object.body(), path);
  if (!selector.is_object() || selector.empty()) {
    return;  // all pods, whoever brings them
  }
  const bool found = std::any_of(pods.begin(), pods.end(), [&](const Pods& each) {
    return each.owner->space() == object.space() && meets(selector, *each.labels);
  });
  if (!found) {
    Reporter(object, findings)
        .add(Severity::kWarning, "selects-nothing", path,
             "no pod of these files has the labels " + selector_in_words(selector) + ", so the " +
                 object.kind() + " is about nothing",
             "use the labels of the pods' template");
  }
}

// --- autoscalers: what they scale must be there ---

void check_scale_target(const Object& scaler, const std::vector<Object>& objects,
                        std::vector<Finding>& findings) {
  const Json& target = at(scaler.body(), {"spec", "scaleTargetRef"});
  const Json& kind = at(target, {"kind"});
  const Json& name = at(target, {"name"});
  if (scaler.kind() != "HorizontalPodAutoscaler" || !kind.is_string() || !name.is_string()) {
    return;
  }
  const bool found = std::any_of(objects.begin(), objects.end(), [&](const Object& object) {
    return kind == object.kind() && name == object.name() && object.space() == scaler.space();
  });
  if (!found) {
    Reporter(scaler, findings)
        .add(Severity::kWarning, "no-such-target", {"spec", "scaleTargetRef"},
             "no " + kind.get<std::string>() + " " + name.get<std::string>() + " in these files",
             "name what is to be scaled, or add its file");
  }
}

// --- services: the selector must find pods, and their ports ---

bool has_port(const Pods& pods, const Json& target) {
  bool declared = false;
  for (const Json& container : list_at(*pods.spec, {"containers"})) {
    for (const Json& port : list_at(container, {"ports"})) {
      declared = true;
      if (at(port, {target.is_string() ? "name" : "containerPort"}) == target) {
        return true;
      }
    }
  }
  return !declared && !target.is_string();  // a container may listen where it does not say
}

void check_target_ports(const Object& service, const std::vector<Pods>& selected,
                        std::vector<Finding>& findings) {
  const Json& ports = list_at(service.body(), {"spec", "ports"});
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const bool named = ports[i].is_object() && ports[i].contains("targetPort");
    const Json& target = at(ports[i], {named ? "targetPort" : "port"});
    const bool found = std::any_of(selected.begin(), selected.end(),
                                   [&](const Pods& pods) { return has_port(pods, target); });
    if (!found && !target.is_null()) {
      Reporter(service, findings)
          .add(Severity::kWarning, "no-such-port",
               {"spec", "ports", std::to_string(i), named ? "targetPort" : "port"},
               "no container of " + selected[0].owner->label() + " has a port " + target.dump(),
               "name a containerPort of it, or add one there");
    }
  }
}

void check_service(const Object& service, const std::vector<Pods>& pods,
                   std::vector<Finding>& findings) {
  const Json& selector = at(service.body(), {"spec", "selector"});
  if (service.kind() != "Service" || !selector.is_object() || selector.empty()) {
    return;
  }
  std::vector<Pods> selected;
  std::copy_if(pods.begin(), pods.end(), std::back_inserter(selected), [&](const Pods& each) {
    return each.owner->space() == service.space() && selects(selector, *each.labels);
  });
  if (selected.empty()) {
    Reporter(service, findings)
        .add(Severity::kWarning, "no-endpoints", {"spec", "selector"},
             "no pod of these files has the labels " + in_words(selector) +
                 ", so the Service has no endpoints",
             "use the labels of the pods' template");
  } else {
    check_target_ports(service, selected, findings);
  }
}

// --- Ingresses: their Services must be there ---

const Object* find_service(const std::vector<Object>& objects, const Object& ingress,
                           const Json& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const Object& object) {
    return object.kind() == "Service" && object.space() == ingress.space() && name == object.name();
  });
  return found == objects.end() ? nullptr : &*found;
}

bool serves(const Object& service, const Json& port) {
  const Json& ports = list_at(service.body(), {"spec", "ports"});
  const Json& number = at(port, {"number"});
  return std::any_of(ports.begin(), ports.end(), [&](const Json& own) {
    return number.is_null() ? at(own, {"name"}) == at(port, {"name"}) : at(own, {"port"}) == number;
  });
}

void check_backend(const Object& ingress, const std::vector<Object>& objects, const Path& path,
                   std::vector<Finding>& findings) {
  const Json& backend = at(ingress.body(), path);
  const Json& name = at(backend, {"name"});
  if (!name.is_string()) {
    return;
  }
  const Object* service = find_service(objects, ingress, name);
  if (service == nullptr) {
    Reporter(ingress, findings)
        .add(Severity::kWarning, "no-such-service", path,
             "no Service " + name.get<std::string>() + " in these files", "add it, or its file");
  } else if (!serves(*service, at(backend, {"port"}))) {
    Reporter(ingress, findings)
        .add(Severity::kWarning, "no-such-port", path,
             service->label() + " has no port " + at(backend, {"port"}).dump(),
             "use a port of the Service");
  }
}

void check_ingress(const Object& ingress, const std::vector<Object>& objects,
                   std::vector<Finding>& findings) {
  if (ingress.kind() != "Ingress") {
    return;
  }
  check_backend(ingress, objects, {"spec", "defaultBackend", "service"}, findings);
  const Json& rules = list_at(ingress.body(), {"spec", "rules"});
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Json& paths = list_at(rules[i], {"http", "paths"});
    for (std::size_t j = 0; j < paths.size(); ++j) {
      check_backend(ingress, objects,
                    {"spec", "rules", std::to_string(i), "http", "paths", std::to_string(j),
                     "backend", "service"},
                    findings);
    }
  }
}

// --- the same object twice ---

void check_doubles(const std::vector<Object>& objects, std::vector<Finding>& findings) {
  std::map<std::string, const Object*> first;
  for (const Object& object : objects) {
    const auto [known, fresh] =
        first.try_emplace(object.api_version() + " " + object.label(), &object);
    if (!fresh && !object.name().empty()) {
      Reporter(object, findings)
          .add(Severity::kError, "double", {"metadata", "name"},
               object.label() + " stands here twice; the first is " +
                   describe(known->second->file(), known->second->position()),
               "give one of them another name");
    }
  }
}

}  // namespace

void lint_links(const std::vector<Object>& objects, std::vector<Finding>& findings) {
  const std::vector<Pods> pods = all_pods(objects);
  for (const Object& object : objects) {
    check_workload(object, findings);
    check_service(object, pods, findings);
    check_selected(object, pods, findings);
    check_scale_target(object, objects, findings);
    check_ingress(object, objects, findings);
  }
  check_doubles(objects, findings);
}

}  // namespace marvel::deploy
