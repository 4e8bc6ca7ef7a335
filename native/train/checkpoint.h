// Weights as files: what Python's torch.load(weights_only=True) opens, and our own checkpoint to go on from.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/json.h"
#include "native/train/program.h"

namespace fair::train {

/// The tensors as float32 in the file of onnx::write_state_dict, in the order given.
Result<> write_weights(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);

/// A header and tensors of any type, bit for bit, in the byte order of the machine. Built in memory; appears whole or not at all.
Result<> write_checkpoint(const std::filesystem::path& path, const Json& header, const std::vector<NamedTensor>& tensors);

/// Copies the values into the tensors, which must be those it was written with (names, types, shapes, order), and gives the header.
/// Code::invalid where the file is damaged or another model's; the tensors are then untouched.
[[nodiscard]] Result<Json> read_checkpoint(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);

}  // namespace fair::train
