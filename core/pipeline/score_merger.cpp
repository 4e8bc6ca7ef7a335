#include "core/pipeline/score_merger.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fair::pipeline {
namespace {

constexpr std::int32_t rows_at_once = 16;

/// (height, width) -> (width, height), in tiles that stay in cache.
template <class T>
void transpose(const T* from, std::int32_t width, std::int32_t height, T* to) {
  constexpr std::int32_t tile = 16;
  for (std::int32_t y0 = 0; y0 < height; y0 += tile) {
    for (std::int32_t x0 = 0; x0 < width; x0 += tile) {
      for (std::int32_t y = y0; y < std::min(y0 + tile, height); ++y) {
        for (std::int32_t x = x0; x < std::min(x0 + tile, width); ++x) {
          to[static_cast<std::ptrdiff_t>(x) * height + y] = from[static_cast<std::ptrdiff_t>(y) * width + x];
        }
      }
    }
  }
}

}  // namespace

vector::Vectorizer vectorizer_of(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options) {
  vector::VectorizeOptions wanted = options.vectorize;
  if (wanted.classes.empty()) {
    wanted.classes = model.output.classes;
    wanted.geometry = model.geometry;
  }
  if (wanted.output_name.empty()) wanted.output_name = model.output.name;
  wanted.transposed = plan.transposed;
  return vector::Vectorizer(wanted, plan.grid.crs, plan.transform, static_cast<std::int32_t>(plan.across().extent), plan.origin_column,
                            plan.origin_row, plan.grid.zoom);
}

Result<std::unique_ptr<Merger>> ScoreMerger::create(const ScanPlan& plan, const stac::ModelSpec& model, const InferenceOptions& options,
                                                    std::int32_t channels, bool borders) {
  FAIR_TRY_ASSIGN(Decision decision, Decision::create(model.output.classes, channels, options.min_class_value, options.confidence_threshold));
  return std::unique_ptr<Merger>(new ScoreMerger(plan, Area(plan, options.area), std::move(decision),
                                                 borders && options.vectorize.split_touching ? channels : -1, vectorizer_of(plan, model, options),
                                                 options.shard));
}

ScoreMerger::ScoreMerger(const ScanPlan& plan, Area area, Decision decision, std::int32_t border_plane, vector::Vectorizer vectorizer,
                         const Shard& shard)
    : plan_(plan),
      area_(std::move(area)),
      decision_(std::move(decision)),
      planes_(decision_.planes()),
      borders_(border_plane >= 0),
      blender_(plan.across(), plan.along(), static_cast<std::int32_t>(planes_.size()) + (borders_ ? 1 : 0)),
      vectorizer_(std::move(vectorizer)),
      shard_(shard),
      strip_(plan.run_by(shard).first),
      row_(plan.along().start(strip_)) {
  const auto n = static_cast<std::size_t>(plan.across().extent) * rows_at_once;
  mask_.resize(n);
  scores_.resize(n);
  if (!borders_) return;
  planes_.push_back(border_plane);
  border_scores_.resize(n);
}

Result<> ScoreMerger::add(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) {
  const ScanPlan::Step s = plan_.step(window);
  FAIR_TRY(open(s.b));
  const std::int64_t plane = result.shape[2] * result.shape[3];
  const float* scores = result.data.data() + within * result.shape[1] * plane;
  const auto n = static_cast<std::size_t>(plane);
  const std::uint8_t* seen = valid.empty() ? nullptr : valid.data();
  if (plan_.transposed) {
    turned_.resize(n * planes_.size());
    for (std::size_t c = 0; c < planes_.size(); ++c) transpose(scores + planes_[c] * plane, plan_.x.size, plan_.y.size, &turned_[c * n]);
    if (seen != nullptr) {
      turned_valid_.resize(n);
      transpose(seen, plan_.x.size, plan_.y.size, turned_valid_.data());
      seen = turned_valid_.data();
    }
    blender_.add(s.a, s.b, turned_.data(), plane, seen);
  } else {
    // The planes wanted follow each other: one or all classes, then the borders. Between the only foreground class and the borders there may be more.
    const bool adjacent = planes_.back() - planes_.front() == static_cast<std::int32_t>(planes_.size()) - 1;
    if (!adjacent) {
      turned_.resize(n * planes_.size());
      for (std::size_t c = 0; c < planes_.size(); ++c) std::copy_n(scores + planes_[c] * plane, n, &turned_[c * n]);
      scores = turned_.data();
    } else {
      scores += planes_.front() * plane;
    }
    blender_.add(s.a, s.b, scores, plane, seen);
  }
  return {};
}

Result<> ScoreMerger::open(std::int64_t b) {
  const auto width = static_cast<std::size_t>(plan_.across().extent);
  const Shard::Strips own = shard_.of(plan_.along().count());
  std::vector<const float*> planes(decision_.planes().size());
  for (; strip_ < b; ++strip_) {
    const std::int32_t rows = blender_.settled_rows(strip_);
    if (strip_ < own.first) {  // another share's rows, not all of whose windows are run here
      row_ += rows;
      blender_.advance(strip_);
      continue;
    }
    for (std::int32_t y = 0; y < rows; y += rows_at_once) {
      const std::int32_t n = std::min(rows_at_once, rows - y);
      for (std::int32_t k = 0; k < n; ++k) {
        for (std::size_t c = 0; c < planes.size(); ++c) planes[c] = blender_.scores(static_cast<std::int32_t>(c), y + k);
        decision_.row(planes.data(), blender_.valid(y + k), width, &mask_[static_cast<std::size_t>(k) * width],
                      &scores_[static_cast<std::size_t>(k) * width]);
      }
      area_.cut(row_, n, mask_.data());
      if (borders_) quantise_borders(y, n);
      const std::uint16_t* borders = borders_ ? border_scores_.data() : nullptr;
      if (shard_.sink != nullptr) FAIR_TRY(shard_.sink->rows(row_, n, width, mask_.data(), scores_.data(), borders));
      else vectorizer_.push(mask_.data(), n, scores_.data(), borders);
      row_ += n;
    }
    blender_.advance(strip_);
  }
  return {};
}

void ScoreMerger::quantise_borders(std::int32_t first, std::int32_t rows) {
  const auto width = static_cast<std::size_t>(plan_.across().extent);
  const auto channel = static_cast<std::int32_t>(planes_.size()) - 1;
  for (std::int32_t k = 0; k < rows; ++k) {
    const float* const from = blender_.scores(channel, first + k);
    std::transform(from, from + width, &border_scores_[static_cast<std::size_t>(k) * width], quantised);
  }
}

Result<> ScoreMerger::finish() {
  FAIR_TRY(open(shard_.of(plan_.along().count()).last));
  if (shard_.sink == nullptr) vectorizer_.finish();
  return {};
}

}  // namespace fair::pipeline
