#include "core/pipeline/box_merger.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/pipeline/place_feature.h"

namespace fair::pipeline {
namespace {

constexpr double edge = 2.0;  // pixels within which a box counts as reaching its window's edge

}  // namespace

BoxMerger::BoxMerger(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options)
    : plan_(plan), model_(model), options_(options), area_(plan, options.area), suppression_(options.nms_iou) {}

Result<> BoxMerger::add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) {
  const ScanPlan::Step s = plan_.step(window);
  if (s.b > strip_) {
    emit(suppression_.settle(static_cast<double>(plan_.along().start(s.b))));
    strip_ = s.b;
  }
  const double left = static_cast<double>(plan_.x.start(plan_.column_of(s)));
  const double top = static_cast<double>(plan_.y.start(plan_.row_of(s)));
  const auto width = static_cast<double>(plan_.x.extent);
  const auto height = static_cast<double>(plan_.y.extent);
  for (std::int64_t r = 0; r < result.shape[0]; ++r) {
    const float* row = &result.data[static_cast<std::size_t>(r) * 7];
    if (static_cast<std::int64_t>(row[0]) != within || !(row[5] >= static_cast<float>(options_.confidence_threshold))) continue;
    for (int k = 1; k < 6; ++k) {
      if (!std::isfinite(row[k]))
        return fail(Code::invalid, "box " + std::to_string(r), "finite numbers", "one that is not", "check the model's weights");
    }
    if (!(row[6] >= 0) || row[6] >= static_cast<float>(model_.output.classes.size())) {
      return fail(Code::incompatible, "box " + std::to_string(r), "a class below " + std::to_string(model_.output.classes.size()),
                  std::to_string(row[6]), "correct classification:classes in the item");
    }
    // Cut at the window, and at the imagery where the window reaches past it.
    detect::Box box;
    box.x0 = std::clamp(left + std::max(0.0F, row[1]), 0.0, width);
    box.y0 = std::clamp(top + std::max(0.0F, row[2]), 0.0, height);
    box.x1 = std::clamp(left + std::min(static_cast<float>(plan_.x.size), row[3]), 0.0, width);
    box.y1 = std::clamp(top + std::min(static_cast<float>(plan_.y.size), row[4]), 0.0, height);
    box.confidence = row[5];
    box.label = static_cast<std::int32_t>(row[6]);
    if (!(box.x0 < box.x1) || !(box.y0 < box.y1)) continue;
    // At an edge that is not the imagery's own the thing may go on, and another window sees more of it.
    box.cut = (box.x0 > 0 && box.x0 < left + edge) || (box.y0 > 0 && box.y0 < top + edge) ||
              (box.x1 < width && box.x1 > left + static_cast<double>(plan_.x.size) - edge) ||
              (box.y1 < height && box.y1 > top + static_cast<double>(plan_.y.size) - edge);
    if (!valid.empty()) {
      const auto x = std::min<std::int64_t>(static_cast<std::int64_t>((box.x0 + box.x1) / 2 - left), plan_.x.size - 1);
      const auto y = std::min<std::int64_t>(static_cast<std::int64_t>((box.y0 + box.y1) / 2 - top), plan_.y.size - 1);
      if (valid[static_cast<std::size_t>(y * plan_.x.size + x)] == 0) continue;
    }
    if (plan_.transposed) {
      std::swap(box.x0, box.y0);
      std::swap(box.x1, box.y1);
    }
    suppression_.add(box);
  }
  return {};
}

void BoxMerger::emit(const std::vector<detect::Box>& boxes) {
  for (const detect::Box& box : boxes) {
    Rectangle r{box.x0, box.y0, box.x1, box.y1};
    if (plan_.transposed) r = {box.y0, box.x0, box.y1, box.x1};
    if (!area_.holds((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2)) continue;
    const stac::Class& cls = model_.output.classes[static_cast<std::size_t>(box.label)];
    vector::Feature feature = place_feature(plan_, model_, options_, r, cls, box.confidence);
    if (feature.area_m2 >= options_.vectorize.area_threshold) ready_.push_back(std::move(feature));
  }
}

Result<> BoxMerger::finish() {
  emit(suppression_.finish());
  return {};
}

std::vector<vector::Feature> BoxMerger::take() { return std::exchange(ready_, {}); }

}  // namespace fair::pipeline
