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

std::string pair(Builder& b, const std::string& path, const std::string& x, std::int64_t in, std::int64_t out) {
  return unit(b, path + ".1", unit(b, path + ".0", x, ConvShape{in, out}), ConvShape{out, out});
}

}  // namespace

onnx::Model unet_small(const GraphOptions& options) {
  // Widths are multiples of 16: the vector width that convolution kernels block their channels by.
  constexpr std::array<std::int64_t, 4> widths{16, 32, 64, 128};
  Builder b("unet-segmentation-small", 18, options.seed);
  const auto input = b.input("input", {{-1, "batch"}, {3, ""}, {256, ""}, {256, ""}});
  const auto stem = unit(b, "encoder.stem", input, ConvShape{3, widths[0], 3, 2});
  std::array<std::string, 4> levels;
  levels[0] = pair(b, "encoder.level0", stem, widths[0], widths[0]);
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const auto path = "encoder.level" + std::to_string(i);
    levels[i] = pair(b, path, b.max_pool(path + ".pool", levels[i - 1], 2, 2, 0), widths[i - 1], widths[i]);
  }
  auto y = levels[3];
  for (std::size_t i = 3; i-- > 0;) {
    const auto path = "decoder.level" + std::to_string(i);
    y = b.concat(path + ".concat", {b.upsample(path + ".up", y, 2, Builder::Resizing::nearest), levels[i]});
    y = pair(b, path, y, widths[i + 1] + widths[i], widths[i]);
  }
  y = b.conv("head.conv", y, ConvShape{widths[0], options.classes * 4, 3, 1, true}, 0.5);
  y = b.depth_to_space("head.shuffle", y, 2);
  b.output(b.identity("logits", y), {{-1, "batch"}, {options.classes, ""}, {256, ""}, {256, ""}});
  return std::move(b).build("0.1");
}

}  // namespace fair::unet_segmentation
