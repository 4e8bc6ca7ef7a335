// A loaded plugin as core's pipelines use it: the C contract (abi.h) with C++ manners.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/tensor.h"
#include "core/raster/image.h"

namespace fair::plugin {

enum class ResultKind { scores, boxes, label };

/// What postprocess gave for one batch.
struct PostResult {
  ResultKind kind = ResultKind::scores;
  /// scores: f32 (batch, classes, height, width), probabilities; boxes: f32 (n, 7) rows [window, x0, y0, x1, y1, confidence, class]; label: f32
  /// (batch, classes).
  std::span<const float> data;
  std::shared_ptr<const void> memory;  ///< keeps `data`; what the plugin filled, uncopied
  std::vector<std::int64_t> shape;
  std::int32_t extra_channels = 0;  ///< of scores: channels after the classes (borders between touching things), 0 or 1
};

/// One instance of a plugin, configured for one item. Calls are serial. The instance outlives the handle's library use: libraries are never unloaded.
class ModelPlugin {
 public:
  virtual ~ModelPlugin() = default;
  /// describe(): tasks, tiling policy, result kind, processing expressions, training defaults.
  [[nodiscard]] virtual const Json& description() const = 0;
  /// Pixels of `windows` (all of the model's input size, already at its ground resolution) -> the input tensor, written into `out`
  /// (f32, shape as the model's input with the batch filled in; the host owns it).
  virtual Result<> preprocess(std::span<const raster::ImageView> windows, TensorView out) = 0;
  /// The session's outputs -> one result.
  virtual Result<PostResult> postprocess(std::span<const TensorView> outputs) = 0;
};

}  // namespace fair::plugin
