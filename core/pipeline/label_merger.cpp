#include "core/pipeline/label_merger.h"

#include <utility>

#include "core/pipeline/place_feature.h"

namespace fair::pipeline {

LabelMerger::LabelMerger(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options)
    : plan_(plan), model_(model), options_(options), area_(plan, options.area) {
  if (options.merge_neighbours) union_.emplace(plan, model, options);
}

Result<> LabelMerger::add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>&) {
  const auto n = static_cast<std::size_t>(result.shape[1]);
  FAIR_TRY_ASSIGN(const auto label,
                  decide_label(&result.data[static_cast<std::size_t>(within) * n], n, model_.output.classes.size(), options_.confidence_threshold));
  if (!label) return {};
  const ScanPlan::Step s = plan_.step(window);
  const raster::Span x = plan_.x.span(plan_.column_of(s));
  const raster::Span y = plan_.y.span(plan_.row_of(s));
  const Rectangle r{static_cast<double>(x.begin), static_cast<double>(y.begin), static_cast<double>(x.end), static_cast<double>(y.end)};
  if (!area_.holds((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2)) return {};
  if (union_) union_->add(s, *label);
  else ready_.push_back(place_feature(plan_, model_, options_, r, model_.output.classes[label->index], label->confidence));
  return {};
}

Result<> LabelMerger::finish() {
  if (union_) union_->finish();
  return {};
}

std::vector<vector::Feature> LabelMerger::take() { return union_ ? union_->take() : std::exchange(ready_, {}); }

}  // namespace fair::pipeline
