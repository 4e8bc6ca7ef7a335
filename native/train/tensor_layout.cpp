#include "native/train/tensor_layout.h"

#include <c10/core/GradMode.h>

#include <string>

namespace fair::train {
namespace {

std::string text(at::IntArrayRef sizes) {
  std::string out = "(";
  for (std::size_t i = 0; i < sizes.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
  return out + ")";
}

bool ends_in_channels(const onnx::ValueInfo& value) {
  if (!value.shape || value.shape->size() != 4) return false;
  const auto& d = *value.shape;
  return d[3].value == 3 && d[1].value != 3;
}

}  // namespace

Result<TensorLayout> TensorLayout::of(const onnx::Model& model, Program& program, std::int64_t window, std::int64_t classes, at::Device device) {
  TensorLayout layout;
  layout.channels_last_input = ends_in_channels(*model.graph.feeds().front());
  const std::string wanted = "logits of (1, " + std::to_string(classes) + ", " + std::to_string(window) + ", " + std::to_string(window) + ")";
  at::Tensor output;
  try {
    const c10::NoGradGuard no_gradients;
    program.set_training(false);
    const auto pixels = at::zeros({1, 3, window, window}, at::TensorOptions().device(device)).contiguous(at::MemoryFormat::ChannelsLast);
    output = program.run(layout.input(pixels)).at(0);
  } catch (const std::exception& e) {
    std::string why = e.what();
    why.resize(std::min(why.find('\n'), why.size()));
    return fail(Code::incompatible, "the model", wanted + " for one window of three bands", why, "check the model's input shape against its item");
  }
  if (output.dim() != 4) return fail(Code::incompatible, "the model's output", wanted, text(output.sizes()), "only segmentation models train here");
  const bool first = output.size(2) == window && output.size(3) == window;
  const bool last = output.size(1) == window && output.size(2) == window;
  layout.channels_last_output = last && (!first || layout.channels_last_input);
  layout.output_channels = layout.channels_last_output ? output.size(3) : output.size(1);
  const bool one_for_two = layout.output_channels == 1 && classes == 2;
  if ((!first && !last) || (layout.output_channels != classes && !one_for_two)) {
    return fail(Code::incompatible, "the model's output", wanted, text(output.sizes()), "the model's classes and the item's must be the same");
  }
  return layout;
}

}  // namespace fair::train
