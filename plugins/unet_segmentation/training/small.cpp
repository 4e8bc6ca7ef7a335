#include <array>
#include <string>

#include "native/onnx/builder.h"
#include "plugins/unet_segmentation/training/graph.h"

namespace fair::unet_segmentation {
namespace {

using onnx::Builder;
using onnx::ConvShape;

std::string unit(Builder& b, const std::string& path, const std::string& x, const ConvShape& shape) {
  return b.relu(path + ".relu", b.batch_norm(path + ".bn", b.conv(path + ".conv", x, shape), shape.out));
}

/// Two 3 × 3 convolutions; the first may halve the resolution.
std::string pair(Builder& b, const std::string& path, const std::string& x, std::int64_t in, std::int64_t out, std::int64_t stride) {
  return unit(b, path + ".1", unit(b, path + ".0", x, ConvShape{in, out, 3, stride}), ConvShape{out, out});
}

}  // namespace

onnx::Model unet_small(const GraphOptions& options) {
  // Half to a thirty-second of the resolution. Widths are multiples of 16, the width that convolution kernels block their channels by.
  constexpr std::array<std::int64_t, 5> widths{32, 64, 96, 128, 160};
  constexpr std::int64_t stem_width = 16;
  Builder b("unet-segmentation-small", 18, options.seed);
  const auto input = b.input("input", {{-1, "batch"}, {3, ""}, {256, ""}, {256, ""}});
  const auto stem = unit(b, "encoder.stem", input, ConvShape{3, stem_width, 3, 2});
  std::array<std::string, 5> levels;
  levels[0] = unit(b, "encoder.level0", stem, ConvShape{stem_width, widths[0]});
  for (std::size_t i = 1; i < levels.size(); ++i)
    levels[i] = pair(b, "encoder.level" + std::to_string(i), levels[i - 1], widths[i - 1], widths[i], 2);
  auto y = levels.back();
  for (std::size_t i = levels.size() - 1; i-- > 0;) {
    // Skips are added, not concatenated, after 1 × 1 convolutions to a common width: half the work of the convolution that follows.
    const auto path = "decoder.level" + std::to_string(i);
    const auto deep = b.upsample(path + ".up", unit(b, path + ".deep", y, ConvShape{widths[i + 1], widths[i], 1}), 2, Builder::Resizing::nearest);
    const auto skip = unit(b, path + ".skip", levels[i], ConvShape{widths[i], widths[i], 1});
    y = unit(b, path + ".mix", b.add(path + ".add", deep, skip), ConvShape{widths[i], widths[i]});
  }
  y = b.conv("head.conv", y, ConvShape{widths[0], options.classes, 1, 1, true}, 0.5);
  y = b.upsample("head.up", y, 2, Builder::Resizing::linear);
  b.output(b.identity("logits", y), {{-1, "batch"}, {options.classes, ""}, {256, ""}, {256, ""}});
  return std::move(b).build("0.1");
}

}  // namespace fair::unet_segmentation
