// An ONNX graph made ready to run on LibTorch, forwards and backwards.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/onnx/graph.h"
#include "native/train/operators.h"

namespace fair::train {

struct ProgramOptions {
  at::ScalarType real = at::kFloat;
  at::Device device = at::kCPU;
  bool channels_last = true;        ///< 4-axis weights and activations lie as NHWC
  std::vector<std::string> frozen;  ///< parameters whose names begin so stay as they are, and so do their batch statistics
  std::vector<std::string> taps;    ///< inner values that run() gives after the outputs, in this order
  bool learns_from_taps = false;    ///< while training, outputs are left undefined: what only they need is not computed
  bool logits = true;               ///< leave a closing Sigmoid or Softmax out: losses want logits, argmax does not mind
  bool learns = true;               ///< one input and at least one parameter; false: any number of either
};

/// A named tensor that lives as long as the program; `value` shares its memory.
struct NamedTensor {
  std::string name;
  at::Tensor value;
};

/// Parameters are what find_weights (stored_tensors.h) finds.
class Program {
 public:
  /// Code::unsupported names the first node that cannot be run, its operator and the opset, before anything has run.
  [[nodiscard]] static Result<Program> compile(const onnx::Model& model, const ProgramOptions& options);

  /// The graph's outputs, then the taps, for one input batch (dtype and device as compiled for). Throws c10::Error on shapes that do not fit.
  [[nodiscard]] Tensors run(const at::Tensor& input) const { return run(Tensors{input}); }
  /// The same for a graph of several inputs, in the graph's order. Throws std::invalid_argument on another number of them.
  [[nodiscard]] Tensors run(const Tensors& inputs) const;

  /// True: batch statistics, which move the running ones. False: running statistics.
  void set_training(bool training) { mode_->training = training; }
  /// Batch statistics are of all the group's ranks from now on. The group must outlive all runs.
  void share_statistics(RankGroup& group) { mode_->group = &group; }

  [[nodiscard]] const std::vector<NamedTensor>& parameters() const { return parameters_; }     ///< those that learn
  [[nodiscard]] const std::vector<NamedTensor>& frozen() const { return frozen_; }             ///< parameters that do not
  [[nodiscard]] const std::vector<NamedTensor>& buffers() const { return buffers_; }           ///< running statistics
  [[nodiscard]] const std::string& closing_activation() const { return closing_activation_; }  ///< the one left out: "Sigmoid", "Softmax" or ""

  /// Puts the present values into the model's initializers, in their own element types.
  void write_back(onnx::Model& model) const;

 private:
  struct Step {
    Kernel kernel;
    std::vector<int> inputs, outputs, drops;  ///< slots; -1 = left out
    bool trains = true;                       ///< part of a training run
    std::string label;
  };
  friend class Compiler;

  std::vector<Step> steps_;
  std::vector<at::Tensor> constants_;  ///< by slot; undefined where the value comes from running
  std::vector<int> input_slots_, output_slots_;
  std::vector<NamedTensor> parameters_, frozen_, buffers_;
  std::shared_ptr<Mode> mode_ = std::make_shared<Mode>();
  std::string closing_activation_;
};

}  // namespace fair::train
