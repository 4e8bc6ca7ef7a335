#include "plugins/yolo11n_detection/training/graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "native/onnx/builder.h"
#include "plugins/yolo11n_detection/training/blocks.h"
#include "plugins/yolo11n_detection/training/head.h"

namespace fair::yolo11n_detection {
namespace {

struct Sizes {
  Scale scale;
  /// A multiple of 8 that is at least the scaled number.
  [[nodiscard]] std::int64_t channels(std::int64_t full) const {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(std::min(full, scale.most_channels)) * scale.width / 8)) * 8;
  }
  [[nodiscard]] int repeats(int full) const { return std::max(1, static_cast<int>(std::lround(full * scale.depth))); }
};

}  // namespace

Result<Scale> scale_named(std::string_view name) {
  if (name == "n") return Scale{0.5, 0.25, 1024, false};
  if (name == "s") return Scale{0.5, 0.5, 1024, false};
  if (name == "m") return Scale{0.5, 1.0, 512, true};
  if (name == "l") return Scale{1.0, 1.0, 512, true};
  if (name == "x") return Scale{1.0, 1.5, 512, true};
  return fail(Code::usage, "scale", "n, s, m, l or x", "'" + std::string(name) + "'");
}

onnx::Model yolo11(const GraphOptions& options) {
  const Sizes s{options.scale};
  const bool deep = options.scale.deep_blocks;
  onnx::Builder builder("yolo11", 18, options.seed);
  Blocks blocks(builder);
  const auto path = [](int layer) { return "model." + std::to_string(layer); };
  const auto halve = [&](int layer, const Feature& x, std::int64_t out) { return blocks.unit(path(layer), x, s.channels(out), {3, 2, 1, true}); };
  const auto c3k2 = [&](int layer, const Feature& x, std::int64_t out, bool c3k, double expansion = 0.5) {
    return blocks.c3k2(path(layer), x, s.channels(out), s.repeats(2), c3k || deep, expansion);
  };

  const Feature image{builder.input("images", {{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}}), 3};
  const Feature quarter = c3k2(2, halve(1, halve(0, image, 64), 128), 256, false, 0.25);
  const Feature eighth = c3k2(4, halve(3, quarter, 256), 512, false, 0.25);
  const Feature sixteenth = c3k2(6, halve(5, eighth, 512), 512, true);
  const Feature last = c3k2(8, halve(7, sixteenth, 1024), 1024, true);
  const Feature deepest = blocks.c2psa(path(10), blocks.sppf(path(9), last, s.channels(1024)), s.repeats(2));

  const Feature down1 = c3k2(13, blocks.join(path(12), {blocks.enlarge(path(11), deepest), sixteenth}), 512, false);
  const Feature small = c3k2(16, blocks.join(path(15), {blocks.enlarge(path(14), down1), eighth}), 256, false);
  const Feature medium = c3k2(19, blocks.join(path(18), {halve(17, small, 256), down1}), 512, false);
  const Feature large = c3k2(22, blocks.join(path(21), {halve(20, medium, 512), deepest}), 1024, true);

  builder.output(builder.identity("output0", detect(builder, blocks, path(23), {small, medium, large}, options.classes)),
                 {{-1, "batch"}, {4 + options.classes, ""}, {-1, "anchors"}});
  return std::move(builder).build("0.1");
}

Result<onnx::Model> graph_for(std::string_view model, const GraphOptions& options) {
  if (options.classes < 1) return fail(Code::usage, std::string(model), "at least one class", std::to_string(options.classes));
  if (model == "yolo11n-detection") return yolo11(options);
  return fail(Code::not_found, std::string(model), "yolo11n-detection", "a model this plugin has no graph for");
}

}  // namespace fair::yolo11n_detection
