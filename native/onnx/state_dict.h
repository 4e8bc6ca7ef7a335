// Weights as the file that Python's torch.load(weights_only=True) opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "native/onnx/graph.h"

namespace fair::onnx {

/// A named float32 tensor, C-contiguous; `bytes` belong to the caller.
struct StateEntry {
  std::string name;
  std::vector<std::int64_t> dims;
  std::string_view bytes;
};

/// An OrderedDict of tensors in PyTorch's zip format, in the order given. The same weights give the same bytes. Appears whole or not at all.
Result<> write_state_dict(const std::filesystem::path& path, const std::vector<StateEntry>& entries);

/// Whether PyTorch would name a parameter or running statistics so: ….weight, .bias, .running_mean, .running_var.
[[nodiscard]] bool names_state(std::string_view name);

/// A graph's parameters and running statistics: its float32 initializers named as PyTorch names them.
[[nodiscard]] std::vector<StateEntry> state_of(const Model& model);

}  // namespace fair::onnx
