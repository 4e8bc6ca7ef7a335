// Land cover as somebody outside would write it: a softmax over any number of classes, summed in double precision.
#include <algorithm>
#include <numeric>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_math.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/land_cover/description.h"

namespace {

class LandCover final : public fair::sdk::Plugin {
 public:
  explicit LandCover(std::string_view config) : model_(config), scaler_(model_.input) {
    if (model_.output.classes.size() < 2) throw std::invalid_argument("two classes or more are needed");
  }
  static std::string describe() { return fair::land_cover::description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { scaler_.fill(windows, input); }

  fair::sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    const std::size_t classes = model_.output.classes.size();
    if (outputs.empty() || outputs[0].rank != 4 || outputs[0].shape[1] != static_cast<std::int64_t>(classes)) {
      throw std::invalid_argument("one channel for each of " + std::to_string(classes) + " classes is needed");
    }
    const fair_tensor& t = outputs[0];
    const auto pixels = static_cast<std::size_t>(t.shape[2] * t.shape[3]);
    fair::sdk::Output output;
    output.shape.assign(t.shape, t.shape + 4);
    output.values.resize(static_cast<std::size_t>(t.shape[0]) * classes * pixels);
    const auto* from = static_cast<const float*>(t.data);
    std::vector<double> one(classes);
    for (std::size_t i = 0; i < static_cast<std::size_t>(t.shape[0]) * pixels; ++i) {
      const std::size_t at = i / pixels * classes * pixels + i % pixels;
      for (std::size_t c = 0; c < classes; ++c) one[c] = from[at + c * pixels];
      const double most = *std::max_element(one.begin(), one.end());
      for (double& v : one) v = fair::sdk::fast_exp(static_cast<float>(v - most));
      const double sum = std::accumulate(one.begin(), one.end(), 0.0);
      for (std::size_t c = 0; c < classes; ++c) output.values[at + c * pixels] = static_cast<float>(one[c] / sum);
    }
    return output;
  }

 private:
  fair::sdk::Model model_;
  fair::sdk::PixelScaler scaler_;
};

}  // namespace

FAIR_EXPORT_PLUGIN(land_cover, LandCover)
