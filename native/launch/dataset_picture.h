// A packed dataset's chips as a picture, with what is true and what was predicted.
#pragma once

#include <memory>
#include <vector>

#include "core/vector/geometry.h"
#include "native/draw/map_picture.h"
#include "native/io/dataset_pack.h"

namespace fair::launch {

/// The chips of a part in their places (chips far from each other: side by side), the outlines of masks, boxes or chips of a class, and the features'
/// on top where there are any. Chips without a place or in larger numbers than `most_chips` are left out. Code::invalid where the part has none.
[[nodiscard]] Result<draw::MapPicture> picture_of(const io::DatasetPack& pack, io::Part part, const std::vector<vector::Feature>& features,
                                                  std::size_t most_chips = 256);

}  // namespace fair::launch
