// What one job is to a cluster: an Indexed Job, the Service by which its pods find each other, and the files they read. No I/O.
// Spec: https://kubernetes.io/docs/concepts/workloads/controllers/job/
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::cluster {

/// `pods` times the same command, each with its number.
struct JobPlan {
  std::string name;  ///< of all of it: a DNS label
  std::string kind;  ///< "train" | "predict"
  std::string image;
  std::vector<std::string> command;
  int pods = 1;
  bool together = false;  ///< ranks of one training: torchrun's variables, and a headless Service. Else shards, each with SHARD and SHARDS
  int retries = 3;        ///< of each pod; evictions do not count
  std::map<std::string, std::string> files;  ///< name -> text, mounted at /etc/fair
  std::map<std::string, std::string> variables;
  std::string secret;           ///< a Secret whose entries become variables, or ""
  std::string service_account;  ///< "" for the namespace's default
  Json pod_settings;            ///< {node_selectors, tolerations, resources}, as run configs have them
  std::map<std::string, std::string> labels;
};

/// The port that rank 0 listens at.
constexpr int rank_port = 29500;

/// Suspended: it begins when what it owns is there.
[[nodiscard]] Json job_of(const JobPlan& plan);
/// Headless; owned by the job.
[[nodiscard]] Json service_of(const JobPlan& plan, const Json& owner);
/// ConfigMap of the files; owned by the job.
[[nodiscard]] Json files_of(const JobPlan& plan, const Json& owner);
/// An object's ownerReferences entry: what it owns goes with it.
[[nodiscard]] Json owner_reference(const Json& object);
/// A DNS label of lower-case letters, digits and '-', at most 52 long: pods add their number.
[[nodiscard]] std::string job_name(const std::string& text);

}  // namespace fair::cluster
