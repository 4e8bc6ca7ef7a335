// Jobs on a real API server whose nodes are simulated (FAIR_TEST_KUBECONFIG; tests/peers/run.sh starts one): no container runs.
#include "native/cluster/jobs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "native/cluster/job_watch.h"

namespace {

using namespace fair;
using namespace fair::cluster;

class JobsOnAServer : public testing::Test {
 protected:
  void SetUp() override {
    const char* file = std::getenv("FAIR_TEST_KUBECONFIG");
    if (file == nullptr) GTEST_SKIP() << "FAIR_TEST_KUBECONFIG names no server";
    auto options = ApiServerOptions::find(file, "");
    ASSERT_TRUE(options) << options.error().message();
    static int tests = 0;
    name_space_ = "fair-test-" + std::to_string(::getpid()) + "-" + std::to_string(++tests);
    options->name_space = name_space_;
    auto server = ApiServer::create(std::move(*options));
    ASSERT_TRUE(server) << server.error().message();
    jobs_.emplace(std::move(*server));
    const auto made =
        jobs_->server().post("/api/v1/namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name_space_}}}});
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_TRUE(becomes([&] { return get("/serviceaccounts/default").has_value(); }));
  }
  void TearDown() override {
    if (jobs_) (void)jobs_->server().remove("/api/v1/namespaces/" + name_space_);
  }

  [[nodiscard]] Result<Json> get(const std::string& rest) const { return jobs_->server().get("/api/v1/namespaces/" + name_space_ + rest); }
  [[nodiscard]] std::size_t count(const std::string& kind) const {
    const auto all = get("/" + kind);
    std::size_t ours = 0;
    for (const Json& one : all ? all->value("items", Json::array()) : Json::array()) ours += one["metadata"]["name"] == "ranks" ? 1 : 0;
    return ours;
  }
  static bool becomes(const std::function<bool()>& true_now) {
    for (int i = 0; i < 300; ++i) {
      if (true_now()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }
  JobPlan plan() const {
    JobPlan out;
    out.name = "ranks";
    out.kind = "train";
    out.image = "registry.example.org/train:1";
    out.command = {"fair", "jobs", "run", "jobs/ranks"};
    out.pods = 3;
    out.together = true;
    out.retries = 1;
    out.files = {{"fair.toml", "# none\n"}};
    return out;
  }
  /// Nodes that nobody has: pods wait for what this test says of them.
  JobPlan waiting_plan() const {
    JobPlan out = plan();
    out.pod_settings = {{"node_selectors", {{"fair.dev/training", "true"}}},
                        {"tolerations", {{{"key", "fair.dev/training"}, {"operator", "Equal"}, {"value", "true"}, {"effect", "NoSchedule"}}}},
                        {"resources", {{"requests", {{"nvidia.com/gpu", "1"}}}, {"limits", {{"nvidia.com/gpu", "1"}}}}}};
    return out;
  }
  void end_pod(const std::string& pod, int code, const std::string& message) const {
    const Json ended{{"exitCode", code}, {"reason", code == 0 ? "Completed" : "Error"}, {"message", message}};
    const Json container{{"name", "fair"}, {"image", "x"},      {"imageID", ""},
                         {"ready", false}, {"restartCount", 0}, {"state", {{"terminated", ended}}}};
    const Json status{{"phase", code == 0 ? "Succeeded" : "Failed"}, {"containerStatuses", Json::array({container})}};
    const auto patched = jobs_->server().patch("/api/v1/namespaces/" + name_space_ + "/pods/" + pod + "/status", {{"status", status}});
    EXPECT_TRUE(patched) << patched.error().message();
  }

  std::string name_space_;
  std::optional<Jobs> jobs_;
};

TEST_F(JobsOnAServer, RunAndGoWithWhatTheyOwn) {
  const Result<> begun = jobs_->begin(plan());
  ASSERT_TRUE(begun) << begun.error().message();
  EXPECT_EQ(jobs_->begin(plan()).error().code, Code::conflict);
  EXPECT_EQ(count("services"), 1U);
  EXPECT_EQ(count("configmaps"), 1U);
  JobWatch watch;
  const Result<> done = wait_for(*jobs_, "ranks", watch);
  ASSERT_TRUE(done) << done.error().message();
  const auto state = jobs_->state("ranks");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->succeeded, 3);
  ASSERT_EQ(state->each.size(), 3U);
  EXPECT_EQ(state->each[2].index, 2);
  const auto all = jobs_->list();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  ASSERT_TRUE(jobs_->cancel("ranks"));
  EXPECT_TRUE(becomes([&] { return count("services") == 0 && count("configmaps") == 0; })) << "owner references clean up";
  EXPECT_EQ(jobs_->state("ranks").error().code, Code::not_found);
  EXPECT_TRUE(jobs_->cancel("ranks")) << "none there is no error";
}

TEST_F(JobsOnAServer, PodsHaveTorchrunsVariables) {
  ASSERT_TRUE(jobs_->begin(waiting_plan()));
  ASSERT_TRUE(becomes([&] { return jobs_->state("ranks")->each.size() == 3; }));
  const auto pods = get("/pods");
  ASSERT_TRUE(pods);
  for (const Json& pod : (*pods)["items"]) {
    std::map<std::string, std::string> variables;
    for (const Json& one : pod["spec"]["containers"][0]["env"]) variables[one["name"]] = one.contains("value") ? one["value"].get<std::string>() : "";
    EXPECT_EQ(variables["WORLD_SIZE"], "3");
    EXPECT_EQ(variables["MASTER_ADDR"], "ranks-0.ranks");
    EXPECT_EQ(variables["MASTER_PORT"], "29500");
    EXPECT_EQ(variables.count("RANK"), 1U);
    const std::string index = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"];
    EXPECT_EQ(pod["spec"]["hostname"], "ranks-" + index) << "what MASTER_ADDR names";
    EXPECT_EQ(pod["spec"]["subdomain"], "ranks");
    EXPECT_EQ(pod["spec"]["nodeSelector"]["fair.dev/training"], "true");
    EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"], "1");
    EXPECT_EQ(pod["spec"]["tolerations"][0]["key"], "fair.dev/training");
  }
  EXPECT_TRUE(becomes([&] { return jobs_->state("ranks")->each[0].why.find("Unschedulable") == 0; })) << "why it waits is said";
  std::atomic<bool> stop{true};
  JobWatch watch;
  watch.stop = &stop;
  EXPECT_EQ(wait_for(*jobs_, "ranks", watch).error().code, Code::cancelled);
  EXPECT_EQ(*jobs_->pods_left("ranks"), 0U);
}

TEST_F(JobsOnAServer, AFailedPodIsTriedAgainAndThenTold) {
  ASSERT_TRUE(jobs_->begin(waiting_plan()));
  ASSERT_TRUE(becomes([&] { return jobs_->state("ranks")->each.size() == 3; }));
  const std::string first = jobs_->state("ranks")->each[1].name;
  end_pod(first, 3, "step 7\nfair: the disk is full\n");
  std::string second;
  ASSERT_TRUE(becomes([&] {
    const auto now = jobs_->state("ranks");
    for (const PodState& pod : now->each) {
      if (pod.index == 1 && pod.name != first) second = pod.name;
    }
    return !second.empty();
  })) << "another pod takes its place";
  EXPECT_NE(jobs_->state("ranks")->phase, JobPhase::failed);
  EXPECT_TRUE(becomes([&] { return jobs_->state("ranks")->failures == 1; }));
  end_pod(second, 3, "fair: the disk is still full\n");
  JobWatch watch;
  const auto failed = wait_for(*jobs_, "ranks", watch);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find("pod 1: Error, exit status 3: fair: the disk is still full"), std::string::npos)
      << failed.error().message();
}

TEST_F(JobsOnAServer, WhatTheServerRefusesIsTold) {
  JobPlan wrong = plan();
  wrong.name = "Not A Name";
  const auto refused = jobs_->begin(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
  EXPECT_NE(refused.error().message().find("Not A Name"), std::string::npos) << refused.error().message();
  EXPECT_TRUE(jobs_->list()->empty());
  auto options = ApiServerOptions::find(std::getenv("FAIR_TEST_KUBECONFIG"), "");
  options->token = "not a token";
  const auto stranger = ApiServer::create(*options);
  EXPECT_EQ(stranger->get("/api/v1/namespaces/default/pods").error().code, Code::usage);
  options->tls.authority.clear();
  EXPECT_FALSE(ApiServer::create(*options)->get("/version")) << "a certificate that nobody vouches for";
}

}  // namespace
