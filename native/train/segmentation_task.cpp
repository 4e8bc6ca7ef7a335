#include "native/train/segmentation_task.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/field.h"
#include "core/metrics/confusion.h"
#include "core/stac/class_match.h"
#include "core/stac/model_spec.h"
#include "native/train/border_head.h"
#include "native/train/border_target.h"
#include "native/train/loss.h"
#include "native/train/sampler.h"
#include "native/train/setting.h"
#include "native/train/tensor_layout.h"

namespace fair::train {
namespace {

/// The same scaling that prediction uses: from the item's fields, which the model will carry.
Preparation preparation(const TrainRequest& request) {
  Preparation out;
  const auto spec = stac::ModelSpec::from_metadata(request.metadata, "the model's fields");
  if (spec) {
    out.scale = spec->input.scaling.scale;
    out.offset = spec->input.scaling.offset;
  }
  return out;
}

/// One weight a class, so that every class counts the same in all; classes that do not occur count nothing.
at::Tensor balanced(const Sampler& sampler, std::int64_t channels) {
  const auto counts = sampler.training_pixels();
  double total = 0;
  int present = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    total += static_cast<double>(counts[static_cast<std::size_t>(c)]);
    present += counts[static_cast<std::size_t>(c)] > 0 ? 1 : 0;
  }
  auto weights = at::zeros({channels}, at::kFloat);
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto n = static_cast<double>(counts[static_cast<std::size_t>(c)]);
    if (n > 0) weights.data_ptr<float>()[c] = static_cast<float>(total / (present * n));
  }
  return weights;
}

class PixelScore final : public Score {
 public:
  PixelScore(const TensorLayout& layout, std::vector<std::string> classes)
      : layout_(layout), names_(std::move(classes)), confusion_(std::max<std::size_t>(2, names_.size())) {}

  void add(const Tensors& outputs, const Batch& batch) override {
    const at::Tensor logits = layout_.logits(outputs.at(0));
    const at::Tensor predicted = (logits.size(1) == 1 ? logits.squeeze(1).gt(0) : logits.argmax(1)).to(at::kCPU, at::kByte).contiguous();
    const at::Tensor truth = batch.targets.at(0).to(at::kByte).contiguous();
    confusion_.add(truth.data_ptr<std::uint8_t>(), predicted.data_ptr<std::uint8_t>(), static_cast<std::size_t>(truth.numel()));
  }
  [[nodiscard]] Json metrics() const override { return confusion_.to_json(names_); }
  [[nodiscard]] double goodness() const override { return confusion_.mean_iou(); }

 private:
  TensorLayout layout_;
  std::vector<std::string> names_;
  metrics::Confusion confusion_;
};

// Beside the classes' loss. What is between two things is a small part of all rims, and all that tells them apart.
constexpr double border_weight = 1, touching_weight = 5;

at::Tensor border_loss(const at::Tensor& logits, const at::Tensor& target) {
  const auto type = logits.scalar_type();
  const at::Tensor weight = target.ne(no_border_target).to(type) + target.eq(touching_target).to(type) * (touching_weight - 1);
  const at::Tensor each = at::binary_cross_entropy_with_logits(logits, target.ne(inside_target).to(type), {}, {}, at::Reduction::None);
  return (each * weight).sum() / weight.sum().clamp_min(1);
}

class SegmentationTask final : public Task {
 public:
  SegmentationTask(Sampler sampler, Loss loss, const TensorLayout& layout, std::vector<std::string> classes, bool borders)
      : sampler_(std::move(sampler)), loss_(std::move(loss)), layout_(layout), classes_(std::move(classes)), borders_(borders) {}

  [[nodiscard]] Batch draw(std::int64_t step, BatchPart part) const override { return batch_of(sampler_.draw(step, part)); }
  [[nodiscard]] std::int64_t validation_samples() const override { return sampler_.validation_windows(); }
  [[nodiscard]] Batch validation(std::int64_t first, int count) const override { return batch_of(sampler_.validation(first, count)); }
  [[nodiscard]] at::Tensor input(const at::Tensor& pixels) const override { return layout_.input(pixels); }
  [[nodiscard]] at::Tensor loss(const Tensors& outputs, const Batch& batch) const override {
    const at::Tensor logits = layout_.logits(outputs.at(0));
    const at::Tensor classes = loss_(logits, batch.targets.at(0).to(logits.device()));
    if (!borders_) return classes;
    const at::Tensor borders = layout_.logits(outputs.at(1)).squeeze(1);
    return classes + border_weight * border_loss(borders, batch.targets.at(1).to(logits.device()));
  }
  [[nodiscard]] std::unique_ptr<Score> score() const override { return std::make_unique<PixelScore>(layout_, classes_); }

 private:
  static Batch batch_of(Samples samples) {
    Batch batch{std::move(samples.pixels), {std::move(samples.targets)}};
    if (samples.borders.defined()) batch.targets.push_back(std::move(samples.borders));
    return batch;
  }

  Sampler sampler_;
  Loss loss_;
  TensorLayout layout_;
  std::vector<std::string> classes_;
  bool borders_;
};

/// Width of the rim that a border output learns, in metres: about a wall and what is beside it; at least two pixels.
double border_radius(const io::DatasetPack& pack) { return std::max(2.0, 0.8 / setting<double>(pack.header(), "gsd", 0.4)); }

}  // namespace

Result<> fit_borders(const TrainRequest& request, const io::DatasetPack& pack, onnx::Model& model,
                     const std::function<void(const std::string&)>& log) {
  const auto wish = setting<std::string>(request.hyperparameters, "borders", "auto");
  if (wish != "auto" && wish != "on" && wish != "off") return fail(Code::usage, "training.borders", "auto, on or off", wish, "correct it");
  const auto& chips = pack.chips();
  const bool known = std::all_of(chips.begin(), chips.end(), [](const io::PackedChip& chip) { return chip.things != nullptr; });
  if (wish == "on" && !known) {
    return fail(Code::incompatible, "training.borders", "a dataset that tells things apart", "masks alone",
                "make the dataset from footprints, or train with borders=auto or off");
  }
  const bool wanted = wish == "on" || (wish == "auto" && known && setting<std::int64_t>(pack.header(), "touching", 0) > 0);
  if (!wanted && has_border_head(model)) remove_border_head(model);
  if (!wanted || has_border_head(model)) return {};
  Result<> added = add_border_head(model, request.seed);
  if (!added && wish == "on") return added;
  if (!added && log) log("borders between touching things are not learnt: " + added.error().message());
  return {};
}

Result<std::unique_ptr<Task>> make_segmentation_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model& model,
                                                     Program& program, at::Device device) {
  const int window = setting<int>(request.plugin, "window", 256);
  const auto classes = static_cast<std::int64_t>(std::max<std::size_t>(2, request.classes.size()));
  FAIR_TRY_ASSIGN(const TensorLayout layout, TensorLayout::of(model, program, window, classes, device));
  const auto augmentation = Augmentation::from(member(request.plugin, "augment"));
  const bool borders = has_border_head(model);
  const double radius = border_radius(*pack);
  const Json labelled = member(pack->header(), "classes");
  FAIR_TRY_ASSIGN(Sampler sampler, Sampler::create(std::move(pack), window, preparation(request), augmentation, request.seed));
  if (const auto spec = stac::ModelSpec::from_metadata(request.metadata, "the model's fields"); spec && spec->output.classes.size() > 1) {
    sampler.know_places(stac::places_of(labelled, spec->output.classes));
  }
  const Json& h = request.hyperparameters;
  FAIR_TRY_ASSIGN(Loss loss, request.loss_graph.empty() ? Loss::from(setting<std::string>(h, "loss", "CrossEntropyLoss"), layout.output_channels)
                                                        : Loss::from_graph(request.loss_graph, layout.output_channels, window, device));
  if (setting<std::string>(h, "class_weights", "none") == "balanced" && layout.output_channels > 1) {
    loss.class_weights = balanced(sampler, layout.output_channels).to(device);
  }
  if (borders) sampler.want_borders(radius);
  return std::make_unique<SegmentationTask>(std::move(sampler), std::move(loss), layout, request.classes, borders);
}

}  // namespace fair::train
