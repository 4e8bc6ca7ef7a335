// Chips and labels -> a dataset: a pack that trains anywhere, and a STAC item that says what it is.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/io/chip_labels.h"
#include "native/io/dataset_split.h"

namespace fair::io {

/// The item's property that keeps DatasetOptions::gsd.
inline constexpr const char* resampled_property = "fair:resampled_gsd";

struct DatasetOptions {
  std::filesystem::path chips;  ///< folder
  LabelSource labels;
  std::string id, title;
  std::string geometry = "polygon";  ///< or line, point: the keyword, what models of it put on the map
  std::filesystem::path out;         ///< folder; made; gets dataset.pack and <id>.json
  SplitOptions split;
  double gsd = 0;  ///< metres a pixel that finer chips are averaged to: what models learn at; 0 leaves all chips as they are
  std::string user_id = "anonymous";
  std::string license = "other";  ///< SPDX, of labels and imagery together
};

struct MadeDataset {
  std::filesystem::path pack, item;
  Json document;  ///< the STAC item
  std::int64_t train = 0, val = 0, holdout = 0;
  LabelCounts counts;
  std::vector<std::string> warnings;  ///< sentences: a part that lacks a class
  double gsd = 0;                     ///< metres a pixel
};

/// `now` is RFC 3339 UTC. Nothing is left behind on failure.
[[nodiscard]] Result<MadeDataset> make_dataset(const DatasetOptions& options, const std::string& now);

}  // namespace fair::io
