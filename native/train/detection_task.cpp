#include "native/train/detection_task.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/field.h"
#include "core/detect/nms.h"
#include "core/metrics/detections.h"
#include "core/stac/class_match.h"
#include "core/stac/model_spec.h"
#include "native/train/box_loss.h"
#include "native/train/box_sampler.h"
#include "native/train/setting.h"

namespace fair::train {
namespace {

constexpr std::size_t levels = 3;
// What average precision is customarily taken over: nearly all boxes, few of them removed.
constexpr float least_confidence = 0.001F;
constexpr double suppression_iou = 0.7;
constexpr std::size_t most_boxes = 300;

/// "….cv2.1.2.weight" -> {"cv2", 1}; the level is -1 for other names.
std::pair<std::string, int> branch_of(const std::string& weight) {
  for (const char* branch : {"cv2", "cv3"}) {
    for (int level = 0; level < static_cast<int>(levels); ++level) {
      const std::string end = std::string(".") + branch + "." + std::to_string(level) + ".2.weight";
      if (weight.size() > end.size() && weight.compare(weight.size() - end.size(), end.size(), end) == 0) return {branch, level};
    }
  }
  return {"", -1};
}

HeadMaps maps_of(const Tensors& outputs) {
  HeadMaps maps;
  for (std::size_t i = 0; i < levels; ++i) {
    maps.sides.push_back(outputs.at(outputs.size() - 2 * levels + i));
    maps.classes.push_back(outputs.at(outputs.size() - levels + i));
  }
  return maps;
}

std::vector<detect::Box> boxes_of(const at::Tensor& output) {
  const at::Tensor rows = output.t().contiguous();
  const std::int64_t width = rows.size(1);
  std::vector<detect::Box> boxes;
  const float* row = rows.data_ptr<float>();
  for (std::int64_t a = 0; a < rows.size(0); ++a, row += width) {
    const float* best = std::max_element(row + 4, row + width);
    if (*best < least_confidence) continue;
    const double x = row[0], y = row[1], half_width = row[2] / 2, half_height = row[3] / 2;
    detect::Box box{x - half_width, y - half_height, x + half_width, y + half_height, *best, static_cast<std::int32_t>(best - row - 4)};
    boxes.push_back(box);
  }
  boxes = detect::suppress(std::move(boxes), suppression_iou);
  std::stable_sort(boxes.begin(), boxes.end(), [](const detect::Box& a, const detect::Box& b) { return a.confidence > b.confidence; });
  if (boxes.size() > most_boxes) boxes.resize(most_boxes);
  return boxes;
}

class BoxScore final : public Score {
 public:
  explicit BoxScore(std::vector<std::string> classes) : names_(std::move(classes)), detections_(names_.size()) {}

  void add(const Tensors& outputs, const Batch& batch) override {
    const at::Tensor found = outputs.at(0).to(at::kCPU, at::kFloat);
    const at::Tensor targets = batch.targets.at(0).contiguous();
    for (std::int64_t b = 0; b < found.size(0); ++b) {
      std::vector<detect::Box> truth;
      const float* row = targets.data_ptr<float>();
      for (std::int64_t i = 0; i < targets.size(0); ++i, row += 6) {
        if (static_cast<std::int64_t>(row[0]) != b) continue;
        detect::Box box{row[2], row[3], row[4], row[5], 1, static_cast<std::int32_t>(row[1])};
        truth.push_back(box);
      }
      detections_.add(truth, boxes_of(found[b]));
    }
  }
  [[nodiscard]] Json metrics() const override { return detections_.to_json(names_); }
  /// As detectors are customarily chosen; while nothing reaches an overlap of 0.5 any better F1 counts.
  [[nodiscard]] double goodness() const override { return 0.1 * detections_.map50() + 0.9 * detections_.map50_95() + 1e-6 * detections_.best().f1; }

 private:
  std::vector<std::string> names_;
  metrics::Detections detections_;
};

class DetectionTask final : public Task {
 public:
  DetectionTask(BoxSampler sampler, std::vector<std::string> classes) : sampler_(std::move(sampler)), classes_(std::move(classes)) {}

  [[nodiscard]] Batch draw(std::int64_t step, BatchPart part) const override { return sampler_.draw(step, part); }
  [[nodiscard]] std::int64_t validation_samples() const override { return sampler_.validation_chips(); }
  [[nodiscard]] Batch validation(std::int64_t first, int count) const override { return sampler_.validation(first, count); }
  [[nodiscard]] at::Tensor loss(const Tensors& outputs, const Batch& batch) const override {
    const HeadMaps maps = maps_of(outputs);
    return box_loss(maps, batch.pixels.size(2), batch.targets.at(0).to(maps.sides.front().device())).sum();
  }
  [[nodiscard]] std::unique_ptr<Score> score() const override { return std::make_unique<BoxScore>(classes_); }

 private:
  BoxSampler sampler_;
  std::vector<std::string> classes_;
};

/// The side of training samples: what is wished, or what the graph alone takes.
Result<int> side_of(const TrainRequest& request, const onnx::Model& model) {
  const int wished = setting<int>(request.hyperparameters, "image_size", setting<int>(request.plugin, "window", 320));
  if (wished < 32 || wished % 32 != 0) return fail(Code::usage, "image_size", "a multiple of 32", std::to_string(wished), "set another one");
  const auto feeds = model.graph.feeds();
  const auto& shape = feeds.front()->shape;
  if (!shape || shape->size() != 4) return wished;
  const std::int64_t height = (*shape)[2].value, width = (*shape)[3].value;
  if (height <= 0 || width <= 0 || (height == wished && width == wished)) return wished;
  return fail(Code::unsupported, "image_size " + std::to_string(wished), "the size of the graph's input",
              std::to_string(height) + " x " + std::to_string(width), "set image_size to that, or export the model with free sizes");
}

}  // namespace

Result<std::vector<std::string>> detection_taps(const onnx::Model& model) {
  std::map<std::pair<std::string, int>, std::string> found;
  for (const onnx::Node& node : model.graph.nodes) {
    if (node.op != "Conv" || node.inputs.size() < 2 || node.outputs.empty()) continue;
    const auto branch = branch_of(node.inputs[1]);
    if (branch.second >= 0) found[branch] = node.outputs.front();
  }
  std::vector<std::string> out;
  for (const auto& [branch, value] : found) out.push_back(value);
  if (out.size() == 2 * levels) return out;
  return fail(Code::unsupported, "the model's head", "convolutions with weights ….cv2.L.2.weight and ….cv3.L.2.weight for L = 0, 1, 2",
              std::to_string(out.size()) + " of them", "detectors of the YOLO family from v8 on can be trained, with the names their exports give");
}

Result<std::unique_ptr<Task>> make_detection_task(const TrainRequest& request, std::shared_ptr<io::DatasetPack> pack, const onnx::Model& model,
                                                  Program& program, at::Device device) {
  if (request.classes.empty()) return fail(Code::usage, "classes", "at least one", "none");
  FAIR_TRY_ASSIGN(const int side, side_of(request, model));
  {
    const c10::NoGradGuard no_grad;
    program.set_training(false);
    const Tensors outputs = program.run(at::zeros({1, 3, side, side}, at::TensorOptions(device).dtype(at::kFloat)));
    const auto classes = static_cast<std::int64_t>(request.classes.size());
    const HeadMaps maps = maps_of(outputs);
    for (const at::Tensor& map : maps.classes) {
      if (map.size(1) == classes) continue;
      return fail(Code::incompatible, "the model's head", std::to_string(classes) + " classes as its item lists",
                  std::to_string(map.size(1)) + " in the graph", "correct classification:classes in the item");
    }
    if (outputs.front().dim() != 3 || outputs.front().size(1) != 4 + classes) {
      return fail(Code::unsupported, "the model's output", "[batch, " + std::to_string(4 + classes) + ", anchors]", c10::str(outputs.front().sizes()),
                  "export the model without NMS");
    }
  }
  BoxSampling how;
  how.side = side;
  how.seed = request.seed;
  FAIR_TRY_ASSIGN(const auto spec, stac::ModelSpec::from_metadata(request.metadata, "the model's fields"));
  how.preparation.scale = spec.input.scaling.scale;
  how.preparation.offset = spec.input.scaling.offset;
  how.index_of_value = stac::places_of(pack->header().value("classes", Json::array()), spec.output.classes);
  how.augmentation = BoxAugmentation::from(member(request.plugin, "augment"));
  how.augmentation.mosaic = setting<double>(request.hyperparameters, "mosaic", how.augmentation.mosaic);
  FAIR_TRY_ASSIGN(BoxSampler sampler, BoxSampler::create(std::move(pack), how));
  return std::make_unique<DetectionTask>(std::move(sampler), request.classes);
}

}  // namespace fair::train
