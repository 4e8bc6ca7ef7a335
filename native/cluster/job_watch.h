// Waiting for a job, with words of what is waited for.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "native/cluster/jobs.h"
#include "native/cluster/stored_job.h"

namespace fair::cluster {

struct JobWatch {
  std::function<void(const std::string&)> say;  ///< hears of failures, and at least every half minute why nothing runs; may be null
  std::function<void()> on_look;                ///< called about every second; may be null
  const std::atomic<bool>* stop = nullptr;      ///< set: the job is taken away
};

/// Sees to it that a job does the work that is stored: joins the one that is at it, or begins `plan` and says so. Gives the job's name.
Result<std::string> begin_or_join(const Jobs& jobs, const StoredJob& work, const JobPlan& plan, const std::function<void(const std::string&)>& say);

/// Until the job has succeeded. Code::io with the job's and its last failed pod's reason where it failed, or where the cluster does not answer for
/// five minutes, when the job may go on; Code::cancelled where it was stopped: its pods have then ended, or had two and a half minutes to.
Result<> wait_for(const Jobs& jobs, const std::string& job, const JobWatch& watch);

}  // namespace fair::cluster
