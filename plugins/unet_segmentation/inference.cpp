// The portable half of the plugin: pixels -> input tensor, logits -> class probabilities. Everything it needs to know is in the item.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_model.h"
#include "core/plugin/sdk_pixels.h"
#include "plugins/unet_segmentation/description.h"
#include "plugins/unet_segmentation/softmax.h"

namespace fair::unet_segmentation {
namespace {

class UnetSegmentation final : public sdk::Plugin {
 public:
  explicit UnetSegmentation(std::string_view config) : UnetSegmentation(sdk::Model(config)) {}
  explicit UnetSegmentation(const sdk::Model& model) : pixels_(model.input) {
    output_layout_ = model.output.layout;
    classes_ = model.output.classes.size();
    declared_channels_ = model.output.channels;
    activation_ = model.output.activation;
    if (classes_ < 2)
      throw std::invalid_argument("segmentation needs two classes or more (background is one), the item lists " + std::to_string(classes_));
  }

  static std::string describe() { return description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override { pixels_.fill(windows, input); }

  sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty()) throw std::invalid_argument("the model gave no output");
    const Scores scores(outputs[0], output_layout_);
    const bool sigmoid = scores.channels == 1 && classes_ == 2;
    // Borders between touching things: one channel more than classes, where the item declares it, or a second output of one channel.
    const bool border_within = scores.channels == classes_ + 1 && declared_channels_ == static_cast<std::int64_t>(classes_) + 1;
    if (!sigmoid && !border_within && scores.channels != classes_) {
      throw std::invalid_argument("the model gives " + std::to_string(scores.channels) + " channels, the item lists " + std::to_string(classes_) +
                                  " classes");
    }
    const bool border_beside = !border_within && outputs.size() > 1 && gives_borders(outputs[1], scores);
    const std::size_t planes = classes_ + (border_within || border_beside ? 1 : 0);
    sdk::Output output;
    output.kind = FAIR_RESULT_SCORES;
    output.extra_channels = static_cast<std::int32_t>(planes - classes_);
    output.shape = {static_cast<std::int64_t>(scores.batch), static_cast<std::int64_t>(planes), static_cast<std::int64_t>(scores.height),
                    static_cast<std::int64_t>(scores.width)};
    output.values.resize(scores.batch * planes * scores.pixels());
    for (std::size_t b = 0; b < scores.batch; ++b) {
      float* const to = output.values.data() + b * planes * scores.pixels();
      const Planes classes = scores.planes(b, 0, sigmoid ? 1 : classes_);
      to_probabilities(classes, already_probabilities(classes), to);
      if (planes == classes_) continue;
      const Planes border = border_within ? scores.planes(b, classes_, 1) : Scores(outputs[1], output_layout_).planes(b, 0, 1);
      // A second output that training added gives logits, whatever the classes are given as.
      const bool probabilities =
          border_within || activation_ != sdk::Activation::probabilities ? already_probabilities(border) : are_probabilities(border);
      to_sigmoid(border, probabilities, to + classes_ * scores.pixels());
    }
    return output;
  }

 private:
  /// A four-axis output, by the layout the item declares.
  struct Scores {
    Scores(const fair_tensor& tensor, sdk::Layout layout) : values(static_cast<const float*>(tensor.data)), planar(layout == sdk::Layout::nchw) {
      if (tensor.rank != 4 || tensor.dtype != 1) throw std::invalid_argument("an output is no float32 tensor of four axes");
      batch = static_cast<std::size_t>(tensor.shape[0]);
      channels = static_cast<std::size_t>(tensor.shape[planar ? 1 : 3]);
      height = static_cast<std::size_t>(tensor.shape[planar ? 2 : 1]);
      width = static_cast<std::size_t>(tensor.shape[planar ? 3 : 2]);
    }
    [[nodiscard]] std::size_t pixels() const { return height * width; }
    [[nodiscard]] Planes planes(std::size_t window, std::size_t first, std::size_t count) const {
      const std::size_t next_channel = planar ? pixels() : 1;
      return {values + window * channels * pixels() + first * next_channel, count, pixels(), planar ? 1 : channels, next_channel};
    }
    const float* values;
    bool planar;
    std::size_t batch = 0, channels = 0, height = 0, width = 0;
  };

  bool gives_borders(const fair_tensor& tensor, const Scores& scores) const {
    if (tensor.rank != 4 || tensor.dtype != 1) return false;
    const Scores other(tensor, output_layout_);
    return other.batch == scores.batch && other.channels == 1 && other.height == scores.height && other.width == scores.width;
  }

  /// What the item declares; where it is silent, what each window's own values show, so that no answer depends on which window came first.
  bool already_probabilities(const Planes& planes) const {
    return activation_ == sdk::Activation::unknown ? are_probabilities(planes) : activation_ == sdk::Activation::probabilities;
  }

  sdk::PixelScaler pixels_;
  sdk::Layout output_layout_ = sdk::Layout::nchw;
  std::size_t classes_ = 0;
  std::int64_t declared_channels_ = -1;
  sdk::Activation activation_ = sdk::Activation::unknown;
};

}  // namespace
}  // namespace fair::unet_segmentation

FAIR_EXPORT_PLUGIN(unet_segmentation, fair::unet_segmentation::UnetSegmentation)
