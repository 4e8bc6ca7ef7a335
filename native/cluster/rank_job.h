// A training that lies in an object store for any number of ranks to do: what the pods of a cluster run. Knows no cluster.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "native/cluster/stored_job.h"
#include "native/train/trainer.h"

namespace fair::cluster {

/// Keys below `key`: request.json, start.onnx, dataset.pack, loss.onnx; last.checkpoint, model.onnx and checkpoint.pt as it goes on; epochs.json;
/// result.json when it is done.
class RankJob : public StoredJob {
 public:
  using StoredJob::StoredJob;

  /// Puts a training there, with what it goes on from where `request.resume` says so.
  Result<> put(const train::TrainRequest& request) const;

  /// Does it as this rank, in `folder`. Rank 0 stores a checkpoint after every epoch and when it is stopped, and goes on from the one that is there.
  Result<train::TrainResult> run(train::Trainer& trainer, const train::Rank& rank, const std::filesystem::path& folder,
                                 const std::function<void(const std::string&)>& say, const std::atomic<bool>* stop) const;

  /// Its result is there. False where that cannot be told.
  [[nodiscard]] bool done() const;
  /// Epochs done so far, oldest first.
  [[nodiscard]] Result<std::vector<train::EpochReport>> epochs() const;
  /// Brings the finished training, or what there is of it (`stopped`), to `folder`.
  [[nodiscard]] Result<train::TrainResult> bring(const std::filesystem::path& folder, bool stopped) const;

 private:
  /// Until rank 0 has stored it: should that fail, all ranks are needed once more.
  Result<> wait_for_result(const train::Rank& rank, const std::atomic<bool>* stop) const;
  Result<bool> get(const char* name, const std::filesystem::path& folder) const;
};

}  // namespace fair::cluster
