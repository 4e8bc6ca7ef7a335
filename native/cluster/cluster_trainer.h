// Training on a cluster behind the same interface as training here: one rank a pod.
#pragma once

#include <memory>

#include "native/cluster/jobs.h"
#include "native/store/object_store.h"
#include "native/train/trainer.h"

namespace fair::cluster {

/// `run` puts the training into `objects`, begins an Indexed Job named after its output folder, tells its epochs as they come, and brings back what
/// it made. Asked to stop, it ends the job, whose ranks store a checkpoint first; where the job fails, the last checkpoint is brought too, so that
/// the run can be resumed. A run whose job was left behind (this program, or its machine, ended first) is gone on with by watching that job, or by
/// beginning it again where its pods are gone too. `plan` says all of the job but its name. What needs no training runs nowhere: Code::unsupported.
/// `command`: what a pod does, given the key of the training.
[[nodiscard]] std::unique_ptr<train::Trainer> cluster_trainer(Jobs jobs, store::ObjectStore& objects, JobPlan plan);

}  // namespace fair::cluster
