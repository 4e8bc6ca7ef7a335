// Jobs on a cluster: begun, watched, read, ended.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "native/cluster/api_server.h"
#include "native/cluster/job_manifest.h"
#include "native/cluster/job_state.h"

namespace fair::cluster {

class Jobs {
 public:
  explicit Jobs(ApiServer server) : server_(std::move(server)) {}

  /// Makes the job and what it owns, then lets it begin. Where one of them cannot be made nothing is left. Code::conflict where there is one of that
  /// name.
  Result<> begin(const JobPlan& plan) const;
  /// Code::not_found where there is none.
  [[nodiscard]] Result<JobState> state(const std::string& name) const;
  /// There is one, and it has not failed.
  [[nodiscard]] Result<bool> at_work(const std::string& name) const;
  /// What its newest pod of that index has said, or the last `lines` of it.
  [[nodiscard]] Result<std::string> log(const std::string& name, int index, int lines = 1000) const;
  /// Takes it away with all it owns; its pods are asked to stop first.
  Result<> cancel(const std::string& name) const;
  /// Of this program's, by name.
  [[nodiscard]] Result<std::vector<std::pair<std::string, JobState>>> list() const;
  /// Pods of a job that are still there, after its end too.
  [[nodiscard]] Result<std::size_t> pods_left(const std::string& name) const;

  [[nodiscard]] const ApiServer& server() const { return server_; }

 private:
  [[nodiscard]] std::string batch(const std::string& rest) const;
  [[nodiscard]] std::string core(const std::string& rest) const;
  [[nodiscard]] Result<Json> pods(const std::string& name) const;

  ApiServer server_;
};

}  // namespace fair::cluster
