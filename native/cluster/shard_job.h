// A prediction that lies in an object store for any number of shards to do. Knows no cluster.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "native/cluster/stored_job.h"

namespace fair::cluster {

/// Keys below `key`: model.onnx, config.yaml, count; shards/I as they are done.
class ShardJob : public StoredJob {
 public:
  using StoredJob::StoredJob;

  /// `config`: of the prediction, as fair predict --config takes it.
  Result<> put(const std::filesystem::path& model, const std::string& config, std::int64_t count) const;
  /// Shards of the prediction that was put there; 0 where none was, or was cleared since.
  [[nodiscard]] Result<std::int64_t> count() const;
  /// Of which so many are done.
  [[nodiscard]] Result<std::int64_t> done() const;

  /// Does shard `index` in `folder`, unless it was done before: `predict` makes the shard's file of the model and the config.
  Result<> run(std::int64_t index, const std::filesystem::path& folder,
               const std::function<Result<>(const std::filesystem::path& model, const std::filesystem::path& config,
                                            const std::filesystem::path& out)>& predict) const;

  /// Brings all `count` shards' files to `folder`.
  [[nodiscard]] Result<std::vector<std::filesystem::path>> bring(std::int64_t count, const std::filesystem::path& folder) const;
};

}  // namespace fair::cluster
