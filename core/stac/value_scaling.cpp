#include "core/stac/value_scaling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/field.h"
#include "core/stac/linear_expression.h"

namespace fair::stac {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

struct Step {
  double scale = 1, offset = 0, low = -unbounded, high = unbounded;
};

std::optional<double> number_of(const Json& step, const char* key) {
  const Json& value = member(step, key);
  return value.is_number() && std::isfinite(value.get<double>()) ? std::optional<double>(value.get<double>()) : std::nullopt;
}

tl::unexpected<Error> wrong(const Json& step, const std::string& thing, const char* expected) {
  return fail(Code::invalid, thing, expected, shown(step), "correct value_scaling");
}

Result<Step> expression_step(const Json& step, const std::string& thing) {
  const std::string expression = text_of(member(step, "expression"));
  const std::optional<Line> line = linear_expression(expression);
  if (line && line->scale != 0) return Step{line->scale, line->offset, -unbounded, unbounded};
  return fail(Code::unsupported, thing, "a processing expression linear in the pixel's value, such as \"A / 255\"", shown(member(step, "expression")),
              "write it as min-max, z-score, offset or scale, or scale the values in the graph");
}

Result<Step> step_of(const Json& step, const std::string& thing) {
  const std::string type = text_of(member(step, "type"));
  const auto low = number_of(step, "minimum");
  const auto high = number_of(step, "maximum");
  const auto value = number_of(step, "value");
  if (type == "min-max") {
    if (!low || !high || *high <= *low) return wrong(step, thing, "a minimum and a maximum above it");
    return Step{1.0 / (*high - *low), -*low / (*high - *low), -unbounded, unbounded};
  }
  if (type == "z-score") {
    const auto mean = number_of(step, "mean");
    const auto deviation = number_of(step, "stddev");
    if (!mean || !deviation || *deviation <= 0) return wrong(step, thing, "a mean and a stddev above 0");
    return Step{1.0 / *deviation, -*mean / *deviation, -unbounded, unbounded};
  }
  if (type == "scale") {
    if (!value || *value == 0) return wrong(step, thing, "a value other than 0");
    return Step{1.0 / *value, 0, -unbounded, unbounded};
  }
  if (type == "offset") {
    if (!value) return wrong(step, thing, "a value");
    return Step{1, -*value, -unbounded, unbounded};
  }
  if (type == "clip" || type == "clip-min" || type == "clip-max") {
    const bool named = (type == "clip-max" || low) && (type == "clip-min" || high);
    const double least = type == "clip-max" ? -unbounded : low.value_or(-unbounded);
    const double most = type == "clip-min" ? unbounded : high.value_or(unbounded);
    if (!named || most < least) return wrong(step, thing, "the bounds to clip to");
    return Step{1, 0, least, most};
  }
  if (type == "processing") return expression_step(step, thing);
  return fail(Code::unsupported, thing, "value_scaling of type min-max, z-score, clip, clip-min, clip-max, offset, scale or processing",
              type.empty() ? shown(step) : type, "scale the values in the graph, or use one of these types");
}

}  // namespace

Result<Scaling> scaling_of(const Json& input, std::size_t bands, const std::string& data_type, const std::string& thing) {
  const Json& steps = member(input, "value_scaling");
  const std::string at = thing + "/value_scaling";
  Scaling scaling;
  if (!steps.is_array()) {
    const bool said = input.is_object() && input.contains("value_scaling");
    if (said && !steps.is_null())
      return fail(Code::invalid, at, "an array with one entry, or one a band", steps.type_name(), "correct value_scaling");
    if (said || data_type.substr(0, 5) != "float") scaling.scale = {1.0};
    return scaling;
  }
  if (steps.size() != 1 && steps.size() != bands) {
    return fail(Code::invalid, at, bands == 1 ? "one entry" : "one entry, or one for each of the " + std::to_string(bands) + " bands",
                std::to_string(steps.size()) + " entries", "correct value_scaling");
  }
  scaling = {{}, {}, {}, {}};
  bool clipped = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    FAIR_TRY_ASSIGN(const Step step, step_of(steps[i], at + "/" + std::to_string(i)));
    scaling.scale.push_back(step.scale);
    scaling.offset.push_back(step.offset);
    scaling.low.push_back(step.low);
    scaling.high.push_back(step.high);
    clipped = clipped || std::isfinite(step.low) || std::isfinite(step.high);
  }
  if (!clipped) {
    scaling.low.clear();
    scaling.high.clear();
  }
  return scaling;
}

Json to_json(const Scaling& scaling) {
  Json steps = Json::array();
  for (std::size_t i = 0; i < scaling.scale.size(); ++i) {
    const bool below = i < scaling.low.size() && std::isfinite(scaling.low[i]);
    const bool above = i < scaling.high.size() && std::isfinite(scaling.high[i]);
    if (below && above) {
      steps.push_back(Object().add("type", "clip").add("minimum", scaling.low[i]).add("maximum", scaling.high[i]).take());
    } else if (below) {
      steps.push_back(Object().add("type", "clip-min").add("minimum", scaling.low[i]).take());
    } else if (above) {
      steps.push_back(Object().add("type", "clip-max").add("maximum", scaling.high[i]).take());
    } else {
      const double deviation = 1.0 / scaling.scale[i];
      steps.push_back(Object().add("type", "z-score").add("mean", -scaling.offset[i] * deviation).add("stddev", deviation).take());
    }
  }
  return steps;
}

}  // namespace fair::stac
