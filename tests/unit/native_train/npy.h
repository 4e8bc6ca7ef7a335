// NumPy's .npy and .npz files, as far as golden data needs them.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>

namespace fair::test {

/// Throws std::runtime_error, naming the file, on anything but little-endian C-ordered numbers.
at::Tensor read_npy(const std::filesystem::path& path);
/// Stored or deflated members, by name without ".npy".
std::map<std::string, at::Tensor> read_npz(const std::filesystem::path& path);

}  // namespace fair::test
