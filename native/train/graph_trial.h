// A graph nobody here has seen, tried on LibTorch: does it run, does it learn?
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "native/onnx/graph.h"
#include "native/train/trainer.h"

namespace fair::train {

/// See Trainer::run_graph.
[[nodiscard]] Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path& model, const onnx::Tensor& input);
/// See Trainer::try_training.
[[nodiscard]] Result<TrainingTrial> try_training(const TrialRequest& request, const onnx::Tensor& input);
/// See Trainer::operators.
[[nodiscard]] std::vector<OperatorInfo> operator_table();

}  // namespace fair::train
