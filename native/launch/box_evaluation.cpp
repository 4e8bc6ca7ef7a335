#include "native/launch/box_evaluation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/geo/transform.h"
#include "core/stac/class_match.h"
#include "native/infer/driver.h"
#include "native/launch/feature_list.h"
#include "native/launch/pack_source.h"

namespace fair::launch {
namespace {

constexpr double least_confidence = 0.001, customary_iou = 0.7;

/// A feature's box in the chip's pixels.
detect::Box box_of(const vector::Feature& feature, const ChipPlace& place, const geo::GeoTransform& to_pixel, std::int32_t label) {
  detect::Box box{1e9, 1e9, -1e9, -1e9, static_cast<float>(feature.confidence), label};
  for (const vector::Polygon& polygon : feature.polygons) {
    for (const vector::Point& p : polygon.front()) {
      const geo::Place world = geo::place_of(place.crs, {p.x, p.y});
      const geo::Place pixel = geo::apply(to_pixel, world.x, world.y);
      box.x0 = std::min(box.x0, pixel.x), box.y0 = std::min(box.y0, pixel.y);
      box.x1 = std::max(box.x1, pixel.x), box.y1 = std::max(box.y1, pixel.y);
    }
  }
  return box;
}

Result<std::vector<detect::Box>> truth_of(const io::PackedChip& chip, const std::map<int, std::int64_t>& label_of_value) {
  const Json boxes = chip.labels.is_object() ? chip.labels.value("boxes", Json()) : Json();
  if (!boxes.is_array()) return fail(Code::invalid, "chip " + chip.name, "boxes", "none", "evaluate on a detection dataset");
  std::vector<detect::Box> out;
  for (const Json& b : boxes) {
    if (!b.is_array() || b.size() != 5) return fail(Code::invalid, "a box of chip " + chip.name, "five numbers", b.dump(), "make the dataset anew");
    const auto label = label_of_value.find(b[4].get<std::int32_t>());
    if (label == label_of_value.end()) continue;
    out.push_back({b[0].get<double>(), b[1].get<double>(), b[2].get<double>(), b[3].get<double>(), 1.0F, static_cast<std::int32_t>(label->second)});
  }
  return out;
}

/// Of the boxes of one chip those that the thresholds keep, as places in the list.
std::vector<std::size_t> kept(const std::vector<detect::Box>& boxes, const pipeline::InferenceOptions& options) {
  std::vector<std::size_t> order, out;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (static_cast<double>(boxes[i].confidence) >= options.confidence_threshold) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return boxes[a].confidence > boxes[b].confidence; });
  for (const std::size_t i : order) {
    const bool covered = std::any_of(
        out.begin(), out.end(), [&](std::size_t k) { return boxes[k].label == boxes[i].label && detect::iou(boxes[k], boxes[i]) > options.nms_iou; });
    if (!covered) out.push_back(i);
  }
  return out;
}

}  // namespace

Result<Evaluation> evaluate_boxes(const EvaluationRequest& request) {
  Evaluation out;
  std::map<std::int32_t, std::int32_t> label_of_value;  // of the model, which features carry
  for (const stac::Class& c : request.model.output.classes) {
    label_of_value[c.value] = static_cast<std::int32_t>(out.classes.size());
    out.classes.push_back(c.name);
  }
  const auto label_of_truth = stac::places_of(request.pack->header().value("classes", Json::array()), request.model.output.classes);
  metrics::Detections boxes(out.classes.size());

  EvaluationRequest wide = request;
  wide.model.geometry = wide.options.vectorize.geometry = stac::GeometryKind::polygon;
  infer::PredictOptions driving;
  driving.inference = wide.options;
  driving.inference.confidence_threshold = std::min(least_confidence, request.options.confidence_threshold);
  driving.inference.nms_iou = customary_iou;
  driving.inference.vectorize.area_threshold = 0;
  driving.stop = request.stop;
  FAIR_TRY_ASSIGN(const auto sources, single_sources_of(request.pack, request.part));
  if (sources.empty()) {
    return fail(Code::invalid, std::string("split ") + name(request.part), "at least one chip", "none in this dataset",
                "make the dataset with --val-ratio or --holdout, or choose another --split");
  }
  for (const ChipSource& source : sources) {
    const io::PackedChip& chip = *source.chip;
    FAIR_TRY_ASSIGN(const std::vector<detect::Box> truth, truth_of(chip, label_of_truth));
    std::vector<vector::Feature> features;
    FeatureList sink(features);
    FAIR_TRY_ASSIGN(const auto report, infer::predict(wide.model, request.plugin, *request.runner, source.blocks, sink, driving));
    if (out.chips == 0) out.warnings = report.warnings;
    FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
    const auto inverse = geo::invert(place.transform);
    if (!inverse) return fail(Code::invalid, "chip " + chip.name, "a georeference with an inverse", "pixels without size", "make the dataset again");
    std::vector<detect::Box> found;
    for (const vector::Feature& f : features) found.push_back(box_of(f, place, *inverse, label_of_value[f.class_value]));
    boxes.add(truth, found);
    for (const std::size_t i : kept(found, request.options)) out.features.push_back(features[i]);
    ++out.chips;
    if (request.on_progress) request.on_progress(out.chips, static_cast<std::int64_t>(sources.size()));
  }
  out.boxes = std::move(boxes);
  return out;
}

}  // namespace fair::launch
