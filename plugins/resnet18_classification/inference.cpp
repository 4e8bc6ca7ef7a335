// The portable half of the plugin: pixels -> input tensor, logits -> class probabilities of each window. Everything it needs to know is in the item.
#include <algorithm>
#include <string>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_math.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/resnet18_classification/description.h"

namespace fair::resnet18_classification {
namespace {

class ResnetClassification final : public sdk::Plugin {
 public:
  explicit ResnetClassification(std::string_view config) : ResnetClassification(sdk::Model(config)) {}
  explicit ResnetClassification(const sdk::Model& model)
      : pixels_(model.input), classes_(model.output.classes.size()), activation_(model.output.activation) {
    if (classes_ < 2) throw std::invalid_argument("classification needs two classes or more, the item lists " + std::to_string(classes_));
  }

  static std::string describe() { return description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { pixels_.fill(windows, input); }

  sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty()) throw std::invalid_argument("the model gave no output");
    const fair_tensor& scores = outputs[0];
    if (scores.rank < 2 || scores.dtype != 1) throw std::invalid_argument("the output is no float32 tensor of a value or more a window");
    // Pooled scores may keep axes of one pixel: (batch, classes, 1, 1).
    std::size_t given = 1;
    for (std::int32_t axis = 1; axis < scores.rank; ++axis) given *= static_cast<std::size_t>(scores.shape[axis]);
    if (given != classes_ && !(given == 1 && classes_ == 2)) {
      throw std::invalid_argument("the model gives " + std::to_string(given) + " values a window, the item lists " + std::to_string(classes_) +
                                  " classes");
    }
    const auto batch = static_cast<std::size_t>(scores.shape[0]);
    const auto* from = static_cast<const float*>(scores.data);
    sdk::Output output;
    output.kind = FAIR_RESULT_LABEL;
    output.shape = {static_cast<std::int64_t>(batch), static_cast<std::int64_t>(classes_)};
    output.values.resize(batch * classes_);
    for (std::size_t b = 0; b < batch; ++b) {
      float* const to = output.values.data() + b * classes_;
      if (given == 1) sigmoid(from[b], to);
      else softmax(from + b * given, to);
    }
    return output;
  }

 private:
  /// One value of two classes is a logit unless the item says otherwise: a single number does not show what it is.
  void sigmoid(float value, float* to) const {
    to[1] = activation_ == sdk::Activation::probabilities ? std::min(std::max(value, 0.0F), 1.0F) : sdk::logistic(value);
    to[0] = 1.0F - to[1];
  }

  void softmax(const float* values, float* to) const {
    if (activation_ == sdk::Activation::probabilities || (activation_ == sdk::Activation::unknown && sum_to_one(values))) {
      std::copy(values, values + classes_, to);
      return;
    }
    const float most = *std::max_element(values, values + classes_);
    float sum = 0;
    for (std::size_t c = 0; c < classes_; ++c) sum += to[c] = sdk::fast_exp(values[c] - most);
    for (std::size_t c = 0; c < classes_; ++c) to[c] /= sum;
  }

  bool sum_to_one(const float* values) const {
    float sum = 0;
    for (std::size_t c = 0; c < classes_; ++c) {
      if (!(values[c] >= 0.0F && values[c] <= 1.0F)) return false;
      sum += values[c];
    }
    return sum > 0.999F && sum < 1.001F;
  }

  sdk::PixelScaler pixels_;
  std::size_t classes_;
  sdk::Activation activation_;
};

}  // namespace
}  // namespace fair::resnet18_classification

FAIR_EXPORT_PLUGIN(resnet18_classification, fair::resnet18_classification::ResnetClassification)
