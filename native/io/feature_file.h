// Features as a file people open: GeoJSON, FlatGeobuf, GeoPackage.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "native/infer/feature_sink.h"

namespace fair::io {

/// A sink for `path` by its extension: .geojson or .json (written as it comes, in bounded memory), .fgb, .gpkg (through OGR). "-" is GeoJSON on
/// standard output, as it comes. Files appear whole in finish() or not at all. `output_name`: the property that repeats the class name; `layer`
/// names the layer of formats that have one. Errors: another extension, a folder that is not there or cannot be written.
[[nodiscard]] Result<std::unique_ptr<infer::FeatureSink>> open_feature_file(const std::filesystem::path& path, const std::string& output_name,
                                                                            const std::string& layer);

}  // namespace fair::io
