// What an ONNX file says about itself beside its graph.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/stac/model_spec.h"

namespace fair::infer {

/// Value of one metadata_props entry of a ModelProto, without reading the graph. Errors: no such file, or one that is no ONNX model.
[[nodiscard]] Result<std::optional<std::string>> model_metadata(const std::filesystem::path& model, const std::string& key);

/// The spec a bare model.onnx carries under "fair.item". A file without it is Code::not_found with a hint to give an item.
[[nodiscard]] Result<stac::ModelSpec> spec_of_model(const std::filesystem::path& model);

}  // namespace fair::infer
