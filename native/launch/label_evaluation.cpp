#include "native/launch/label_evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/geo/geodesic.h"
#include "core/geo/transform.h"
#include "core/pipeline/label_decision.h"
#include "core/raster/resample.h"
#include "core/stac/class_match.h"
#include "native/launch/pack_source.h"

namespace fair::launch {
namespace {

struct Labelled {
  const io::PackedChip* chip;
  std::uint8_t truth;  ///< place among the model's classes
};

Result<std::vector<Labelled>> labelled_chips(const EvaluationRequest& request) {
  const auto places = stac::places_of(request.pack->header().value("classes", Json::array()), request.model.output.classes);
  std::vector<Labelled> out;
  for (const io::PackedChip& chip : request.pack->chips()) {
    if (chip.part != request.part) continue;
    const Json value = chip.labels.is_object() ? chip.labels.value("class", Json()) : Json();
    const auto found = value.is_number_integer() ? places.find(value.get<int>()) : places.end();
    if (found == places.end()) {
      return fail(Code::incompatible, "chip " + chip.name, "one of the classes of " + request.model.id, value.is_null() ? "none" : value.dump(),
                  "evaluate on a classification dataset of the model's classes");
    }
    out.push_back({&chip, static_cast<std::uint8_t>(found->second)});
  }
  if (out.empty()) {
    return fail(Code::invalid, std::string("split ") + name(request.part), "at least one chip", "none in this dataset",
                "make the dataset with --val-ratio or --holdout, or choose another --split");
  }
  return out;
}

/// Chips through the model, some at a time.
class Classifier {
 public:
  explicit Classifier(const EvaluationRequest& request) : request_(request) {
    const stac::InputSpec& input = request.model.input;
    const Json tiling = request.plugin->description().value("tiling", Json::object());
    width_ = static_cast<std::int32_t>(input.width > 0 ? input.width : tiling.value("window", 256));
    height_ = static_cast<std::int32_t>(input.height > 0 ? input.height : tiling.value("window", 256));
    fixed_ = !input.shape.empty() && input.shape.front() > 0;
    batch_ = fixed_ ? input.shape.front() : std::max<std::int64_t>(1, request.options.batch_size);
  }
  [[nodiscard]] std::size_t batch() const { return static_cast<std::size_t>(batch_); }

  /// A row of probabilities a chip.
  Result<plugin::PostResult> run(const Labelled* chips, std::size_t count) {
    std::vector<raster::Image> images;
    std::vector<raster::ImageView> views;
    for (std::size_t i = 0; i < count; ++i) {
      const io::PackedChip& chip = *chips[i].chip;
      images.push_back(raster::resized({chip.pixels, chip.width, chip.height, chip.channels, static_cast<std::int64_t>(chip.width) * chip.channels},
                                       width_, height_));
    }
    for (const raster::Image& image : images) views.push_back(image.view());
    const bool last = request_.model.input.layout == stac::Layout::nhwc;
    const std::int64_t channels = request_.model.input.channels;
    TensorView input;
    input.rank = 4;
    input.shape = last
                      ? std::array<std::int64_t, TensorView::max_rank>{fixed_ ? batch_ : static_cast<std::int64_t>(count), height_, width_, channels}
                      : std::array<std::int64_t, TensorView::max_rank>{fixed_ ? batch_ : static_cast<std::int64_t>(count), channels, height_, width_};
    values_.assign(static_cast<std::size_t>(input.elements()), 0.0F);
    input.data = values_.data();
    TensorView filled = input;
    filled.shape[0] = static_cast<std::int64_t>(count);
    FAIR_TRY(request_.plugin->preprocess(views, filled));
    FAIR_TRY_ASSIGN(const std::vector<infer::Output> outputs, request_.runner->run(input));
    std::vector<TensorView> seen;
    for (const infer::Output& output : outputs) seen.push_back(output.view);
    FAIR_TRY_ASSIGN(plugin::PostResult result, request_.plugin->postprocess(seen));
    if (result.kind != plugin::ResultKind::label || result.shape.size() != 2 || result.shape[0] < static_cast<std::int64_t>(count)) {
      return fail(Code::invalid, "plugin's result", "a row of probabilities a window", "something else", "the plugin is wrong");
    }
    return result;
  }

 private:
  const EvaluationRequest& request_;
  std::int32_t width_ = 256, height_ = 256;
  bool fixed_ = false;
  std::int64_t batch_ = 1;
  std::vector<float> values_;
};

Result<vector::Feature> feature_of(const io::PackedChip& chip, const stac::Class& cls, double confidence) {
  FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
  std::vector<geo::LonLat> ring;
  for (const auto& [x, y] : {std::pair{0, 0}, std::pair{0, chip.height}, std::pair{chip.width, chip.height}, std::pair{chip.width, 0}})
    ring.push_back(geo::pixel_to_lon_lat(place.crs, place.transform, x, y));
  vector::Feature out;
  out.id = cls.name + "-" + chip.name;
  out.class_value = cls.value, out.class_name = cls.name, out.confidence = confidence;
  out.area_m2 = std::fabs(geo::ring_area(ring));
  if (geo::ring_area(ring) < 0) std::reverse(ring.begin(), ring.end());
  vector::Ring corners;
  for (const geo::LonLat& at : ring) corners.push_back({at.lon, at.lat});
  out.polygons = {{std::move(corners)}};
  return out;
}

}  // namespace

Result<Evaluation> evaluate_labels(const EvaluationRequest& request) {
  const auto& classes = request.model.output.classes;
  FAIR_TRY_ASSIGN(const std::vector<Labelled> chips, labelled_chips(request));
  Evaluation out;
  out.chips = static_cast<std::int64_t>(chips.size());
  for (const stac::Class& c : classes) out.classes.push_back(c.name);
  metrics::Confusion confusion(classes.size());
  Classifier classifier(request);
  for (std::size_t first = 0; first < chips.size(); first += classifier.batch()) {
    if (request.stop != nullptr && request.stop->load()) return fail(Code::cancelled, "evaluation", "to finish", "asked to stop");
    const std::size_t count = std::min(classifier.batch(), chips.size() - first);
    FAIR_TRY_ASSIGN(const plugin::PostResult result, classifier.run(&chips[first], count));
    const auto n = static_cast<std::size_t>(result.shape[1]);
    for (std::size_t i = 0; i < count; ++i) {
      const Labelled& one = chips[first + i];
      const float* p = &result.data[i * n];
      FAIR_TRY_ASSIGN(const auto shown, pipeline::decide_label(p, n, classes.size(), request.options.confidence_threshold));
      // Of several classes the likeliest counts, also where it is too unsure to be shown.
      FAIR_TRY_ASSIGN(const auto likeliest, pipeline::decide_label(p, n, classes.size(), 0));
      const auto predicted = static_cast<std::uint8_t>(shown ? shown->index : likeliest->index);
      confusion.add(&one.truth, &predicted, 1);
      if (!shown) continue;
      FAIR_TRY_ASSIGN(vector::Feature feature, feature_of(*one.chip, classes[shown->index], shown->confidence));
      out.features.push_back(std::move(feature));
    }
    if (request.on_progress) request.on_progress(static_cast<std::int64_t>(first + count), out.chips);
  }
  out.labels.emplace(confusion);
  return out;
}

}  // namespace fair::launch
