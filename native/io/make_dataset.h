// Chips and labels -> a dataset: a pack that trains anywhere, and a STAC item that says what it is.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::io {

struct DatasetOptions {
  std::filesystem::path chips;   ///< folder
  std::filesystem::path labels;  ///< vector file, or a folder of masks named as the chips
  std::string id, title;
  std::filesystem::path out;  ///< folder; made; gets dataset.pack and <id>.json
  double val_ratio = 0.2;     ///< of the chips that are not held out
  std::string holdout;        ///< pattern of chip names kept apart, "" for none
  std::uint64_t seed = 42;
  std::string class_name = "building";
  std::string user_id = "anonymous";
};

struct MadeDataset {
  std::filesystem::path pack, item;
  Json document;  ///< the STAC item
  std::int64_t train = 0, val = 0, holdout = 0;
  std::int64_t footprints = 0, outside = 0;  ///< polygons in the file, and how many met no chip
  std::int64_t masks = 0;                    ///< where labels were pictures
  double gsd = 0;                            ///< metres a pixel
};

/// Segmentation from footprints or masks. Validation chips are one block of neighbours, so that parts share as little edge as possible, and no pixel.
/// `now` is RFC 3339 UTC. Nothing is left behind on failure.
[[nodiscard]] Result<MadeDataset> make_dataset(const DatasetOptions& options, const std::string& now);

}  // namespace fair::io
