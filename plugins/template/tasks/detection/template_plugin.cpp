// The model's own part: pixels -> the graph's input, the graph's output -> boxes. The same file is compiled for servers and for browsers. Windows,
// suppression of boxes found twice, the confidence threshold and training are the host's.
#include <algorithm>
#include <string>
#include <vector>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/template_plugin/description.h"

namespace fair::template_plugin {
namespace {

/// Boxes that nobody will ask for; keeping thousands of them costs time.
constexpr float least_confidence = 0.01F;

class TemplatePlugin final : public sdk::Plugin {
 public:
  /// `config` is the model item's MLM fields. What throws here, or below, reaches the person as an error with this text.
  explicit TemplatePlugin(std::string_view config) : TemplatePlugin(sdk::Model(config)) {}
  explicit TemplatePlugin(const sdk::Model& model) : pixels_(model.input), classes_(static_cast<std::int64_t>(model.output.classes.size())) {
    if (classes_ < 1) throw std::invalid_argument("at least one class is needed, the item lists none");
  }

  static std::string describe() { return description; }

  /// Scales every band as the item's value_scaling says. Anything else your model wants of its pixels belongs here.
  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { pixels_.fill(windows, input); }

  /// f32 (batch, 4 + classes, anchors): centre, width and height in the window's pixels, then a probability a class -> rows of
  /// window, x0, y0, x1, y1, confidence, class. Six columns a row, as exports with their own suppression give them, are taken as they are.
  sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty() || outputs[0].rank != 3 || outputs[0].dtype != 1)
      throw std::invalid_argument("the first output must be float32 of three axes");
    const fair_tensor& found = outputs[0];
    const bool finished = found.shape[2] == 6;
    if (!finished && found.shape[1] != 4 + classes_) {
      throw std::invalid_argument("the model gives " + std::to_string(found.shape[1]) + " values an anchor, 4 and " + std::to_string(classes_) +
                                  " classes were expected");
    }
    std::vector<float> rows;
    const auto* from = static_cast<const float*>(found.data);
    for (std::int64_t window = 0; window < found.shape[0]; ++window, from += found.shape[1] * found.shape[2]) {
      finished ? take(static_cast<float>(window), from, found.shape[1], rows) : decode(static_cast<float>(window), from, found.shape[2], rows);
    }
    sdk::Output output;
    output.kind = FAIR_RESULT_BOXES;
    output.shape = {static_cast<std::int64_t>(rows.size() / 7), 7};
    output.values = rows;
    return output;
  }

 private:
  static void take(float window, const float* from, std::int64_t count, std::vector<float>& rows) {
    for (std::int64_t i = 0; i < count; ++i, from += 6) {
      if (from[4] >= least_confidence) rows.insert(rows.end(), {window, from[0], from[1], from[2], from[3], from[4], from[5]});
    }
  }
  void decode(float window, const float* from, std::int64_t anchors, std::vector<float>& rows) const {
    for (std::int64_t a = 0; a < anchors; ++a, ++from) {
      std::int64_t best = 0;
      for (std::int64_t c = 1; c < classes_; ++c) best = from[(4 + c) * anchors] > from[(4 + best) * anchors] ? c : best;
      const float x = from[0], y = from[anchors], w = from[2 * anchors] / 2, h = from[3 * anchors] / 2, sure = from[(4 + best) * anchors];
      if (sure >= least_confidence) rows.insert(rows.end(), {window, x - w, y - h, x + w, y + h, sure, static_cast<float>(best)});
    }
  }

  sdk::PixelScaler pixels_;
  std::int64_t classes_;
};

}  // namespace
}  // namespace fair::template_plugin

FAIR_EXPORT_PLUGIN(template_plugin, fair::template_plugin::TemplatePlugin)
