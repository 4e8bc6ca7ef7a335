#include "core/plugin/plugin_config.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fair::plugin {
namespace {

constexpr double beyond_all_pixels = 1e300;

const char* name(stac::Layout layout) { return layout == stac::Layout::nhwc ? "nhwc" : "nchw"; }

const char* name(stac::Activation activation) {
  switch (activation) {
    case stac::Activation::logits: return "logits";
    case stac::Activation::probabilities: return "probabilities";
    case stac::Activation::unknown: break;
  }
  return "unknown";
}

/// JSON has no infinities.
Json finite(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double v : values) out.push_back(std::clamp(v, -beyond_all_pixels, beyond_all_pixels));
  return out;
}

}  // namespace

Json plugin_config(const stac::ModelSpec& model) {
  Json names = Json::array();
  Json values = Json::array();
  for (const stac::Class& c : model.output.classes) {
    names.push_back(c.name);
    values.push_back(c.value);
  }
  Json inference = Json::object();
  const std::string prefix = "inference.";
  if (model.hyperparameters.is_object()) {
    for (const auto& [key, value] : model.hyperparameters.items()) {
      if (key.rfind(prefix, 0) == 0) inference[key.substr(prefix.size())] = value;
    }
  }
  Json config = model.to_metadata();
  const stac::Scaling& scaling = model.input.scaling;
  Object input;
  input.add("layout", name(model.input.layout)).add("data_type", model.input.data_type).add("channels", model.input.channels);
  input.add("height", model.input.height).add("width", model.input.width).add("bands", model.input.bands);
  input.add("scale", finite(scaling.scale)).add("offset", finite(scaling.offset)).add("low", finite(scaling.low)).add("high", finite(scaling.high));
  Object output;
  output.add("layout", name(model.output.layout)).add("channels", model.output.channels).add("activation", name(model.output.activation));
  output.add("classes", std::move(names)).add("class_values", std::move(values));
  config["fair:model"] = Object().add("input", input).add("output", output).add("inference", std::move(inference)).take();
  return config;
}

}  // namespace fair::plugin
