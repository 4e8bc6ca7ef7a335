// Roads as somebody outside would write it: scores are evened out along rows and columns, so that a car does not cut a road in two.
#include <algorithm>
#include <cmath>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_math.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/roads/description.h"

namespace {

using fair::sdk::Output;

class Roads final : public fair::sdk::Plugin {
 public:
  explicit Roads(std::string_view config) : model_(config), scaler_(model_.input) {
    if (model_.output.classes.size() != 2) throw std::invalid_argument("two classes are needed, what is no road and what is one");
  }
  static std::string describe() { return fair::roads::description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { scaler_.fill(windows, input); }

  Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty() || outputs[0].rank != 4 || outputs[0].shape[1] != 2) throw std::invalid_argument("scores of two channels are needed");
    const fair_tensor& t = outputs[0];
    const auto height = static_cast<std::size_t>(t.shape[2]), width = static_cast<std::size_t>(t.shape[3]), pixels = height * width;
    Output output;
    output.shape.assign(t.shape, t.shape + 4);
    output.values.resize(static_cast<std::size_t>(t.shape[0]) * 2 * pixels);
    std::vector<float> road(pixels);
    const auto* from = static_cast<const float*>(t.data);
    float* to = output.values.data();
    for (std::int64_t window = 0; window < t.shape[0]; ++window, from += 2 * pixels, to += 2 * pixels) {
      for (std::size_t p = 0; p < pixels; ++p) road[p] = fair::sdk::logistic(from[pixels + p] - from[p]);
      for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) to[pixels + y * width + x] = evened(road, width, height, x, y);
      }
      for (std::size_t p = 0; p < pixels; ++p) to[p] = 1.0F - to[pixels + p];
    }
    return output;
  }

 private:
  /// The mean with both neighbours, along the row or along the column, whichever sees more of a road.
  static float evened(const std::vector<float>& v, std::size_t width, std::size_t height, std::size_t x, std::size_t y) {
    const std::size_t at = y * width + x;
    const float along = (v[x > 0 ? at - 1 : at] + v[at] + v[x + 1 < width ? at + 1 : at]) / 3;
    const float down = (v[y > 0 ? at - width : at] + v[at] + v[y + 1 < height ? at + width : at]) / 3;
    return std::max(along, down);
  }

  fair::sdk::Model model_;
  fair::sdk::PixelScaler scaler_;
};

}  // namespace

FAIR_EXPORT_PLUGIN(roads, Roads)
