// The model's own part: pixels -> the graph's input, the graph's output -> a probability for each pixel and class. The same file is compiled for
// servers and for browsers. Windows, blending, outlines and training are the host's.
#include <algorithm>
#include <string>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_math.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/template_plugin/description.h"

namespace fair::template_plugin {
namespace {

class TemplatePlugin final : public sdk::Plugin {
 public:
  /// `config` is the model item's MLM fields. What throws here, or below, reaches the person as an error with this text.
  explicit TemplatePlugin(std::string_view config) : TemplatePlugin(sdk::Model(config)) {}
  explicit TemplatePlugin(const sdk::Model& model)
      : pixels_(model.input), classes_(model.output.classes.size()), probabilities_(model.output.activation == sdk::Activation::probabilities) {
    if (classes_ < 2) throw std::invalid_argument("two classes or more are needed, the item lists " + std::to_string(classes_));
  }

  static std::string describe() { return description; }

  /// Scales every band as the item's value_scaling says. Anything else your model wants of its pixels belongs here.
  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { pixels_.fill(windows, input); }

  /// f32 (batch, channels, height, width) -> probabilities (batch, classes, height, width).
  sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty() || outputs[0].rank != 4 || outputs[0].dtype != 1)
      throw std::invalid_argument("the first output must be float32 of four axes");
    const fair_tensor& scores = outputs[0];
    const auto channels = static_cast<std::size_t>(scores.shape[1]);
    if (channels != classes_ && !(channels == 1 && classes_ == 2)) {
      throw std::invalid_argument("the model gives " + std::to_string(channels) + " channels, the item lists " + std::to_string(classes_) +
                                  " classes");
    }
    const auto pixels = static_cast<std::size_t>(scores.shape[2] * scores.shape[3]);
    sdk::Output output;
    output.kind = FAIR_RESULT_SCORES;
    output.shape = {scores.shape[0], static_cast<std::int64_t>(classes_), scores.shape[2], scores.shape[3]};
    output.values.resize(static_cast<std::size_t>(scores.shape[0]) * classes_ * pixels);
    const auto* from = static_cast<const float*>(scores.data);
    float* to = output.values.data();
    for (std::int64_t window = 0; window < scores.shape[0]; ++window, from += channels * pixels, to += classes_ * pixels) {
      for (std::size_t p = 0; p < pixels; ++p) channels == 1 ? sigmoid(from + p, to + p, pixels) : softmax(from + p, to + p, pixels);
    }
    return output;
  }

 private:
  /// One channel, the second class's. `step` leads to the next channel of the same pixel. fast_exp and logistic give the same bits everywhere.
  void sigmoid(const float* from, float* to, std::size_t step) const {
    to[step] = probabilities_ ? *from : sdk::logistic(*from);
    to[0] = 1.0F - to[step];
  }
  void softmax(const float* from, float* to, std::size_t step) const {
    float most = from[0], sum = 0;
    for (std::size_t c = 1; c < classes_; ++c) most = std::max(most, from[c * step]);
    for (std::size_t c = 0; c < classes_; ++c) sum += to[c * step] = probabilities_ ? from[c * step] : sdk::fast_exp(from[c * step] - most);
    for (std::size_t c = 0; c < classes_ && !probabilities_; ++c) to[c * step] /= sum;
  }

  sdk::PixelScaler pixels_;
  std::size_t classes_;
  bool probabilities_;
};

}  // namespace
}  // namespace fair::template_plugin

FAIR_EXPORT_PLUGIN(template_plugin, fair::template_plugin::TemplatePlugin)
