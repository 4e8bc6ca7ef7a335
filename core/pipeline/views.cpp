#include "core/pipeline/views.h"

#include <string>
#include <utility>

#include "core/base/field.h"
#include "core/raster/turn.h"

namespace fair::pipeline {
namespace {

/// The first two are half a turn apart, the first four are all quarters, the others are those mirrored.
raster::Turn turn_of(std::int32_t view, std::int32_t side) {
  constexpr int quarters[] = {0, 2, 1, 3};
  return {view >= 4, quarters[view % 4], side};
}

}  // namespace

Result<Views> Views::create(std::int32_t count, std::int32_t width, std::int32_t height, const Json& description) {
  if (count != 1 && count != 2 && count != 4 && count != 8) {
    return fail(Code::usage, "inference.tta_views", "1, 2, 4 or 8", std::to_string(count), "correct it in the item, the config or --set");
  }
  if (count > 1 && member(description, "result_kind") != "scores") {
    return fail(Code::usage, "inference.tta_views", "1 for a model that gives boxes or labels", std::to_string(count), "leave it out");
  }
  if (count > 1 && width != height) {
    return fail(Code::usage, "inference.tta_views", "1 for a model whose windows are not square",
                std::to_string(count) + " and windows of " + std::to_string(width) + " x " + std::to_string(height), "leave it out");
  }
  return Views(count, width);
}

raster::Image Views::seen(const raster::ImageView& window, std::int32_t view) const { return raster::turned(window, turn_of(view, side_)); }

Result<std::optional<plugin::PostResult>> Views::add(std::int32_t view, plugin::PostResult result) {
  if (count_ == 1) return std::optional(std::move(result));
  if (view == 0) {
    sum_ = std::make_shared<std::vector<float>>(result.data.begin(), result.data.end());
    mean_ = std::move(result);
    return std::optional<plugin::PostResult>{};
  }
  if (result.shape != mean_.shape) {
    return fail(Code::invalid, "plugin's result", "the same shape for every view of a batch", "another", "the plugin is wrong");
  }
  add_turned_back(view, result.data);
  if (view + 1 < count_) return std::optional<plugin::PostResult>{};
  for (float& value : *sum_) value /= static_cast<float>(count_);
  mean_.data = *sum_;
  mean_.memory = std::exchange(sum_, nullptr);
  return std::optional(std::move(mean_));
}

void Views::add_turned_back(std::int32_t view, std::span<const float> planes) {
  const raster::Turn turn = turn_of(view, side_);
  const std::int64_t step = turn.step(side_), plane = std::int64_t{side_} * side_;
  const float* from = planes.data();
  for (float* to = sum_->data(); to != sum_->data() + sum_->size(); to += plane) {
    for (std::int64_t y = 0; y < side_; ++y) {
      float* at = to + turn.row(y, side_);
      for (std::int64_t x = 0; x < side_; ++x, at += step) *at += *from++;
    }
  }
}

}  // namespace fair::pipeline
