// What one share of a prediction found, as a file: fair predict --shard writes it, fair merge reads it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/geo/grid.h"
#include "core/pipeline/inference.h"
#include "native/infer/feature_sink.h"

namespace fair::infer {

/// What all shards of one prediction have alike, and what merging needs to know besides what they found.
struct ShardHeader {
  std::int64_t index = 0, count = 1;
  Json model;                         ///< ModelSpec::to_metadata
  Json description;                   ///< the plugin's
  Json parameters;                    ///< inference_params
  Json area;                          ///< GeoJSON polygons, or null
  std::vector<geo::BlockGrid> grids;  ///< of the sources, in their order

  [[nodiscard]] Json to_json() const;
  [[nodiscard]] static Result<ShardHeader> from_json(const Json& json, const std::string& thing);
};

/// Compressed; appears whole or not at all, when it is finished.
class ShardWriter final : public FeatureSink {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ShardWriter>> create(const std::filesystem::path& path, const ShardHeader& header);
  ~ShardWriter() override;

  /// Where findings in source `source` go; lives as long as this.
  [[nodiscard]] pipeline::ShardSink& sink(std::size_t source);
  [[nodiscard]] const ShardHeader& header() const;
  /// What sources before `source` found is complete.
  Result<> reach(std::size_t source);
  /// A shard has none.
  Result<> write(std::vector<vector::Feature>&& features) override;
  Result<> finish() override;

 private:
  class Source;
  struct State;
  explicit ShardWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Grids without a place in a world-wide tile grid would give the features of several sources equal ids: those get the source's number.
void name_source(std::size_t source, std::size_t sources, const geo::BlockGrid& grid, pipeline::InferenceOptions& options);
/// Which share of a source's windows a shard has: sources of few windows are spread over the shards.
[[nodiscard]] pipeline::Shard share_of(const ShardHeader& header, std::size_t source);

/// Puts all shards of a prediction together, in any order of `files`, and finishes the sink. Code::incompatible names a file of another prediction,
/// Code::not_found the shards that are missing, Code::invalid a damaged file. Gives how many features there are.
Result<std::int64_t> merge_shards(const std::vector<std::filesystem::path>& files,
                                  const std::function<Result<std::unique_ptr<FeatureSink>>(const ShardHeader&)>& sink);

}  // namespace fair::infer
