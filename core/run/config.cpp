#include "core/run/config.h"

#include "core/base/field.h"
#include "core/run/config_document.h"
#include "core/stac/assets.h"

namespace fair::run {

Environment Environment::from(const std::function<std::optional<std::string>(const std::string&)>& look_up) {
  const auto value = [&](const std::string& name) {
    const std::optional<std::string> found = look_up(name);
    return found ? *found : std::string();
  };
  Environment environment;
  if (const std::string domain = value("FAIR_LABEL_DOMAIN"); !domain.empty()) environment.label_domain = domain;
  const std::string force = value("FAIR_FORCE_CPU");
  environment.force_cpu = force == "1" || force == "true" || force == "True" || force == "TRUE" || force == "yes";
  const auto overlay = [&](const std::string& workload, Resources& resources) {
    const auto choose = [&](const std::string& what, std::string& quantity) {
      const std::string own = value("FAIR_" + workload + "_" + what);
      const std::string shared = value("FAIR_K8S_" + what);
      if (!own.empty()) quantity = own;
      else if (!shared.empty()) quantity = shared;
    };
    choose("MEMORY_REQUEST", resources.memory_request);
    choose("MEMORY_LIMIT", resources.memory_limit);
    choose("CPU_REQUEST", resources.cpu_request);
    choose("CPU_LIMIT", resources.cpu_limit);
  };
  overlay("TRAINING", environment.training);
  overlay("INFERENCE", environment.inference);
  return environment;
}

Result<ConfigKind> kind_of(const Json& document, const std::string& thing) {
  const Json& parameters = member(document, "parameters");
  if (parameters.is_object() && parameters.contains("model_uri")) return ConfigKind::inference;
  if (parameters.is_object() && parameters.contains("base_model_weights")) return ConfigKind::training;
  return fail(Code::invalid, thing + "#/parameters", "base_model_weights (a training config) or model_uri (an inference config)", shown(parameters),
              "give a config that a run has kept: fair runs show RUN");
}

Json pod_settings(const stac::Item& item, const std::string& workload, const Resources& resources, const Environment& environment) {
  const std::string label = environment.label_domain + "/" + workload;
  Json settings{{"node_selectors", {{label, "true"}}},
                {"tolerations", Json::array({{{"key", label}, {"operator", "Equal"}, {"value", "true"}, {"effect", "NoSchedule"}}})}};
  const std::string accelerator = text_of(item.property("mlm:accelerator"));
  const Json& count = item.property("mlm:accelerator_count");
  const std::int64_t devices = count.is_number_integer() ? count.get<std::int64_t>() : 1;
  if (!environment.force_cpu && !accelerator.empty() && accelerator != "amd64" && accelerator != "cpu" && devices > 0) {
    const std::string number = std::to_string(devices);
    settings["resources"] = {{"requests", {{"nvidia.com/gpu", number}}}, {"limits", {{"nvidia.com/gpu", number}}}};
    return settings;
  }
  Json requests = Json::object();
  Json limits = Json::object();
  if (!resources.memory_request.empty()) requests["memory"] = resources.memory_request;
  if (!resources.cpu_request.empty()) requests["cpu"] = resources.cpu_request;
  if (!resources.memory_limit.empty()) limits["memory"] = resources.memory_limit;
  if (!resources.cpu_limit.empty()) limits["cpu"] = resources.cpu_limit;
  settings["resources"] = {{"requests", std::move(requests)}, {"limits", std::move(limits)}};
  return settings;
}

Json docker_settings(const std::string& image) { return {{"parent_image", image}, {"skip_build", true}}; }

Json pod_settings_of(const Json& step) {
  const Json& pod = member(member(member(step, "settings"), "orchestrator.kubernetes"), "pod_settings");
  return pod.is_object() ? pod : Json::object();
}

Result<std::string> href_parameter(const Json& parameters, const char* key, const std::string& thing) {
  const Json& value = member(parameters, key);
  if (value.is_string()) return value.get<std::string>();
  // Newer fAIr gives one href per named input; models here have one input.
  if (value.is_object() && value.size() == 1 && value.begin()->is_string()) return value.begin()->get<std::string>();
  return fail(Code::invalid, thing + "#/parameters/" + key, "a path or an address", shown(value), "correct the config");
}

Result<Json> object_parameter(const Json& parameters, const char* key, const std::string& thing) {
  const Json& value = member(parameters, key);
  if (value.is_null()) return Json::object();
  if (value.is_object()) return value;
  return fail(Code::invalid, thing + "#/parameters/" + key, "an object", value.type_name(), "correct the config");
}

Json extra_of(const Json& document) {
  const Json& extra = member(member(document, "extra"), "fair");
  return extra.is_object() ? extra : Json::object();
}

Result<> require_config(const Json& document, const std::string& thing, ConfigKind wanted) {
  if (!document.is_object()) return fail(Code::invalid, thing, "a run config", document.type_name(), "give a config that a run has kept");
  FAIR_TRY_ASSIGN(const ConfigKind kind, kind_of(document, thing));
  if (kind == wanted) return {};
  const bool training = wanted == ConfigKind::training;
  return fail(Code::invalid, thing, training ? "a training config" : "an inference config", training ? "an inference config" : "a training config",
              training ? "use it with fair predict" : "use it with fair finetune");
}

void put_or_drop(Json& object, const char* key, Json value, bool wanted) {
  if (wanted) object[key] = std::move(value);
  else if (object.is_object()) object.erase(key);
}

}  // namespace fair::run
