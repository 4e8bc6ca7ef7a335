#include "core/detect/nms.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace fair::detect {
namespace {

constexpr double most_of_a_part = 0.5;

bool surer(const Box& a, const Box& b) {
  if (a.cut != b.cut) return b.cut;
  if (a.confidence != b.confidence) return a.confidence > b.confidence;
  return std::tie(a.y0, a.x0, a.y1, a.x1, a.label) < std::tie(b.y0, b.x0, b.y1, b.x1, b.label);
}

bool in_reading_order(const Box& a, const Box& b) { return std::tie(a.y1, a.x1, a.y0, a.x0, a.label) < std::tie(b.y1, b.x1, b.y0, b.x0, b.label); }

bool related(const Box& a, const Box& b) { return a.label == b.label && a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1; }

}  // namespace

namespace {

double common(const Box& a, const Box& b) {
  const double w = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const double h = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  return w <= 0 || h <= 0 ? 0 : w * h;
}

double area(const Box& box) { return (box.x1 - box.x0) * (box.y1 - box.y0); }

bool removes(const Box& kept, const Box& box, double threshold) {
  if (kept.label != box.label) return false;
  return iou(kept, box) > threshold || (box.cut && common(kept, box) > most_of_a_part * area(box));
}

}  // namespace

double iou(const Box& a, const Box& b) {
  const double both = common(a, b);
  return both <= 0 ? 0 : both / (area(a) + area(b) - both);
}

std::vector<Box> suppress(std::vector<Box> boxes, double threshold) {
  std::sort(boxes.begin(), boxes.end(), surer);
  std::vector<Box> kept;
  for (const Box& box : boxes) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Box& k) { return removes(k, box, threshold); });
    if (!covered) kept.push_back(box);
  }
  std::sort(kept.begin(), kept.end(), in_reading_order);
  return kept;
}

std::vector<Box> StreamingSuppression::settle(double frontier) {
  // Union of overlapping boxes; sorted by y0, only boxes that begin before this one ends can meet it.
  std::sort(open_.begin(), open_.end(), [](const Box& a, const Box& b) { return std::tie(a.y0, a.x0) < std::tie(b.y0, b.x0); });
  std::vector<std::size_t> parent(open_.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t i = 0; i < open_.size(); ++i) {
    for (std::size_t k = i + 1; k < open_.size() && open_[k].y0 < open_[i].y1; ++k) {
      if (related(open_[i], open_[k])) parent[root(k)] = root(i);
    }
  }
  std::vector<double> reach(open_.size(), std::numeric_limits<double>::lowest());
  for (std::size_t i = 0; i < open_.size(); ++i) reach[root(i)] = std::max(reach[root(i)], open_[i].y1);
  std::vector<Box> settled;
  std::vector<Box> still;
  for (std::size_t i = 0; i < open_.size(); ++i) (reach[root(i)] <= frontier ? settled : still).push_back(open_[i]);
  open_ = std::move(still);
  return suppress(std::move(settled), threshold_);
}

std::vector<Box> StreamingSuppression::finish() { return settle(std::numeric_limits<double>::max()); }

}  // namespace fair::detect
