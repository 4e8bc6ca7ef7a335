#include "native/cluster/job_state.h"

#include <algorithm>
#include <cstdlib>

#include "core/base/field.h"

namespace fair::cluster {
namespace {

int number(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? value.get<int>() : 0;
}

/// The last line of what a program said, which is where ours name their error.
std::string last_line(std::string said) {
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  said.erase(0, said.find_last_of('\n') + 1);
  return said;
}

std::string why_of(const Json& status) {
  for (const Json& container : member(status, "containerStatuses")) {
    const Json& state = member(container, "state");
    const Json& ended = member(state, "terminated");
    if (ended.is_object() && number(ended, "exitCode") != 0) {
      const std::string said = last_line(text_of(ended, "message")), reason = text_of(ended, "reason");
      return (reason.empty() ? "ended" : reason) + ", exit status " + std::to_string(number(ended, "exitCode")) + (said.empty() ? "" : ": " + said);
    }
    const Json& waits = member(state, "waiting");
    if (waits.is_object() && !text_of(waits, "reason").empty()) {
      const std::string said = last_line(text_of(waits, "message"));
      return text_of(waits, "reason") + (said.empty() ? "" : ": " + said);
    }
  }
  if (!text_of(status, "reason").empty() || !text_of(status, "message").empty()) return text_of(status, "reason") + ": " + text_of(status, "message");
  for (const Json& condition : member(status, "conditions")) {
    // "0/3 nodes are available: …"
    if (text_of(condition, "type") == "PodScheduled" && text_of(condition, "status") == "False")
      return text_of(condition, "reason") + ": " + text_of(condition, "message");
  }
  return "";
}

}  // namespace

const char* name(JobPhase phase) {
  switch (phase) {
    case JobPhase::waiting: return "waiting";
    case JobPhase::running: return "running";
    case JobPhase::succeeded: return "succeeded";
    case JobPhase::failed: return "failed";
  }
  return "";
}

JobState job_state(const Json& job, const Json& pods) {
  JobState out;
  const Json& status = member(job, "status");
  out.pods = number(member(job, "spec"), "completions");
  out.succeeded = number(status, "succeeded");
  out.active = number(status, "active");
  out.failures = number(status, "failed");
  std::string last_ended;
  std::string last_failure;
  for (const Json& pod : member(pods, "items")) {
    const Json& metadata = member(pod, "metadata");
    PodState one;
    one.name = text_of(metadata, "name");
    const std::string index = text_of(member(metadata, "annotations"), "batch.kubernetes.io/job-completion-index");
    one.index = index.empty() ? -1 : std::atoi(index.c_str());
    one.phase = text_of(member(pod, "status"), "phase");
    one.why = one.phase == "Failed" || one.phase == "Pending" ? why_of(member(pod, "status")) : "";
    if (one.phase == "Failed" && text_of(metadata, "creationTimestamp") >= last_ended) {
      last_ended = text_of(metadata, "creationTimestamp");
      last_failure = (one.index < 0 ? one.name : "pod " + index) + ": " + (one.why.empty() ? "failed" : one.why);
    }
    out.each.push_back(std::move(one));
  }
  std::stable_sort(out.each.begin(), out.each.end(), [](const PodState& a, const PodState& b) { return a.index < b.index; });
  out.phase = out.active > 0 ? JobPhase::running : JobPhase::waiting;
  for (const Json& condition : member(status, "conditions")) {
    if (text_of(condition, "status") != "True") continue;
    const std::string type = text_of(condition, "type");
    if (type == "Complete") out.phase = JobPhase::succeeded;
    // The controller takes pods away before it calls the job failed.
    if (type == "Failed" || type == "FailureTarget") {
      out.phase = JobPhase::failed;
      out.why = text_of(condition, "reason") + ": " + text_of(condition, "message");
    }
  }
  if (out.phase == JobPhase::failed && !last_failure.empty()) out.why += "; " + last_failure;
  return out;
}

}  // namespace fair::cluster
