// The portable half of the plugin: pixels -> input tensor, the graph's detections -> boxes. Everything it needs to know is in the item.
#include <string>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/yolo11n_detection/decode.h"
#include "plugins/yolo11n_detection/description.h"

namespace fair::yolo11n_detection {
namespace {

class YoloDetection final : public sdk::Plugin {
 public:
  explicit YoloDetection(std::string_view config) : YoloDetection(sdk::Model(config)) {}
  explicit YoloDetection(const sdk::Model& model) : pixels_(model.input), classes_(model.output.classes.size()) {
    if (classes_ < 1) throw std::invalid_argument("detection needs at least one class, the item lists none");
  }

  static std::string describe() { return description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { pixels_.fill(windows, input); }

  sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty()) throw std::invalid_argument("the model gave no output");
    const Form form = form_of(outputs[0], classes_);
    const std::vector<float> rows = rows_of(outputs[0], form);
    sdk::Output output;
    output.kind = FAIR_RESULT_BOXES;
    output.shape = {static_cast<std::int64_t>(rows.size() / 7), 7};
    output.values = rows;
    return output;
  }

 private:
  sdk::PixelScaler pixels_;
  std::size_t classes_;
};

}  // namespace
}  // namespace fair::yolo11n_detection

FAIR_EXPORT_PLUGIN(yolo11n_detection, fair::yolo11n_detection::YoloDetection)
