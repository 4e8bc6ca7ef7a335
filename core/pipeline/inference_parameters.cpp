#include "core/pipeline/inference_parameters.h"

#include <cmath>

namespace fair::pipeline {
namespace {

/// Takes one value out of the object, if it is there.
class Reader {
 public:
  explicit Reader(const Json& values) : values_(values) {}

  Result<> number(const char* key, double& out, double least, double most) const {
    const auto found = values_.find(key);
    if (found == values_.end() || found->is_null()) return {};
    if (!found->is_number() || !(found->get<double>() >= least && found->get<double>() <= most)) {
      return fail(Code::usage, std::string("inference.") + key, "a number from " + text(least) + " to " + text(most), found->dump(),
                  "correct it in the item, the config or --set");
    }
    out = found->get<double>();
    return {};
  }
  Result<> integer(const char* key, std::int32_t& out, double least, double most) const {
    double value = out;
    FAIR_TRY(number(key, value, least, most));
    if (value != std::floor(value))
      return fail(Code::usage, std::string("inference.") + key, "a whole number", text(value), "correct it in the item, the config or --set");
    out = static_cast<std::int32_t>(value);
    return {};
  }
  Result<> boolean(const char* key, bool& out) const {
    const auto found = values_.find(key);
    if (found == values_.end() || found->is_null()) return {};
    if (!found->is_boolean())
      return fail(Code::usage, std::string("inference.") + key, "true or false", found->dump(), "correct it in the item, the config or --set");
    out = found->get<bool>();
    return {};
  }

 private:
  static std::string text(double value) { return Json(value).dump(); }
  const Json& values_;
};

}  // namespace

Result<InferenceOptions> inference_options(const stac::ModelSpec& model, const Json& values) {
  InferenceOptions out;
  const Reader reader(values);
  FAIR_TRY(reader.number("confidence_threshold", out.confidence_threshold, 0, 1));
  FAIR_TRY(reader.integer("min_class_value", out.min_class_value, 0, 255));
  FAIR_TRY(reader.integer("overlap", out.overlap, -1, 4096));
  FAIR_TRY(reader.integer("tta_views", out.tta_views, 1, 8));
  FAIR_TRY(reader.integer("batch_size", out.batch_size, 1, 1024));
  FAIR_TRY(reader.number("iou_threshold", out.nms_iou, 0, 1));
  FAIR_TRY(reader.boolean("merge_neighbours", out.merge_neighbours));
  vector::VectorizeOptions& v = out.vectorize;
  FAIR_TRY(reader.number("tolerance", v.tolerance, 0, 1000));
  FAIR_TRY(reader.number("area_threshold", v.area_threshold, 0, 1e9));
  FAIR_TRY(reader.boolean("orthogonalize", v.orthogonalize));
  FAIR_TRY(reader.boolean("split_touching", v.split_touching));
  FAIR_TRY(reader.number("split_depth", v.split_depth, 0, 1));
  FAIR_TRY(reader.number("split_area", v.split_area, 0, 1e6));
  FAIR_TRY(reader.number("max_angle_change", v.max_angle_change, 0, 45));
  FAIR_TRY(reader.number("skew_tolerance", v.skew_tolerance, 0, 45));
  std::int32_t neighbours = static_cast<std::int32_t>(v.connectivity);
  FAIR_TRY(reader.integer("connectivity", neighbours, 4, 8));
  if (neighbours != 4 && neighbours != 8) {
    return fail(Code::usage, "inference.connectivity", "4 or 8", std::to_string(neighbours), "correct it in the item, the config or --set");
  }
  v.connectivity = static_cast<vector::Connectivity>(neighbours);
  v.geometry = model.geometry;
  v.classes = model.output.classes;
  v.output_name = model.output.name;
  return out;
}

}  // namespace fair::pipeline
