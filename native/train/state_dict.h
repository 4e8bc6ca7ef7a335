// Weights as files: what Python's torch.load(weights_only=True) opens, and our own checkpoint to go on from.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/json.h"
#include "native/train/program.h"

namespace fair::train {

/// An OrderedDict of float32 tensors in PyTorch's zip format, in the order given. Appears whole or not at all.
Result<> write_state_dict(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);

/// A header and tensors of any type, bit for bit.
Result<> write_checkpoint(const std::filesystem::path& path, const Json& header, const std::vector<NamedTensor>& tensors);

/// Copies the values into tensors of the same names, types and shapes, and gives the header. Errors name what is missing or damaged.
[[nodiscard]] Result<Json> read_checkpoint(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);

}  // namespace fair::train
