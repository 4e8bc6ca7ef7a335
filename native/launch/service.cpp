#include "native/launch/service.h"

#include <algorithm>
#include <cctype>

#include "core/stac/assets.h"

namespace fair::launch {
namespace {

constexpr int port = 8080;

Json container(const std::string& image, const run::Resources& resources) {
  Json wanted = Json::object();
  for (const auto& [part, memory, cpu] :
       {std::tuple{"requests", resources.memory_request, resources.cpu_request}, std::tuple{"limits", resources.memory_limit, resources.cpu_limit}}) {
    if (!memory.empty()) wanted[part]["memory"] = memory;
    if (!cpu.empty()) wanted[part]["cpu"] = cpu;
  }
  return {{"name", "serve"},
          {"image", image},
          {"args", {"serve", "--port", std::to_string(port), "--host", "0.0.0.0", "--cors", "*"}},  // fAIr's front end asks from another origin
          {"ports", Json::array({{{"containerPort", port}}})},
          {"envFrom", Json::array({{{"secretRef", {{"name", "s3-credentials"}, {"optional", true}}}}})},
          {"readinessProbe", {{"httpGet", {{"path", "/health"}, {"port", port}}}}},
          {"securityContext", {{"runAsNonRoot", true}, {"allowPrivilegeEscalation", false}}},
          {"resources", wanted}};
}

}  // namespace

Result<std::string> service_name(const stac::Item& item) {
  std::string name = item.text("mlm:name");
  for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool label = !name.empty() && name.size() <= 63 && std::isalpha(static_cast<unsigned char>(name.front())) != 0 && name.back() != '-' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
  if (label) return name;
  return fail(Code::invalid, item.id() + "#/properties/mlm:name",
              "at most 63 letters, digits, '-' and '_', a letter first, for the name of its service", item.text("mlm:name"), "rename the model");
}

Result<> set_endpoint(stac::Item& item, const std::string& base) {
  if (base.rfind("http://", 0) != 0 && base.rfind("https://", 0) != 0)
    return fail(Code::usage, "address of the services", "http:// or https://", base, "give the address of the gateway before them");
  FAIR_TRY_ASSIGN(const std::string name, service_name(item));
  std::string root = base;
  while (root.back() == '/') root.pop_back();
  item.json()["assets"]["mlm:inference-endpoint"] = {{"href", root + "/" + name + "/predict"},
                                                     {"type", "application/json"},
                                                     {"title", "Predictions: POST {model_uri, image_uri, bbox, zoom, params}"},
                                                     {"roles", Json::array({"mlm:inference-endpoint"})}};
  return {};
}

Result<std::vector<Json>> service_manifest(const stac::Item& item, ServiceKind kind, const std::string& name_space,
                                           const run::Environment& environment) {
  FAIR_TRY_ASSIGN(const std::string name, service_name(item));
  const std::string image = stac::image_of(item, stac::Part::inference_runtime);
  if (image.empty())
    return fail(Code::invalid, item.id() + "#/assets/mlm:inference", "an OCI image, which the service runs", "none",
                "name one with --inference-image (fair image push tells it)");
  const Json labels{{"app.kubernetes.io/name", name}, {"app.kubernetes.io/managed-by", "fair"}};
  const Json metadata{{"name", name}, {"namespace", name_space}, {"labels", labels}};
  const Json containers = Json::array({container(image, environment.inference)});
  if (kind == ServiceKind::knative) {
    const Json scale{{"autoscaling.knative.dev/min-scale", "0"}, {"autoscaling.knative.dev/max-scale", "5"}};
    return std::vector<Json>{{{"apiVersion", "serving.knative.dev/v1"},
                              {"kind", "Service"},
                              {"metadata", metadata},
                              {"spec", {{"template", {{"metadata", {{"annotations", scale}}}, {"spec", {{"containers", containers}}}}}}}}};
  }
  const Json selector{{"app.kubernetes.io/name", name}};
  return std::vector<Json>{{{"apiVersion", "apps/v1"},
                            {"kind", "Deployment"},
                            {"metadata", metadata},
                            {"spec",
                             {{"replicas", 1},
                              {"selector", {{"matchLabels", selector}}},
                              {"template", {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", containers}}}}}}}},
                           {{"apiVersion", "v1"},
                            {"kind", "Service"},
                            {"metadata", metadata},
                            {"spec", {{"selector", selector}, {"ports", Json::array({{{"port", 80}, {"targetPort", port}}})}}}}};
}

}  // namespace fair::launch
