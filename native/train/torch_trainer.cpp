#include "native/train/torch_trainer.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "native/onnx/crc32.h"
#include "native/onnx/int8_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/untied_weights.h"
#include "native/train/graph_trial.h"
#include "native/train/half_precision.h"
#include "native/train/memory.h"
#include "native/train/optimizer.h"
#include "native/train/own_cores.h"
#include "native/train/program.h"
#include "native/train/rank_group.h"
#include "native/train/setting.h"
#include "native/train/task.h"
#include "native/train/threads.h"
#include "native/train/training_loop.h"

namespace fair::train {
namespace {

std::vector<std::string> encoder_prefixes(const TrainRequest& request) {
  if (!setting<bool>(request.hyperparameters, "freeze_encoder", false) || !request.plugin.contains("parameter_groups")) return {};
  std::vector<std::string> out;
  for (const Json& prefix : request.plugin["parameter_groups"].value("encoder", Json::array())) out.push_back(prefix.get<std::string>());
  return out;
}

/// Tensors that are weights by their place but constants by their meaning: training.fixed of the plugin's description.
std::vector<std::string> fixed_prefixes(const TrainRequest& request) {
  std::vector<std::string> out;
  if (!request.plugin.is_object()) return out;
  for (const Json& prefix : request.plugin.value("fixed", Json::array())) out.push_back(prefix.get<std::string>());
  return out;
}

Result<at::Device> device_for(const std::string& name, const Rank& rank) {
  const bool cuda = at::hasCUDA();
  if (name == "cpu" || (name == "auto" && !cuda)) return at::Device(at::kCPU);
  if (name == "auto" || name == "cuda") {
    if (cuda && rank.alone()) return at::Device(at::kCUDA);
    if (cuda) return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(rank.local % at::detail::getCUDAHooks().getNumGPUs()));
    return fail(Code::unsupported, "device cuda", "a GPU and a LibTorch built for it", "neither in this build or machine",
                "use --device cpu or auto");
  }
  return fail(Code::usage, "device", "auto, cpu or cuda", name, "");
}

/// What all ranks must have alike, by what people call it.
Json facts_of(const TrainRequest& request, const Program& program, bool bfloat16) {
  std::string tensors;
  for (const auto* group : {&program.parameters(), &program.buffers()}) {
    for (const NamedTensor& t : *group) tensors += t.name + Json(t.value.sizes().vec()).dump();
  }
  std::error_code error;
  return {{"number of ranks", request.rank.ranks},
          {"task", request.task},
          {"model's weights", std::to_string(program.parameters().size()) + " tensors, names and shapes " + std::to_string(onnx::crc32(tensors))},
          {"dataset", std::to_string(std::filesystem::file_size(request.dataset, error)) + " bytes"},
          {"hyperparameters", request.hyperparameters},
          {"seed", request.seed},
          {"time limit", request.max_minutes},
          {"precision", bfloat16 ? "bfloat16" : "float32"},
          {"sync_batch_norm", request.sync_batch_norm}};
}

Result<> divisible(const TrainRequest& request) {
  const int batch = std::max(1, setting<int>(request.hyperparameters, "batch_size", 4));
  const std::string ranks = std::to_string(request.rank.ranks);
  if (batch < request.rank.ranks)
    return fail(Code::usage, "batch_size", "a sample a rank: " + ranks + " at least", std::to_string(batch), "set batch_size, or use fewer ranks");
  if (request.sync_batch_norm && batch % request.rank.ranks != 0) {
    return fail(Code::usage, "batch_size", "a multiple of " + ranks + " ranks for sync_batch_norm", std::to_string(batch),
                "set another batch_size or number of ranks");
  }
  return {};
}

class TorchTrainer final : public Trainer {
 public:
  Result<TrainResult> run(const TrainRequest& request, const TrainEvents& events) override {
    try {
      return train(request, events);
    } catch (const RankLost& e) {
      return fail(Code::io, "training by " + std::to_string(request.rank.ranks) + " ranks", "all of them to the end", e.what(),
                  "see what the other ranks say; --resume goes on from the last checkpoint, with any number of ranks");
    } catch (const std::exception& e) {
      std::string what = e.what();
      if (const auto line = what.find('\n'); line != std::string::npos) what.resize(line);
      return fail(Code::invalid, request.model.string(), "a model that trains on this dataset", what, "check the model's shapes against its item");
    }
  }

  Result<std::vector<onnx::Tensor>> run_graph(const std::filesystem::path& model, const onnx::Tensor& input) override {
    return train::run_graph(model, input);
  }
  Result<TrainingTrial> try_training(const TrialRequest& request, const onnx::Tensor& input) override { return train::try_training(request, input); }
  std::vector<OperatorInfo> operators() const override { return operator_table(); }

  Json build_info() const override { return {{"libtorch", FAIR_LIBTORCH_VERSION}, {"cuda", at::hasCUDA()}, {"threads", at::get_num_threads()}}; }

 private:
  static Result<TrainResult> train(const TrainRequest& request, const TrainEvents& events) {
    const OwnCores cores(request.rank, request.threads);
    use_threads(request.threads);
    FAIR_TRY_ASSIGN(const at::Device device, device_for(request.device, request.rank));
    if (device.is_cpu()) keep_memory();
    FAIR_TRY_ASSIGN(const bool bfloat16, wants_bfloat16(setting<std::string>(request.hyperparameters, "precision", "auto"), device));
    FAIR_TRY_ASSIGN(onnx::Model model, onnx::read_model(request.model));
    model = onnx::with_weights_untied(onnx::with_int8_weights_restored(std::move(model)));
    FAIR_TRY_ASSIGN(auto pack, io::DatasetPack::open(request.dataset));
    FAIR_TRY(prepare_graph(request, *pack, model, events.log));
    ProgramOptions options;
    options.device = device;
    const std::vector<std::string> encoder = encoder_prefixes(request);
    options.frozen = encoder;
    for (std::string& prefix : fixed_prefixes(request)) options.frozen.push_back(std::move(prefix));
    FAIR_TRY_ASSIGN(options.taps, taps_for(request, model));
    options.learns_from_taps = !options.taps.empty();
    FAIR_TRY_ASSIGN(Program program, Program::compile(model, options));
    const auto of_encoder = [&](const NamedTensor& t) {
      return std::any_of(encoder.begin(), encoder.end(), [&](const std::string& prefix) { return t.name.rfind(prefix, 0) == 0; });
    };
    if (!encoder.empty() && std::none_of(program.frozen().begin(), program.frozen().end(), of_encoder)) {
      return fail(Code::usage, "freeze_encoder", "weights of the model that begin with " + encoder.front(), "none", "set freeze_encoder=false");
    }
    FAIR_TRY_ASSIGN(std::unique_ptr<Task> task, make_task(request, std::move(pack), model, program, device));
    const Json& h = request.hyperparameters;
    FAIR_TRY_ASSIGN(OptimizerOptions optimizer, OptimizerOptions::from(setting<std::string>(h, "optimizer", "AdamW")));
    optimizer.weight_decay = setting<double>(h, "weight_decay", 0.0);
    optimizer.decay_vectors = setting<bool>(request.plugin, "decay_vectors", true);
    optimizer.momentum = setting<double>(h, "momentum", optimizer.momentum);
    optimizer.beta1 = setting<double>(h, "momentum", optimizer.beta1);
    Optimizer steps(program.parameters(), optimizer);
    std::shared_ptr<RankGroup> group;
    if (!request.rank.alone()) {
      FAIR_TRY(divisible(request));
      FAIR_TRY_ASSIGN(group, RankGroup::join(request.rank, {device, facts_of(request, program, bfloat16), events.log, events.stop}));
    }
    std::error_code error;
    if (request.rank.first()) std::filesystem::create_directories(request.output, error);
    if (error) return fail(Code::io, request.output.string(), "a folder that can be made", error.message(), "check permissions and free space");
    return run_training_loop(request, events,
                             {std::move(model), std::move(program), std::move(task), std::move(steps), device, bfloat16, std::move(group)});
  }
};

}  // namespace

std::unique_ptr<Trainer> make_torch_trainer() { return std::make_unique<TorchTrainer>(); }

}  // namespace fair::train
