// Pictures as PNG files.
#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/raster/image.h"

namespace fair::draw {

/// Writes an image of three channels, beside `path` first, then renamed into place. Errors: the folder is not there or cannot be written.
Result<> write_png(const std::filesystem::path& path, const raster::Image& image);

}  // namespace fair::draw
