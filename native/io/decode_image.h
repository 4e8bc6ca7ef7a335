// Pictures in memory. Private to native/io.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/raster/image.h"

namespace fair::io {

/// RGB of a PNG, JPEG or WebP, known by its first bytes and nothing else. `thing` names it in errors; an answer that is text is quoted.
[[nodiscard]] Result<raster::Image> decode_image(const std::string& bytes, const std::string& thing);

}  // namespace fair::io
