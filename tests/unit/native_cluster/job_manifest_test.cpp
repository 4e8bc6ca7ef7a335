#include "native/cluster/job_manifest.h"

#include <gtest/gtest.h>

namespace {

using namespace fair;
using namespace fair::cluster;

JobPlan plan() {
  JobPlan out;
  out.name = "fair-run";
  out.kind = "train";
  out.image = "registry.example.org/train:1";
  out.command = {"fair", "jobs", "run", "jobs/fair-run"};
  out.pods = 4;
  out.together = true;
  out.retries = 2;
  out.pod_settings = {{"node_selectors", {{"fair.dev/training", "true"}}},
                      {"tolerations", {{{"key", "fair.dev/training"}, {"operator", "Equal"}, {"value", "true"}, {"effect", "NoSchedule"}}}},
                      {"resources", {{"requests", {{"nvidia.com/gpu", "1"}}}, {"limits", {{"nvidia.com/gpu", "1"}}}}}};
  return out;
}

std::string variable(const Json& job, const std::string& name) {
  for (const Json& one : job["spec"]["template"]["spec"]["containers"][0]["env"]) {
    if (one["name"] == name) return one.contains("value") ? one["value"].get<std::string>() : one["valueFrom"].dump();
  }
  return "none";
}

TEST(JobManifest, RanksFindEachOther) {
  const Json job = job_of(plan());
  EXPECT_EQ(job["spec"]["completionMode"], "Indexed");
  EXPECT_EQ(job["spec"]["completions"], 4);
  EXPECT_EQ(job["spec"]["parallelism"], 4);
  EXPECT_EQ(variable(job, "WORLD_SIZE"), "4");
  EXPECT_EQ(variable(job, "LOCAL_RANK"), "0");
  EXPECT_NE(variable(job, "RANK").find("job-completion-index"), std::string::npos);
  // An Indexed Job's pods have the host name JOB-INDEX; the Service of the pod's subdomain gives it an address.
  EXPECT_EQ(variable(job, "MASTER_ADDR"), "fair-run-0.fair-run");
  EXPECT_EQ(job["spec"]["template"]["spec"]["subdomain"], "fair-run");
  const Json service = service_of(plan(), {{"uid", "1"}});
  EXPECT_EQ(service["metadata"]["name"], "fair-run");
  EXPECT_EQ(service["spec"]["clusterIP"], "None");
  EXPECT_EQ(service["spec"]["publishNotReadyAddresses"], true) << "ranks meet before they are ready";
  EXPECT_EQ(service["metadata"]["ownerReferences"][0]["uid"], "1");
  EXPECT_EQ(std::to_string(service["spec"]["ports"][0]["port"].get<int>()), variable(job, "MASTER_PORT"));
}

TEST(JobManifest, PodsAreAsTheConfigSays) {
  const Json pod = job_of(plan())["spec"]["template"]["spec"];
  EXPECT_EQ(pod["nodeSelector"], plan().pod_settings["node_selectors"]);
  EXPECT_EQ(pod["tolerations"], plan().pod_settings["tolerations"]);
  EXPECT_EQ(pod["containers"][0]["resources"], plan().pod_settings["resources"]);
  EXPECT_EQ(pod["restartPolicy"], "Never");
  EXPECT_EQ(pod["securityContext"]["runAsNonRoot"], true);
  EXPECT_FALSE(pod["containers"][0].contains("envFrom"));
  JobPlan secret = plan();
  secret.secret = "keys";
  EXPECT_EQ(job_of(secret)["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["secretRef"]["name"], "keys");
}

TEST(JobManifest, ShardsFailAlone) {
  JobPlan shards = plan();
  shards.together = false;
  const Json job = job_of(shards);
  EXPECT_EQ(variable(job, "SHARDS"), "4");
  EXPECT_NE(variable(job, "SHARD"), "none");
  EXPECT_EQ(variable(job, "RANK"), "none");
  EXPECT_FALSE(job["spec"]["template"]["spec"].contains("subdomain"));
  EXPECT_EQ(job["spec"]["maxFailedIndexes"], 4);
  EXPECT_EQ(job_of(plan())["spec"]["maxFailedIndexes"], 0) << "one rank that cannot go on is the end of all";
}

TEST(JobManifest, NamesAreLabels) {
  EXPECT_EQ(job_name("fair-20260115-101530-3f9a"), "fair-20260115-101530-3f9a");
  EXPECT_EQ(job_name("Town Buildings_v2!"), "town-buildings-v2");
  EXPECT_EQ(job_name("2026"), "fair-2026");
  EXPECT_EQ(job_name(std::string(80, 'a')).size(), 52U);
  EXPECT_EQ(job_name(std::string(51, 'a') + "-b"), std::string(51, 'a'));
  EXPECT_EQ(job_name("***"), "fair");
}

}  // namespace
