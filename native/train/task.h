// What a kind of model is taught: which samples it sees, what training makes small, how well it does. One class a task.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/io/dataset_pack.h"
#include "native/onnx/graph.h"
#include "native/train/batch_part.h"
#include "native/train/program.h"
#include "native/train/trainer.h"

namespace fair::train {

struct Batch {
  at::Tensor pixels;                ///< f32 (batch, channels, height, width), input values; lies in memory as NHWC
  std::vector<at::Tensor> targets;  ///< as the task's loss and score want them; on the CPU
};

/// How well a model does over a part of the dataset, gathered batch by batch.
class Score {
 public:
  virtual ~Score() = default;
  virtual void add(const Tensors& outputs, const Batch& batch) = 0;
  /// By the metrics' names ("fair:mean_iou" …).
  [[nodiscard]] virtual Json metrics() const = 0;
  /// What decides which epoch is kept; more is better.
  [[nodiscard]] virtual double goodness() const = 0;
};

/// Outputs are what the program made of Task::input(): f32, on its device; of a task with taps, those alone are defined while it trains. Every call
/// but loss() is made without gradients.
class Task {
 public:
  virtual ~Task() = default;
  /// Samples of one training step, or a rank's part of them, augmented: a pure function of (seed, step, place in the batch), so that a resumed run
  /// draws what the unbroken one would have.
  [[nodiscard]] virtual Batch draw(std::int64_t step, BatchPart part) const = 0;
  [[nodiscard]] virtual std::int64_t validation_samples() const = 0;
  /// Samples [first, first + count) of the validation part, fewer at its end.
  [[nodiscard]] virtual Batch validation(std::int64_t first, int count) const = 0;
  /// A batch's pixels as the graph takes them.
  [[nodiscard]] virtual at::Tensor input(const at::Tensor& pixels) const { return pixels; }
  /// A scalar, the batch's mean.
  [[nodiscard]] virtual at::Tensor loss(const Tensors& outputs, const Batch& batch) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Score> score() const = 0;
};

/// Inner values of the graph that the request's task needs beside the outputs (ProgramOptions::taps).
[[nodiscard]] Result<std::vector<std::string>> taps_for(const TrainRequest& request, const onnx::Model& model);

/// Changes to the graph that the request's task wants before it is compiled; `log` hears of what could not be done.
Result<> prepare_graph(const TrainRequest& request, const io::DatasetPack& pack, onnx::Model& model,
                       const std::function<void(const std::string&)>& log);

/// The request's task, checked against the program by running it once. Code::unsupported names those there are.
[[nodiscard]] Result<std::unique_ptr<Task>> make_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model& model,
                                                      Program& program, at::Device device);

}  // namespace fair::train
