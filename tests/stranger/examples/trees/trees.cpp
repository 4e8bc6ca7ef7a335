// Trees as somebody outside would write it: of each anchor's box only those are kept that are about as wide as high.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/trees/description.h"

namespace {

struct Crown {
  float x, y, width, height, sure;
  [[nodiscard]] bool round() const { return width > 1 && height > 1 && std::max(width, height) < 2.5F * std::min(width, height); }
};

class Trees final : public fair::sdk::Plugin {
 public:
  explicit Trees(std::string_view config) : model_(config), scaler_(model_.input) {
    if (model_.output.classes.empty()) throw std::invalid_argument("at least one class is needed, trees first");
  }
  static std::string describe() { return fair::trees::description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { scaler_.fill(windows, input); }

  fair::sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty() || outputs[0].rank != 3 || (outputs[0].shape[1] < 5 && outputs[0].shape[2] != 6)) {
      throw std::invalid_argument("rows of a box and its scores are needed");
    }
    const fair_tensor& t = outputs[0];
    std::map<std::int64_t, std::vector<Crown>> crowns;  // by window
    const auto* v = static_cast<const float*>(t.data);
    const std::int64_t n = t.shape[2] == 6 ? t.shape[1] : t.shape[2];
    for (std::int64_t window = 0; window < t.shape[0]; ++window, v += t.shape[1] * t.shape[2]) {
      for (std::int64_t i = 0; i < n; ++i) {
        const Crown crown = t.shape[2] == 6 ? finished(v + 6 * i) : Crown{v[i], v[n + i], v[2 * n + i], v[3 * n + i], v[4 * n + i]};
        if (crown.sure > 0.01F && crown.round()) crowns[window].push_back(crown);
      }
    }
    std::vector<float> rows;
    for (const auto& [window, found] : crowns) {
      for (const Crown& c : found) {
        const std::array<float, 7> row{
            static_cast<float>(window), c.x - c.width / 2, c.y - c.height / 2, c.x + c.width / 2, c.y + c.height / 2, c.sure, 0};
        rows.insert(rows.end(), row.begin(), row.end());
      }
    }
    fair::sdk::Output output;
    output.kind = FAIR_RESULT_BOXES;
    output.shape = {static_cast<std::int64_t>(rows.size() / 7), 7};
    output.values = rows;
    return output;
  }

 private:
  static Crown finished(const float* r) { return {(r[0] + r[2]) / 2, (r[1] + r[3]) / 2, r[2] - r[0], r[3] - r[1], r[4]}; }

  fair::sdk::Model model_;
  fair::sdk::PixelScaler scaler_;
};

}  // namespace

FAIR_EXPORT_PLUGIN(trees, Trees)
