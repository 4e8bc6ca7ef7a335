// Test-time augmentation: every window run in several of the eight ways it can be laid, and one result made of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/plugin/model_plugin.h"
#include "core/raster/image.h"

namespace fair::pipeline {

/// Views of a window are counted from 0, which is the window as it is.
class Views {
 public:
  /// `count` is 1, 2, 4 or 8, of windows of width x height pixels. Code::usage for more than one where windows are not square, or where results
  /// (`description` is the plugin's) are no scores.
  [[nodiscard]] static Result<Views> create(std::int32_t count, std::int32_t width, std::int32_t height, const Json& description);

  [[nodiscard]] std::int32_t count() const { return count_; }
  /// What the model is to see of a window in that view.
  [[nodiscard]] raster::Image seen(const raster::ImageView& window, std::int32_t view) const;
  /// Takes a batch's result of one view, views in order; with the last of them gives the mean over all, turned back. One view alone passes uncopied.
  [[nodiscard]] Result<std::optional<plugin::PostResult>> add(std::int32_t view, plugin::PostResult result);

 private:
  Views(std::int32_t count, std::int32_t side) : count_(count), side_(side) {}
  void add_turned_back(std::int32_t view, std::span<const float> planes);

  std::int32_t count_, side_;
  plugin::PostResult mean_;  ///< as far as it has come
  std::shared_ptr<std::vector<float>> sum_;
};

}  // namespace fair::pipeline
