// Pictures in memory. Private to native/io.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/raster/image.h"

namespace fair::io {

/// RGB of a PNG, JPEG or WebP, known by its first bytes and nothing else. `thing` names it in errors; an answer that is text is quoted. A larger one
/// is refused by its header: a few kilobytes may claim to be gigabytes of pixels.
[[nodiscard]] Result<raster::Image> decode_image(const std::string& bytes, const std::string& thing, std::int32_t most_side = 4096);

}  // namespace fair::io
