#include "native/train/classification_task.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/field.h"
#include "core/metrics/classification.h"
#include "core/stac/class_match.h"
#include "core/stac/model_spec.h"
#include "native/train/chip_sampler.h"
#include "native/train/classification_loss.h"
#include "native/train/setting.h"

namespace fair::train {
namespace {

/// (batch, channels) of whatever axes the graph leaves: pooled scores may keep axes of one pixel.
at::Tensor logits_of(const Tensors& outputs) { return outputs.at(0).flatten(1); }

class ChipScore final : public Score {
 public:
  explicit ChipScore(std::vector<std::string> classes) : names_(std::move(classes)), confusion_(names_.size()) {}

  void add(const Tensors& outputs, const Batch& batch) override {
    const at::Tensor logits = logits_of(outputs);
    const at::Tensor predicted = (logits.size(1) == 1 ? logits.squeeze(1).gt(0) : logits.argmax(1)).to(at::kCPU, at::kByte).contiguous();
    const at::Tensor truth = batch.targets.at(0).to(at::kByte).contiguous();
    confusion_.add(truth.data_ptr<std::uint8_t>(), predicted.data_ptr<std::uint8_t>(), static_cast<std::size_t>(truth.numel()));
  }
  [[nodiscard]] Json metrics() const override { return metrics::ClassificationScores(confusion_).to_json(names_); }
  /// F1, and accuracy where it ties: a part without one of the classes has no F1 to speak of.
  [[nodiscard]] double goodness() const override { return metrics::ClassificationScores(confusion_).f1() + 1e-3 * confusion_.accuracy(); }

 private:
  std::vector<std::string> names_;
  metrics::Confusion confusion_;
};

class ClassificationTask final : public Task {
 public:
  ClassificationTask(ChipSampler sampler, ClassificationLoss loss, std::vector<std::string> classes, bool channels_last)
      : sampler_(std::move(sampler)), loss_(std::move(loss)), classes_(std::move(classes)), channels_last_(channels_last) {}

  [[nodiscard]] Batch draw(std::int64_t step, BatchPart part) const override { return batch_of(sampler_.draw(step, part)); }
  [[nodiscard]] std::int64_t validation_samples() const override { return sampler_.validation_chips(); }
  [[nodiscard]] Batch validation(std::int64_t first, int count) const override { return batch_of(sampler_.validation(first, count)); }
  [[nodiscard]] at::Tensor input(const at::Tensor& pixels) const override {
    return channels_last_ ? pixels.permute({0, 2, 3, 1}).contiguous() : pixels;
  }
  [[nodiscard]] at::Tensor loss(const Tensors& outputs, const Batch& batch) const override {
    const at::Tensor logits = logits_of(outputs);
    return loss_(logits, batch.targets.at(0).to(logits.device()));
  }
  [[nodiscard]] std::unique_ptr<Score> score() const override { return std::make_unique<ChipScore>(classes_); }

 private:
  static Batch batch_of(ChipSamples samples) { return {std::move(samples.pixels), {std::move(samples.labels)}}; }

  ChipSampler sampler_;
  ClassificationLoss loss_;
  std::vector<std::string> classes_;
  bool channels_last_;
};

std::string text(at::IntArrayRef sizes) {
  std::string out = "(";
  for (std::size_t i = 0; i < sizes.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  return out + ")";
}

/// Values a chip that the graph gives, seen by running it once on a black one.
Result<std::int64_t> channels_of(Program& program, std::int64_t side, bool channels_last, std::size_t classes, at::Device device) {
  const std::string wanted = "one value for each of the " + std::to_string(classes) + " classes" + (classes == 2 ? ", or one in all" : "");
  at::Tensor output;
  try {
    const c10::NoGradGuard no_gradients;
    program.set_training(false);
    const auto pixels = at::zeros({1, image_channels, side, side}, at::TensorOptions().device(device)).contiguous(at::MemoryFormat::ChannelsLast);
    output = program.run(channels_last ? pixels.permute({0, 2, 3, 1}).contiguous() : pixels).at(0);
  } catch (const std::exception& e) {
    std::string why = e.what();
    why.resize(std::min(why.find('\n'), why.size()));
    return fail(Code::incompatible, "the model", wanted + " for one chip of three bands", why, "check the model's input shape against its item");
  }
  const std::int64_t given = output.dim() >= 2 && output.size(0) == 1 ? output.numel() : -1;
  if (given == static_cast<std::int64_t>(classes) || (given == 1 && classes == 2)) return given;
  return fail(Code::incompatible, "the model's output", wanted, text(output.sizes()), "the model's classes and the item's must be the same");
}

}  // namespace

Result<std::unique_ptr<Task>> make_classification_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model&,
                                                       Program& program, at::Device device) {
  FAIR_TRY_ASSIGN(const auto spec, stac::ModelSpec::from_metadata(request.metadata, "the model's fields"));
  const std::size_t classes = spec.output.classes.size();
  ChipSampling sampling;
  sampling.side = static_cast<std::int32_t>(spec.input.width > 0 ? spec.input.width : setting<int>(request.plugin, "window", 256));
  sampling.preparation = {spec.input.scaling.scale, spec.input.scaling.offset};
  sampling.augmentation = Augmentation::from(member(request.plugin, "augment"));
  sampling.place_of_value = stac::places_of(pack->header().value("classes", Json::array()), spec.output.classes);
  sampling.seed = request.seed;
  const bool channels_last = spec.input.layout == stac::Layout::nhwc;
  FAIR_TRY_ASSIGN(const std::int64_t channels, channels_of(program, sampling.side, channels_last, classes, device));
  FAIR_TRY_ASSIGN(ChipSampler sampler, ChipSampler::create(std::move(pack), std::move(sampling)));
  const Json& h = request.hyperparameters;
  FAIR_TRY_ASSIGN(ClassificationLoss loss,
                  ClassificationLoss::from(setting<std::string>(h, "loss", "BCEWithLogitsLoss"), channels, sampler.training_chips(classes),
                                           setting<std::string>(h, "class_weights", "none") == "balanced"));
  if (loss.weights.defined()) loss.weights = loss.weights.to(device);
  std::vector<std::string> names;
  for (const stac::Class& c : spec.output.classes) names.push_back(c.name);
  return std::make_unique<ClassificationTask>(std::move(sampler), std::move(loss), std::move(names), channels_last);
}

}  // namespace fair::train
