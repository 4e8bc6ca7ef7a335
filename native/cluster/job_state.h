// How a job is, from what the cluster says of it and of its pods. No I/O.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::cluster {

enum class JobPhase { waiting, running, succeeded, failed };
[[nodiscard]] const char* name(JobPhase phase);

struct PodState {
  std::string name;
  int index = -1;     ///< rank or shard
  std::string phase;  ///< Pending | Running | Succeeded | Failed
  std::string why;    ///< of a failure, or of its waiting; one line
};

struct JobState {
  JobPhase phase = JobPhase::waiting;
  int pods = 0, succeeded = 0, active = 0, failures = 0;  ///< failures: pods that ended badly, those tried again too
  std::string why;                                        ///< of its failure: the job's own reason, and what the pod that failed last said
  std::vector<PodState> each;                             ///< by index, the newest last
};

/// `job`: a batch/v1 Job; `pods`: the v1 PodList of its pods.
[[nodiscard]] JobState job_state(const Json& job, const Json& pods);

}  // namespace fair::cluster
