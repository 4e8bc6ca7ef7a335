#include "native/cluster/job_manifest.h"

#include <algorithm>
#include <cctype>

namespace fair::cluster {
namespace {

constexpr const char* index_annotation = "metadata.annotations['batch.kubernetes.io/job-completion-index']";

Json labels_of(const JobPlan& plan) {
  Json out{{"app.kubernetes.io/name", "fair-edge"}, {"app.kubernetes.io/component", plan.kind}};
  for (const auto& [key, value] : plan.labels) out[key] = value;
  return out;
}

Json variables_of(const JobPlan& plan) {
  Json out = Json::array();
  const auto add = [&](const std::string& name, const std::string& value) { out.push_back({{"name", name}, {"value", value}}); };
  const Json number{{"fieldRef", {{"fieldPath", index_annotation}}}};
  if (plan.together) {
    out.push_back({{"name", "RANK"}, {"valueFrom", number}});
    add("WORLD_SIZE", std::to_string(plan.pods));
    add("LOCAL_RANK", "0");
    add("MASTER_ADDR", plan.name + "-0." + plan.name);
    add("MASTER_PORT", std::to_string(rank_port));
  } else {
    out.push_back({{"name", "SHARD"}, {"valueFrom", number}});
    add("SHARDS", std::to_string(plan.pods));
  }
  for (const auto& [name, value] : plan.variables) add(name, value);
  return out;
}

Json owned(const JobPlan& plan, const char* kind, const Json& owner) {
  return {{"apiVersion", "v1"},
          {"kind", kind},
          {"metadata", {{"name", plan.name}, {"labels", labels_of(plan)}, {"ownerReferences", Json::array({owner})}}}};
}

}  // namespace

Json job_of(const JobPlan& plan) {
  Json container{{"name", "fair"},
                 {"image", plan.image},
                 {"command", plan.command},
                 {"env", variables_of(plan)},
                 // What a failed pod said is kept with it when the pod's log is gone.
                 {"terminationMessagePolicy", "FallbackToLogsOnError"},
                 {"volumeMounts",
                  Json::array({{{"name", "files"}, {"mountPath", "/etc/fair"}, {"readOnly", true}}, {{"name", "work"}, {"mountPath", "/work"}}})},
                 {"workingDir", "/work"}};
  if (!plan.secret.empty()) container["envFrom"] = Json::array({{{"secretRef", {{"name", plan.secret}}}}});
  const Json settings = plan.pod_settings.is_object() ? plan.pod_settings : Json::object();
  if (settings.contains("resources")) container["resources"] = settings["resources"];
  if (plan.together) container["ports"] = Json::array({{{"name", "ranks"}, {"containerPort", rank_port}}});
  Json pod{{"restartPolicy", "Never"},
           {"terminationGracePeriodSeconds", 120},  // a checkpoint is written and stored meanwhile
           {"securityContext", {{"runAsNonRoot", true}, {"runAsUser", 1000}, {"runAsGroup", 1000}, {"fsGroup", 1000}}},
           {"containers", Json::array({container})},
           {"volumes", Json::array({{{"name", "files"}, {"configMap", {{"name", plan.name}}}}, {{"name", "work"}, {"emptyDir", Json::object()}}})}};
  if (!plan.service_account.empty()) pod["serviceAccountName"] = plan.service_account;
  if (plan.together) pod["subdomain"] = plan.name;
  if (settings.contains("node_selectors")) pod["nodeSelector"] = settings["node_selectors"];
  if (settings.contains("tolerations")) pod["tolerations"] = settings["tolerations"];
  const Json evicted{{"action", "Ignore"}, {"onPodConditions", Json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}};
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", plan.name}, {"labels", labels_of(plan)}}},
          {"spec",
           {{"completionMode", "Indexed"},
            {"completions", plan.pods},
            {"parallelism", plan.pods},
            {"backoffLimitPerIndex", plan.retries},
            // One rank that cannot go on is the end of all; the other shards are worth having.
            {"maxFailedIndexes", plan.together ? 0 : plan.pods},
            {"podFailurePolicy", {{"rules", Json::array({evicted})}}},
            {"suspend", true},
            {"ttlSecondsAfterFinished", 7 * 24 * 3600},
            {"template", {{"metadata", {{"labels", labels_of(plan)}}}, {"spec", pod}}}}}};
}

Json service_of(const JobPlan& plan, const Json& owner) {
  Json out = owned(plan, "Service", owner);
  out["spec"] = {{"clusterIP", "None"},
                 {"publishNotReadyAddresses", true},
                 {"selector", {{"batch.kubernetes.io/job-name", plan.name}}},
                 {"ports", Json::array({{{"name", "ranks"}, {"port", rank_port}}})}};
  return out;
}

Json files_of(const JobPlan& plan, const Json& owner) {
  Json out = owned(plan, "ConfigMap", owner);
  out["data"] = plan.files;
  return out;
}

Json owner_reference(const Json& object) {
  return {{"apiVersion", object["apiVersion"]}, {"kind", object["kind"]}, {"name", object["metadata"]["name"]},
          {"uid", object["metadata"]["uid"]},   {"controller", true},     {"blockOwnerDeletion", true}};
}

std::string job_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 && u < 128) out += static_cast<char>(std::tolower(u));
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  if (out.empty() || std::isalpha(static_cast<unsigned char>(out.front())) == 0) out = "fair-" + out;
  out.resize(std::min<std::size_t>(out.size(), 52));
  while (out.back() == '-') out.pop_back();
  return out;
}

}  // namespace fair::cluster
