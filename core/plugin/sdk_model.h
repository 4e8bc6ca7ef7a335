// For plugins: the model they are to run, as fields. Header-only.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/sdk_json.h"

namespace fair::sdk {

/// Order of a tensor's axes.
enum class Layout { nchw, nhwc };
/// What the graph's scores are.
enum class Activation { unknown, logits, probabilities };

/// Read from the config that `create` gets. Sizes of -1 are free.
struct Model {
  struct Input {
    Layout layout = Layout::nchw;
    std::string data_type;
    std::int64_t channels = 3, height = -1, width = -1;
    std::vector<std::string> bands;
    std::vector<double> scale, offset;  ///< value' = clamp(value, low, high) * scale + offset; size 1 or one a band
    std::vector<double> low, high;      ///< as many, or empty: no clamping
  } input;
  struct Output {
    Layout layout = Layout::nchw;
    std::int64_t channels = -1;
    Activation activation = Activation::unknown;
    std::vector<std::string> classes;  ///< names, in the order of the scores' channels
    std::vector<std::int32_t> class_values;
  } output;

  /// Throws std::invalid_argument where `config` does not describe a model.
  explicit Model(std::string_view config) {
    const JsonView model = JsonView(config)["fair:model"];
    const JsonView in = model["input"];
    const JsonView out = model["output"];
    if (!in.present() || !out.present()) throw std::invalid_argument("the config does not describe a model: it has no member fair:model");
    input.layout = layout(in["layout"]);
    input.data_type = in["data_type"].text();
    input.channels = whole(in["channels"], 3);
    input.height = whole(in["height"], -1);
    input.width = whole(in["width"], -1);
    input.bands = in["bands"].texts();
    input.scale = in["scale"].numbers();
    input.offset = in["offset"].numbers();
    input.low = in["low"].numbers();
    input.high = in["high"].numbers();
    output.layout = layout(out["layout"]);
    output.channels = whole(out["channels"], -1);
    const std::string activation = out["activation"].text();
    output.activation = activation == "logits" ? Activation::logits : activation == "probabilities" ? Activation::probabilities : Activation::unknown;
    output.classes = out["classes"].texts();
    for (const double value : out["class_values"].numbers()) output.class_values.push_back(static_cast<std::int32_t>(value));
    const auto fits = [&](const std::vector<double>& values, bool may_be_empty) {
      return values.size() == 1 || values.size() == static_cast<std::size_t>(input.channels) || (may_be_empty && values.empty());
    };
    if (input.channels < 1 || !fits(input.scale, false) || !fits(input.offset, false) || !fits(input.low, true) || !fits(input.high, true)) {
      throw std::invalid_argument("the model's scaling has not one entry, nor one for each of its " + std::to_string(input.channels) + " bands");
    }
  }

 private:
  static Layout layout(const JsonView& name) { return name.text() == "nhwc" ? Layout::nhwc : Layout::nchw; }
  static std::int64_t whole(const JsonView& value, std::int64_t otherwise) {
    return static_cast<std::int64_t>(value.number(static_cast<double>(otherwise)));
  }
};

}  // namespace fair::sdk
