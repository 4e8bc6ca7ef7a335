// How right a model is on chips whose truth is known: predicted as always, compared as pixels, as polygons and thing by thing.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/metrics/classification.h"
#include "core/metrics/confusion.h"
#include "core/metrics/detections.h"
#include "core/metrics/instances.h"
#include "core/pipeline/inference.h"
#include "native/infer/runner.h"
#include "native/io/dataset_pack.h"

namespace fair::launch {

struct EvaluationRequest {
  std::shared_ptr<io::DatasetPack> pack;
  io::Part part = io::Part::holdout;
  stac::ModelSpec model;  ///< fitted to the session
  std::shared_ptr<plugin::ModelPlugin> plugin;
  infer::Runner* runner = nullptr;
  pipeline::InferenceOptions options;
  std::function<void(std::int64_t windows_done, std::int64_t windows_total)> on_progress;
  const std::atomic<bool>* stop = nullptr;
};

struct Evaluation {
  std::int64_t chips = 0;
  std::vector<std::string> classes;
  metrics::Confusion pixels{1};              ///< of the model's decisions, before anything is drawn
  metrics::Confusion polygons{1};            ///< of the finished features, burnt back into pixels
  metrics::InstanceMatches things;           ///< true and predicted features, at IoU 0.5; true ones: footprints, or the mask's connected shapes
  std::optional<metrics::Detections> boxes;  ///< of detectors, which have none of the three above
  std::optional<metrics::ClassificationScores> labels;  ///< of classifiers, likewise
  std::vector<vector::Feature> features;
  std::vector<std::string> warnings;

  /// fair:accuracy, fair:mean_iou, fair:per_class_iou …, the same under fair:polygon_…, fair:instance_…; of detectors fair:map50 …, of classifiers
  /// fair:f1 …
  [[nodiscard]] Json to_json() const;
  /// Mean IoU of the foreground classes' polygons; the figure people compare.
  [[nodiscard]] double foreground_iou() const;
};

/// Models whose features are lines or points are measured by the shapes those are drawn from, with a warning that says so.
/// Code::invalid where the part has no chips or they lack the labels of the model's task.
[[nodiscard]] Result<Evaluation> evaluate(const EvaluationRequest& request);

/// "train" | "val" | "holdout", and back.
[[nodiscard]] Result<io::Part> part_from(const std::string& name);
[[nodiscard]] const char* name(io::Part part);

}  // namespace fair::launch
