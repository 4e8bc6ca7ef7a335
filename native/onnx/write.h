// ONNX files out of memory: the same model always gives the same bytes.
#pragma once

#include <filesystem>
#include <string>

#include "native/onnx/graph.h"

namespace fair::onnx {

/// A ModelProto, fields in ascending order, values as raw_data, uninterpreted fields last.
[[nodiscard]] std::string serialize(const Model& model);

/// Writes beside `path`, syncs and renames into place; on failure nothing new is left behind.
Result<> write_model(const std::filesystem::path& path, const Model& model);

}  // namespace fair::onnx
