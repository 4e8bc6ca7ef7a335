// Boxes of a COCO file (https://cocodataset.org/#format-data).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace fair::io {

struct CocoBox {
  std::int64_t annotation = 0;            ///< its id
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< pixels of its image
  int category = 0;                       ///< place in Coco::categories
};

struct CocoImage {
  std::int32_t width = 0, height = 0;  ///< 0 where the file does not say
  std::vector<CocoBox> boxes;
};

struct Coco {
  std::vector<std::string> categories;      ///< in the order of their ids
  std::map<std::string, CocoImage> images;  ///< by file stem
  std::int64_t crowds = 0;                  ///< annotations of crowds: counted, not used
};

/// True for JSON text that has COCO's members images and annotations.
[[nodiscard]] bool is_coco(std::string_view text);

/// Reads the text of one. `thing` names it in errors, which name the entry: "labels.json annotation 17 (/annotations/16)".
[[nodiscard]] Result<Coco> parse_coco(std::string_view text, const std::string& thing);

}  // namespace fair::io
