// NumPy's .npy files, one array each: how values come in for trying a graph, and go out.
// Spec: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "native/onnx/graph.h"

namespace fair::onnx {

/// Versions 1 to 3; bool, 8 to 64 bit integers and 16 to 64 bit floats, little-endian, in C order. Fortran order, big-endian numbers, structures
/// and objects are refused by name; a header that lies about the size is too. `thing` names the bytes in errors.
[[nodiscard]] Result<Tensor> parse_npy(std::string_view bytes, const std::string& thing);
[[nodiscard]] Result<Tensor> read_npy(const std::filesystem::path& path);

/// Version 1, whole or not at all. Code::unsupported for types NumPy lacks.
Result<> write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace fair::onnx
