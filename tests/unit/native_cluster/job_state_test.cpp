#include "native/cluster/job_state.h"

#include <gtest/gtest.h>

namespace {

using namespace fair;
using namespace fair::cluster;

Json pod(int index, const char* phase, Json status = Json::object(), const char* created = "2026-01-01T00:00:00Z") {
  status["phase"] = phase;
  return {{"metadata",
           {{"name", "job-" + std::to_string(index)},
            {"creationTimestamp", created},
            {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(index)}}}}},
          {"status", status}};
}

Json terminated(int code, const std::string& message) {
  return {{"containerStatuses", Json::array({{{"state", {{"terminated", {{"exitCode", code}, {"reason", "Error"}, {"message", message}}}}}}})}};
}

TEST(JobState, SaysWhyPodsWait) {
  const Json job{{"spec", {{"completions", 2}}}, {"status", {{"active", 2}}}};
  const Json waiting{
      {"containerStatuses", Json::array({{{"state", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no such image"}}}}}}})}};
  const Json unscheduled{
      {"conditions", Json::array({{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", "0/2 nodes"}}})}};
  const JobState state = job_state(job, {{"items", {pod(1, "Pending", unscheduled), pod(0, "Pending", waiting)}}});
  EXPECT_EQ(state.phase, JobPhase::running);
  ASSERT_EQ(state.each.size(), 2U);
  EXPECT_EQ(state.each[0].index, 0);
  EXPECT_EQ(state.each[0].why, "ImagePullBackOff: no such image");
  EXPECT_EQ(state.each[1].why, "Unschedulable: 0/2 nodes");
}

TEST(JobState, FailsWithWhatThePodSaid) {
  const Json job{{"spec", {{"completions", 2}}},
                 {"status",
                  {{"failed", 4},
                   {"conditions",
                    Json::array({{{"type", "Failed"}, {"status", "True"}, {"reason", "FailedIndexes"}, {"message", "Job has failed indexes"}}})}}}};
  const JobState state = job_state(job, {{"items",
                                          {pod(0, "Failed", terminated(1, "step 1\nfair: old\n"), "2026-01-01T00:00:00Z"),
                                           pod(1, "Failed", terminated(3, "step 1\nfair: the disk is full\n"), "2026-01-01T00:01:00Z")}}});
  EXPECT_EQ(state.phase, JobPhase::failed);
  EXPECT_EQ(state.failures, 4);
  EXPECT_EQ(state.why, "FailedIndexes: Job has failed indexes; pod 1: Error, exit status 3: fair: the disk is full");
}

TEST(JobState, NothingOfItIsNoCrash) {
  for (const Json& odd : {Json(), Json::array(), Json("x"), Json{{"status", 3}}, Json{{"items", 3}}, Json{{"items", {1, "x"}}}}) {
    const JobState state = job_state(odd, odd);
    EXPECT_EQ(state.phase, JobPhase::waiting);
  }
  const Json complete{{"status", {{"conditions", Json::array({{{"type", "Complete"}, {"status", "True"}}})}}}};
  EXPECT_EQ(job_state(complete, Json()).phase, JobPhase::succeeded);
}

}  // namespace
