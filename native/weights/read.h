// Named weights out of other people's files: safetensors, and what torch.save has written since 2016.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "native/onnx/graph.h"

namespace fair::weights {

struct StateDict {
  std::vector<onnx::Tensor> tensors;    ///< in the file's order, C-contiguous, in the element types they were saved in
  std::string format;                   ///< "safetensors", "PyTorch zip", "PyTorch legacy"
  std::string key;                      ///< the keys under which they lie, joined by '/'; "" at the top
  std::vector<std::string> other_keys;  ///< other places with tensors by name, with their counts: "ema (499 tensors)"
  std::vector<std::string> left_out;    ///< entries that are no tensors this program computes with
};

/// Finds the largest set of named tensors, or the one under `key`. Nothing in the file is executed. `thing` names it in errors, which tell the
/// offset. Code::invalid for damage, Code::not_found where it holds no tensors, Code::unsupported for other formats, with what to do.
[[nodiscard]] Result<StateDict> parse_state_dict(std::string_view bytes, const std::string& thing, const std::string& key = {});
[[nodiscard]] Result<StateDict> read_state_dict(const std::filesystem::path& path, const std::string& key = {});

}  // namespace fair::weights
