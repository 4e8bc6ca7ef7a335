// Training as the rest of the program sees it. The implementation lives in libfair_train, which alone links LibTorch and is opened on demand.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/onnx/graph.h"
#include "native/train/rank.h"

namespace fair::train {

struct TrainRequest {
  std::filesystem::path model;                 ///< ONNX graph with its starting weights
  std::filesystem::path dataset;               ///< a packed dataset (native/io/dataset_pack.h)
  std::filesystem::path output;                ///< folder for checkpoints, model.onnx, checkpoint.pt, history.json
  std::filesystem::path resume;                ///< a last checkpoint to go on from, or empty
  std::string task = "semantic-segmentation";  ///< as in mlm:tasks
  std::filesystem::path loss_graph;            ///< an ONNX graph in place of hyperparameters.loss, or empty (Loss::from_graph)
  Json hyperparameters;                        ///< checked, without prefix: epochs, batch_size, learning_rate, optimizer, loss, scheduler …
  Json plugin;                                 ///< the plugin description's "training" object: window, losses, parameter groups, augment, metrics
  Json metadata;                               ///< goes into the ONNX file (ModelSpec::to_metadata)
  std::vector<std::string> classes;
  std::string device = "auto";  ///< auto | cpu | cuda
  int threads = 0;              ///< 0: all cores
  double max_minutes = 0;       ///< 0: no limit; else the schedule is fitted to it, validation included
  bool epochs_limit = false;    ///< with max_minutes: end after hyperparameters.epochs too, whichever comes first; else the time alone decides
  std::uint64_t seed = 42;
  /// One of several that train together. hyperparameters.batch_size and .samples_per_epoch count all ranks' samples, of which each draws its part:
  /// what is learnt from does not depend on how many ranks there are. Rank 0 validates and writes; the others need no output.
  Rank rank;
  bool sync_batch_norm = false;  ///< batch statistics of all ranks' samples; else each rank's own, and the running ones rank 0's
};

struct EpochReport {
  int epoch = 0, epochs = 0;
  double train_loss = 0, val_loss = 0;
  Json metrics;  ///< of the validation part
  bool best = false;
};

struct StepReport {
  std::int64_t step = 0, steps = 0;  ///< steps is an estimate under a time budget
  int epoch = 0;
  double loss = 0, learning_rate = 0, seconds = 0;
};

/// Called from the training thread.
struct TrainEvents {
  std::function<void(const StepReport&)> on_step;
  std::function<void(const EpochReport&)> on_epoch;
  std::function<void(const std::string&)> log;
  const std::atomic<bool>* stop = nullptr;  ///< set: checkpoint and return stopped
};

struct TrainResult {
  bool stopped = false;  ///< ended by `stop`; resume goes on bit for bit
  int epochs = 0, best_epoch = 0;
  std::int64_t steps = 0;
  Json history;  ///< {epochs, train_loss[], val_loss[], metrics[]}
  Json metrics;  ///< of the best epoch, on the validation part
  std::filesystem::path onnx, checkpoint, last;
  std::string device;
  std::string precision;  ///< float32 | bfloat16: what convolutions and matrix products computed in
  double seconds = 0;
};

/// An operator that the trainer has.
struct OperatorInfo {
  std::string op;
  std::int64_t since = 1;  ///< the operator set that brought it
  std::string note;        ///< what of it is lacking, or differs from inference
};

/// A few steps towards a random target: does the graph learn?
struct TrialRequest {
  std::filesystem::path model;
  std::filesystem::path output;  ///< where the trained graph goes; empty: nowhere
  int steps = 20;
  double learning_rate = 1e-3;  ///< where the loss rises with it, a tenth and then a hundredth of it are tried from the same start
  std::uint64_t seed = 42;
};

struct TrainingTrial {
  std::vector<double> losses;         ///< before each step, and after the last
  std::vector<onnx::Tensor> outputs;  ///< of the trained graph, for the same input
  std::int64_t tensors = 0, parameters = 0;
  double learning_rate = 0;  ///< the one that was used
  double seconds = 0;
};

class Trainer {
 public:
  virtual ~Trainer() = default;
  virtual Result<TrainResult> run(const TrainRequest& request, const TrainEvents& events) = 0;
  /// The graph's outputs for one f32 input. Code::unsupported names the first node that cannot be run, before anything has run.
  [[nodiscard]] virtual Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path& model, const onnx::Tensor& input) = 0;
  /// Trains every weight on one input, by AdamW and the mean square distance of every output that has a gradient.
  [[nodiscard]] virtual Result<TrainingTrial> try_training(const TrialRequest& request, const onnx::Tensor& input) = 0;
  /// By name.
  [[nodiscard]] virtual std::vector<OperatorInfo> operators() const = 0;
  /// {libtorch, cuda, device_count, threads}
  [[nodiscard]] virtual Json build_info() const = 0;
};

/// Opens libfair_train (beside this program, its ../lib, or FAIR_TRAIN_LIBRARY). A build without training says so.
[[nodiscard]] Result<std::unique_ptr<Trainer>> open_trainer();
/// The file that open_trainer would open, or "" where there is none.
[[nodiscard]] std::filesystem::path library();

}  // namespace fair::train
