// GeoJSON text as features come. Private to native/io.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "native/infer/feature_sink.h"

namespace fair::io {

/// RFC 7946. `path` "-" is standard output.
[[nodiscard]] Result<std::unique_ptr<infer::FeatureSink>> open_geojson(const std::filesystem::path& path, const std::string& output_name);

}  // namespace fair::io
