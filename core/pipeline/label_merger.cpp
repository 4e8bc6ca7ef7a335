#include "core/pipeline/label_merger.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/pipeline/place_feature.h"

namespace fair::pipeline {

Result<> LabelMerger::add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>&) {
  const auto& classes = model_.output.classes;
  const auto n = static_cast<std::size_t>(result.shape[1]);
  const float* p = &result.data[static_cast<std::size_t>(within) * n];
  std::size_t best = 0;
  double confidence = 0;
  if (classes.size() == 2 && n <= 2) {
    // Two classes: the second one's probability against the threshold.
    const double positive = p[n - 1];
    best = positive >= options_.confidence_threshold ? 1 : 0;
    confidence = best == 1 ? positive : 1 - positive;
  } else if (n == classes.size() && n > 0) {
    best = static_cast<std::size_t>(std::max_element(p, p + n) - p);
    confidence = p[best];
    if (confidence < options_.confidence_threshold) return {};
  } else {
    return fail(Code::incompatible, "model output", "one probability for each of the item's " + std::to_string(classes.size()) + " classes",
                std::to_string(n), "correct classification:classes in the item");
  }
  const ScanPlan::Step s = plan_.step(window);
  const raster::Span x = plan_.x.span(plan_.column_of(s));
  const raster::Span y = plan_.y.span(plan_.row_of(s));
  const Rectangle r{static_cast<double>(x.begin), static_cast<double>(y.begin), static_cast<double>(x.end), static_cast<double>(y.end)};
  if (!area_.holds((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2)) return {};
  ready_.push_back(place_feature(plan_, model_, options_, r, classes[best], confidence));
  return {};
}

std::vector<vector::Feature> LabelMerger::take() { return std::exchange(ready_, {}); }

}  // namespace fair::pipeline
