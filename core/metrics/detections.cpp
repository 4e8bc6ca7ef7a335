#include "core/metrics/detections.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fair::metrics {
namespace {

constexpr std::size_t recalls = 101;

double threshold_at(std::size_t i) { return 0.5 + 0.05 * static_cast<double>(i); }

/// Which predictions of one class find a true box of their own at an IoU; `order` is surest first.
std::vector<bool> matched(const std::vector<std::vector<double>>& overlaps, const std::vector<std::size_t>& order, std::size_t truths, double least) {
  std::vector<bool> found(overlaps.size(), false), taken(truths, false);
  for (const std::size_t p : order) {
    double most = least;
    std::size_t best = truths;
    for (std::size_t t = 0; t < truths; ++t) {
      if (!taken[t] && overlaps[p][t] >= most && (best == truths || overlaps[p][t] > most)) {
        most = overlaps[p][t];
        best = t;
      }
    }
    if (best == truths) continue;
    taken[best] = true;
    found[p] = true;
  }
  return found;
}

std::vector<detect::Box> of_class(const std::vector<detect::Box>& boxes, std::int32_t label) {
  std::vector<detect::Box> out;
  for (const detect::Box& box : boxes) {
    if (box.label == label) out.push_back(box);
  }
  return out;
}

}  // namespace

void Detections::add(const std::vector<detect::Box>& truth, const std::vector<detect::Box>& predicted) {
  for (std::size_t c = 0; c < classes_; ++c) {
    const auto label = static_cast<std::int32_t>(c);
    const std::vector<detect::Box> truths = of_class(truth, label), predictions = of_class(predicted, label);
    truths_[c] += static_cast<std::int64_t>(truths.size());
    std::vector<std::vector<double>> overlaps;
    std::vector<std::size_t> order;
    for (const detect::Box& p : predictions) {
      std::vector<double> row;
      row.reserve(truths.size());
      for (const detect::Box& t : truths) row.push_back(detect::iou(p, t));
      order.push_back(overlaps.size());
      overlaps.push_back(std::move(row));
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return predictions[a].confidence > predictions[b].confidence; });
    const std::size_t first = predictions_.size();
    for (const detect::Box& p : predictions) {
      Prediction one{};
      one.confidence = p.confidence;
      one.label = label;
      predictions_.push_back(one);
    }
    for (std::size_t i = 0; i < thresholds; ++i) {
      const std::vector<bool> right = matched(overlaps, order, truths.size(), threshold_at(i));
      for (std::size_t p = 0; p < right.size(); ++p) predictions_[first + p].right[i] = right[p];
    }
  }
}

std::vector<const Detections::Prediction*> Detections::surest_first(std::int32_t label) const {
  std::vector<const Prediction*> out;
  for (const Prediction& p : predictions_) {
    if (label < 0 || p.label == label) out.push_back(&p);
  }
  std::stable_sort(out.begin(), out.end(), [](const Prediction* a, const Prediction* b) { return a->confidence > b->confidence; });
  return out;
}

double Detections::average_precision(std::size_t threshold, std::int32_t label) const {
  const std::int64_t truths = truths_[static_cast<std::size_t>(label)];
  if (truths == 0) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> recall, precision;
  std::int64_t right = 0;
  for (const Prediction* p : surest_first(label)) {
    right += p->right[threshold] ? 1 : 0;
    recall.push_back(static_cast<double>(right) / static_cast<double>(truths));
    precision.push_back(static_cast<double>(right) / static_cast<double>(precision.size() + 1));
  }
  for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
  double sum = 0;
  for (std::size_t i = 0; i < recalls; ++i) {
    const double wanted = static_cast<double>(i) / (recalls - 1);
    const auto at = std::lower_bound(recall.begin(), recall.end(), wanted);
    if (at != recall.end()) sum += precision[static_cast<std::size_t>(at - recall.begin())];
  }
  return sum / recalls;
}

double Detections::average_precision(std::size_t threshold) const {
  double sum = 0;
  int present = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    const double ap = average_precision(threshold, static_cast<std::int32_t>(c));
    if (std::isnan(ap)) continue;
    sum += ap;
    ++present;
  }
  return present == 0 ? 0.0 : sum / present;
}

double Detections::map50_95() const {
  double sum = 0;
  for (std::size_t i = 0; i < thresholds; ++i) sum += average_precision(i);
  return sum / static_cast<double>(thresholds);
}

Detections::Best Detections::best() const {
  Best best;
  std::int64_t truths = 0, right = 0, given = 0;
  for (const std::int64_t n : truths_) truths += n;
  const auto order = surest_first(-1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    ++given;
    right += order[i]->right[0] ? 1 : 0;
    if (i + 1 < order.size() && order[i + 1]->confidence == order[i]->confidence) continue;  // a threshold takes equals together
    const double f1 = 2.0 * static_cast<double>(right) / static_cast<double>(given + truths);
    if (f1 <= best.f1) continue;
    best.f1 = f1;
    best.precision = static_cast<double>(right) / static_cast<double>(given);
    best.recall = truths == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(truths);
    best.confidence = static_cast<double>(order[i]->confidence);
  }
  return best;
}

Json Detections::to_json(const std::vector<std::string>& names) const {
  const Best at = best();
  Json per_class = Json::object();
  for (std::size_t c = 0; c < classes_; ++c) {
    const double ap = average_precision(0, static_cast<std::int32_t>(c));
    per_class[c < names.size() ? names[c] : std::to_string(c)] = std::isnan(ap) ? Json(nullptr) : Json(ap);
  }
  Json out;
  out["fair:map50"] = map50();
  out["fair:map50_95"] = map50_95();
  out["fair:precision"] = at.precision;
  out["fair:recall"] = at.recall;
  out["fair:f1"] = at.f1;
  out["fair:best_confidence"] = at.confidence;
  out["fair:per_class_map50"] = std::move(per_class);
  return out;
}

Json fill_by_name(Json metrics, const Json& metrics_spec) {
  const auto plain = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
      else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    return out;
  };
  if (!metrics_spec.is_array()) return metrics;
  const Json known = metrics;
  for (const Json& entry : metrics_spec) {
    if (!entry.is_object() || !entry.contains("key") || !entry["key"].is_string() || !entry.contains("name") || !entry["name"].is_string()) continue;
    const std::string key = entry["key"].get<std::string>(), name = plain(entry["name"].get<std::string>());
    if (known.contains(key)) continue;
    for (const auto& [own, value] : known.items()) {
      if (plain(own.substr(own.find(':') + 1)) == name) metrics[key] = value;
    }
  }
  return metrics;
}

}  // namespace fair::metrics
