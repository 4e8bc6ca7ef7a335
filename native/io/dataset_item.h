// The STAC item of a dataset made here. Label extension 1.0.1 and fAIr's dataset extension.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "native/io/chip_labels.h"

namespace fair::io {

struct DatasetItem {
  std::string id, title, class_name, user_id;
  std::string geometry = "polygon";  ///< the keyword: what models of it put on the map
  std::filesystem::path chips, labels;
  LabelTask task = LabelTask::segmentation;
  LabelWords words;
  double gsd = 0;                 ///< metres a pixel
  std::string license = "other";  ///< SPDX, of labels and imagery together

  /// The item, its geometry the box around the chips. `now` is RFC 3339 UTC.
  [[nodiscard]] Json document(const std::vector<Chip>& where, const std::string& now) const;
};

}  // namespace fair::io
