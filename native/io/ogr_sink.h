// FlatGeobuf and GeoPackage through OGR. Private to native/io.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "native/infer/feature_sink.h"

namespace fair::io {

/// `driver` is OGR's name of it. Written beside `path` under a hidden name, and renamed in finish().
[[nodiscard]] Result<std::unique_ptr<infer::FeatureSink>> open_ogr(const std::filesystem::path& path, const char* driver,
                                                                   const std::string& output_name, const std::string& layer);

}  // namespace fair::io
