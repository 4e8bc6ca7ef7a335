#include "core/metrics/instances.h"

#include <algorithm>
#include <map>
#include <utility>

namespace fair::metrics {
namespace {

double share(std::int64_t part, std::int64_t whole) { return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole); }

struct Pair {
  double iou;
  std::int32_t truth, predicted;
};

}  // namespace

void InstanceMatches::add(const std::int32_t* truth, const std::int32_t* predicted, std::size_t pixels, const std::uint8_t* ignore) {
  std::map<std::int32_t, std::int64_t> truth_area;
  std::map<std::int32_t, std::int64_t> predicted_area;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> overlap;
  for (std::size_t i = 0; i < pixels;) {  // by runs of equal pixels: ids change rarely
    const std::int32_t t = truth[i];
    const std::int32_t p = predicted[i];
    const bool skip = ignore != nullptr && ignore[i] != 0;
    const std::size_t start = i;
    while (i < pixels && truth[i] == t && predicted[i] == p && (ignore != nullptr && ignore[i] != 0) == skip) ++i;
    if (skip) continue;
    const auto n = static_cast<std::int64_t>(i - start);
    if (t != 0) truth_area[t] += n;
    if (p != 0) predicted_area[p] += n;
    if (t != 0 && p != 0) overlap[{t, p}] += n;
  }
  std::vector<Pair> pairs;
  for (const auto& [ids, both] : overlap) {
    const double iou = share(both, truth_area[ids.first] + predicted_area[ids.second] - both);
    if (iou >= threshold_) pairs.push_back(Pair{iou, ids.first, ids.second});
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.iou > b.iou; });
  const auto truths = static_cast<std::int64_t>(truth_area.size());
  const auto predictions = static_cast<std::int64_t>(predicted_area.size());
  std::int64_t found = 0;
  for (const Pair& pair : pairs) {
    if (truth_area.count(pair.truth) == 0 || predicted_area.count(pair.predicted) == 0) continue;
    truth_area.erase(pair.truth);
    predicted_area.erase(pair.predicted);
    iou_sum_ += pair.iou;
    ++found;
  }
  matched_ += found;
  missed_ += truths - found;
  invented_ += predictions - found;
}

double InstanceMatches::precision() const { return share(matched_, matched_ + invented_); }
double InstanceMatches::recall() const { return share(matched_, matched_ + missed_); }
double InstanceMatches::f1() const { return share(2 * matched_, 2 * matched_ + missed_ + invented_); }
double InstanceMatches::matched_iou() const { return matched_ == 0 ? 0.0 : iou_sum_ / static_cast<double>(matched_); }

Json InstanceMatches::to_json() const {
  return {{"fair:instance_precision", precision()},
          {"fair:instance_recall", recall()},
          {"fair:instance_f1", f1()},
          {"fair:instance_iou", matched_iou()},
          {"matched", matched_},
          {"missed", missed_},
          {"invented", invented_}};
}

}  // namespace fair::metrics
