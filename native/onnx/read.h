// ONNX files into memory. Every length is checked against what is there before it is believed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "native/onnx/graph.h"

namespace fair::onnx {

/// Parses a ModelProto. `thing` names it in errors. Truncated, lying or nested-too-deep input is Code::invalid; weights in a
/// second file are Code::unsupported, as there is no folder to look in.
[[nodiscard]] Result<Model> parse_model(std::string_view bytes, const std::string& thing);

/// Reads a file, and weights that lie beside it (ONNX "external data": plain file names only, no way out of the folder).
[[nodiscard]] Result<Model> read_model(const std::filesystem::path& path);

}  // namespace fair::onnx
