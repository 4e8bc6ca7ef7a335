#include "native/cluster/jobs.h"

#include <utility>

#include "native/http/client.h"
#include "native/http/url.h"

namespace fair::cluster {
namespace {

std::string selecting(const std::string& label, const std::string& value) { return "?labelSelector=" + http::percent_encoded(label + "=" + value); }

}  // namespace

std::string Jobs::batch(const std::string& rest) const { return "/apis/batch/v1/namespaces/" + server_.name_space() + "/jobs" + rest; }
std::string Jobs::core(const std::string& rest) const { return "/api/v1/namespaces/" + server_.name_space() + rest; }

Result<Json> Jobs::pods(const std::string& name) const { return server_.get(core("/pods" + selecting("batch.kubernetes.io/job-name", name))); }

Result<> Jobs::begin(const JobPlan& plan) const {
  FAIR_TRY_ASSIGN(const Json job, server_.post(batch(""), job_of(plan)));
  const Json owner = owner_reference(job);
  const auto complete = [&]() -> Result<> {
    FAIR_TRY(server_.post(core("/configmaps"), files_of(plan, owner)));
    if (plan.together) FAIR_TRY(server_.post(core("/services"), service_of(plan, owner)));
    FAIR_TRY(server_.patch(batch("/" + plan.name), {{"spec", {{"suspend", false}}}}));
    return {};
  };
  Result<> done = complete();
  if (!done) (void)cancel(plan.name);
  return done;
}

Result<JobState> Jobs::state(const std::string& name) const {
  FAIR_TRY_ASSIGN(const Json job, server_.get(batch("/" + name)));
  FAIR_TRY_ASSIGN(const Json its, pods(name));
  return job_state(job, its);
}

Result<bool> Jobs::at_work(const std::string& name) const {
  const auto now = state(name);
  if (now) return now->phase != JobPhase::failed;
  if (now.error().code == Code::not_found) return false;
  return fail(now.error());  // who cannot be seen may be at work
}

Result<std::string> Jobs::log(const std::string& name, int index, int lines) const {
  FAIR_TRY_ASSIGN(const JobState now, state(name));
  std::string newest;
  for (const PodState& pod : now.each) {
    if (pod.index == index) newest = pod.name;
  }
  if (newest.empty()) return fail(Code::not_found, "job " + name, "a pod " + std::to_string(index), "none yet", "fair jobs status " + name);
  return server_.text(core("/pods/" + newest + "/log?tailLines=" + std::to_string(lines)));
}

Result<> Jobs::cancel(const std::string& name) const { return server_.remove(batch("/" + name)); }

Result<std::vector<std::pair<std::string, JobState>>> Jobs::list() const {
  FAIR_TRY_ASSIGN(const Json jobs, server_.get(batch(selecting("app.kubernetes.io/name", "fair-edge"))));
  std::vector<std::pair<std::string, JobState>> out;
  for (const Json& job : jobs.value("items", Json::array()))
    out.emplace_back(job["metadata"]["name"].get<std::string>(), job_state(job, Json::object()));
  return out;
}

Result<std::size_t> Jobs::pods_left(const std::string& name) const {
  FAIR_TRY_ASSIGN(const Json its, pods(name));
  return its.value("items", Json::array()).size();
}

}  // namespace fair::cluster
