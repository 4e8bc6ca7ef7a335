#include "native/launch/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/field.h"
#include "core/geo/transform.h"
#include "core/stac/class_match.h"
#include "core/vector/polygonize.h"
#include "core/vector/rasterize.h"
#include "native/infer/driver.h"
#include "native/launch/box_evaluation.h"
#include "native/launch/feature_list.h"
#include "native/launch/label_evaluation.h"
#include "native/launch/pack_source.h"

namespace fair::launch {
namespace {

/// Class values of masks and features to rows of a confusion matrix; values the model does not know count nowhere.
std::array<std::uint8_t, 256> index_of_value(const std::vector<stac::Class>& classes) {
  std::array<std::uint8_t, 256> out;
  out.fill(metrics::Confusion::ignore);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].value >= 0 && classes[i].value < 255) out[static_cast<std::size_t>(classes[i].value)] = static_cast<std::uint8_t>(i);
  }
  return out;
}

/// The same for the masks of a dataset, whose classes may have other values.
std::array<std::uint8_t, 256> index_of_label(const io::DatasetPack& pack, const std::vector<stac::Class>& classes) {
  std::array<std::uint8_t, 256> out;
  out.fill(metrics::Confusion::ignore);
  for (const auto& [value, place] : stac::places_of(member(pack.header(), "classes"), classes)) {
    if (value >= 0 && value < 255) out[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(place);
  }
  return out;
}

/// A feature with its box in the degrees it is drawn in, to pass over chips it does not touch.
struct Placed {
  const vector::Feature* feature;
  geo::Bounds box;
};

std::vector<Placed> with_boxes(const std::vector<vector::Feature>& features) {
  std::vector<Placed> out;
  for (const vector::Feature& f : features) {
    geo::Bounds box{1e9, 1e9, -1e9, -1e9};
    for (const vector::Polygon& polygon : f.polygons) {
      for (const vector::Point& p : polygon.front()) {
        box = {std::min(box.west, p.x), std::min(box.south, p.y), std::max(box.east, p.x), std::max(box.north, p.y)};
      }
    }
    out.push_back({&f, box});
  }
  return out;
}

geo::Bounds box_of(const io::PackedChip& chip, const ChipPlace& place) {
  geo::Bounds box{1e9, 1e9, -1e9, -1e9};
  for (const double column : {0.0, static_cast<double>(chip.width)}) {
    for (const double row : {0.0, static_cast<double>(chip.height)}) {
      const geo::LonLat at = geo::pixel_to_lon_lat(place.crs, place.transform, column, row);
      box = {std::min(box.west, at.lon), std::min(box.south, at.lat), std::max(box.east, at.lon), std::max(box.north, at.lat)};
    }
  }
  return box;
}

/// Burns features into one chip: class values (background where there is none) and each feature's number from 1.
struct Burnt {
  std::vector<std::uint8_t> values;
  std::vector<std::int32_t> numbers;
};

Result<Burnt> burn(const std::vector<Placed>& features, const io::PackedChip& chip, const ChipPlace& place, std::uint8_t background) {
  const std::size_t pixels = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
  Burnt out{std::vector<std::uint8_t>(pixels, background), std::vector<std::int32_t>(pixels, 0)};
  const auto inverse = geo::invert(place.transform);
  if (!inverse) return fail(Code::invalid, "chip " + chip.name, "a georeference with an inverse", "pixels without size", "make the dataset again");
  const geo::Bounds box = box_of(chip, place);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto& [feature, its] = features[i];
    if (its.east < box.west || its.west > box.east || its.north < box.south || its.south > box.north) continue;
    for (const vector::Polygon& polygon : feature->polygons) {
      vector::Polygon in_pixels = polygon;
      for (vector::Ring& ring : in_pixels) {
        for (vector::Point& p : ring) {
          const geo::Place world = geo::place_of(place.crs, {p.x, p.y});
          const geo::Place pixel = geo::apply(*inverse, world.x, world.y);
          p = {pixel.x, pixel.y};
        }
      }
      vector::rasterize(in_pixels, static_cast<std::uint8_t>(feature->class_value), out.values.data(), chip.width, chip.height);
      vector::rasterize(in_pixels, static_cast<std::int32_t>(i + 1), out.numbers.data(), chip.width, chip.height);
    }
  }
  return out;
}

/// Numbers the true things: connected shapes of one class.
std::vector<std::int32_t> number_shapes(const std::vector<std::uint8_t>& mask, std::int32_t width, std::int32_t height) {
  std::vector<std::int32_t> out(mask.size(), 0);
  std::int32_t number = 0;
  vector::PolygonizeOptions options;
  options.width = width;
  vector::Polygonizer polygonizer(options, [&](vector::Shape&& shape) {
    ++number;
    for (std::size_t part = 0; part < shape.parts.size(); ++part) {
      const std::size_t end = part + 1 < shape.parts.size() ? shape.parts[part + 1] : shape.rings.size();
      vector::Polygon polygon;
      for (std::size_t r = shape.parts[part]; r < end; ++r) {
        vector::Ring ring;
        for (const vector::Corner& c : shape.rings[r]) ring.push_back({static_cast<double>(c.x), static_cast<double>(c.y)});
        polygon.push_back(std::move(ring));
      }
      vector::rasterize(polygon, number, out.data(), width, height);
    }
  });
  polygonizer.push(mask.data(), height);
  polygonizer.finish();
  return out;
}

/// Rows of the confusion matrix for a chip's pixels, given class values.
std::vector<std::uint8_t> indices(const std::uint8_t* values, std::size_t n, const std::array<std::uint8_t, 256>& index) {
  std::vector<std::uint8_t> out(n);
  std::transform(values, values + n, out.begin(), [&](std::uint8_t v) { return index[v]; });
  return out;
}

Result<std::vector<vector::Feature>> predicted(const EvaluationRequest& request, const pipeline::InferenceOptions& options, bool second,
                                               std::vector<std::string>& warnings) {
  FAIR_TRY_ASSIGN(const auto sources, sources_of(request.pack, request.part));
  std::vector<vector::Feature> out;
  FeatureList sink(out);
  infer::PredictOptions driving;
  driving.inference = options;
  driving.stop = request.stop;
  if (request.on_progress) {
    driving.on_progress = [&request, second](const infer::PredictProgress& p) {
      request.on_progress(p.windows_done + (second ? p.windows_total : 0), 2 * p.windows_total);
    };
  }
  FAIR_TRY_ASSIGN(const auto report, infer::predict(request.model, request.plugin, *request.runner, sources, sink, driving));
  warnings = report.warnings;
  return out;
}

}  // namespace

Result<Evaluation> evaluate(const EvaluationRequest& request) {
  const stac::ModelSpec& model = request.model;
  switch (model.task) {
    case stac::Task::object_detection: return evaluate_boxes(request);
    case stac::Task::classification: return evaluate_labels(request);
    case stac::Task::semantic_segmentation: break;
    case stac::Task::instance_segmentation:
      return fail(Code::unsupported, "model " + model.id, "segmentation, detection or classification", stac::name(model.task),
                  "evaluate such a model");
  }
  Evaluation out;
  const std::size_t classes = model.output.classes.size();
  for (const stac::Class& c : model.output.classes) out.classes.push_back(c.name);
  out.pixels = metrics::Confusion(classes), out.polygons = metrics::Confusion(classes);
  for (const io::PackedChip& chip : request.pack->chips()) {
    if (chip.part != request.part) continue;
    if (chip.mask == nullptr) return fail(Code::invalid, "chip " + chip.name, "a mask of class values", "none", "evaluate on a segmentation dataset");
    ++out.chips;
  }
  if (out.chips == 0) {
    return fail(Code::invalid, std::string("split ") + name(request.part), "at least one chip", "none in this dataset",
                "make the dataset with --val-ratio or --holdout, or choose another --split");
  }

  // What is compared covers ground: of lines and points, the shapes that they are drawn from.
  const bool drawn_otherwise = model.geometry != stac::GeometryKind::polygon;
  EvaluationRequest shaped = request;
  shaped.model.geometry = stac::GeometryKind::polygon;
  shaped.options.vectorize.geometry = stac::GeometryKind::polygon;
  // Raw features are the decided pixels, exactly: that is how decisions are counted without a second way through the pipeline.
  pipeline::InferenceOptions raw = shaped.options;
  raw.vectorize.tolerance = 0, raw.vectorize.area_threshold = 0, raw.vectorize.orthogonalize = false;
  FAIR_TRY_ASSIGN(out.features, predicted(shaped, shaped.options, false, out.warnings));
  FAIR_TRY_ASSIGN(const auto decided, predicted(shaped, raw, true, out.warnings));
  if (drawn_otherwise) {
    out.warnings.push_back("the features of " + model.id + " are " + (model.geometry == stac::GeometryKind::line ? "lines" : "points") +
                           "; the shapes that they are drawn from were compared");
  }

  const auto index = index_of_value(model.output.classes), label_index = index_of_label(*request.pack, model.output.classes);
  const auto background = static_cast<std::uint8_t>(model.output.classes.empty() ? 0 : model.output.classes.front().value);
  const auto finished_boxes = with_boxes(out.features), decided_boxes = with_boxes(decided);
  for (const io::PackedChip& chip : request.pack->chips()) {
    if (chip.part != request.part) continue;
    const std::size_t n = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
    FAIR_TRY_ASSIGN(const ChipPlace place, place_of(chip));
    FAIR_TRY_ASSIGN(const Burnt finished, burn(finished_boxes, chip, place, background));
    FAIR_TRY_ASSIGN(const Burnt pixels, burn(decided_boxes, chip, place, background));
    const auto truth = indices(chip.mask, n, label_index);
    out.polygons.add(truth.data(), indices(finished.values.data(), n, index).data(), n);
    out.pixels.add(truth.data(), indices(pixels.values.data(), n, index).data(), n);

    std::vector<std::uint8_t> foreground(n), ignored(n);
    for (std::size_t i = 0; i < n; ++i) {
      ignored[i] = truth[i] == metrics::Confusion::ignore ? 1 : 0;
      foreground[i] = ignored[i] != 0 || truth[i] == 0 ? 0 : truth[i];
    }
    const std::vector<std::int32_t> things =
        chip.things != nullptr ? std::vector<std::int32_t>(chip.things, chip.things + n) : number_shapes(foreground, chip.width, chip.height);
    out.things.add(things.data(), finished.numbers.data(), n, ignored.data());
  }
  return out;
}

Json Evaluation::to_json() const {
  if (boxes) return boxes->to_json(classes);
  if (labels) return labels->to_json(classes);
  Json json = pixels.to_json(classes);
  const auto add = [&json](const std::string& key, const Json& value) { json["fair:polygon_" + key.substr(key.find(':') + 1)] = value; };
  const Json of_polygons = polygons.to_json(classes);
  for (const auto& [key, value] : of_polygons.items()) add(key, value);
  const Json of_things = things.to_json();
  for (const auto& [key, value] : of_things.items()) json[key] = value;
  return json;
}

double Evaluation::foreground_iou() const {
  double sum = 0;
  int counted = 0;
  for (std::size_t c = 1; c < classes.size(); ++c) {
    if (const double iou = polygons.iou(c); !std::isnan(iou)) sum += iou, ++counted;
  }
  return counted == 0 ? 0 : sum / counted;
}

Result<io::Part> part_from(const std::string& name) {
  if (name == "train") return io::Part::train;
  if (name == "val") return io::Part::val;
  if (name == "holdout") return io::Part::holdout;
  return fail(Code::usage, "--split", "train, val or holdout", name, "choose one of them");
}

const char* name(io::Part part) {
  switch (part) {
    case io::Part::train: return "train";
    case io::Part::val: return "val";
    case io::Part::holdout: return "holdout";
  }
  return "";
}

}  // namespace fair::launch
