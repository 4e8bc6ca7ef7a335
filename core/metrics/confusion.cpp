#include "core/metrics/confusion.h"

#include <cmath>
#include <limits>

namespace fair::metrics {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double ratio(std::int64_t part, std::int64_t whole) { return whole == 0 ? undefined : static_cast<double>(part) / static_cast<double>(whole); }

Json number(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

}  // namespace

Confusion::Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes, 0) {}

void Confusion::add(const std::uint8_t* truth, const std::uint8_t* predicted, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i) {
    if (truth[i] < classes_ && predicted[i] < classes_) ++counts_[truth[i] * classes_ + predicted[i]];
  }
}

void Confusion::add(const Confusion& other) {
  for (std::size_t i = 0; i < counts_.size() && i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::int64_t Confusion::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t n : counts_) sum += n;
  return sum;
}

std::int64_t Confusion::of_truth(std::size_t cls) const {
  std::int64_t sum = 0;
  for (std::size_t p = 0; p < classes_; ++p) sum += count(cls, p);
  return sum;
}

std::int64_t Confusion::of_prediction(std::size_t cls) const {
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < classes_; ++t) sum += count(t, cls);
  return sum;
}

double Confusion::accuracy() const {
  std::int64_t right = 0;
  for (std::size_t c = 0; c < classes_; ++c) right += count(c, c);
  return total() == 0 ? 0.0 : ratio(right, total());
}

double Confusion::iou(std::size_t cls) const { return ratio(count(cls, cls), of_truth(cls) + of_prediction(cls) - count(cls, cls)); }
double Confusion::precision(std::size_t cls) const { return ratio(count(cls, cls), of_prediction(cls)); }
double Confusion::recall(std::size_t cls) const { return ratio(count(cls, cls), of_truth(cls)); }
double Confusion::f1(std::size_t cls) const { return ratio(2 * count(cls, cls), of_truth(cls) + of_prediction(cls)); }

double Confusion::mean_iou() const {
  double sum = 0;
  int n = 0;
  for (std::size_t c = 0; c < classes_; ++c) {
    if (const double value = iou(c); !std::isnan(value)) {
      sum += value;
      ++n;
    }
  }
  return n == 0 ? 0.0 : sum / n;
}

Json Confusion::to_json(const std::vector<std::string>& names) const {
  Json json;
  json["fair:accuracy"] = accuracy();
  json["fair:mean_iou"] = mean_iou();
  Json& per_class = json["fair:per_class_iou"] = Json::object();
  Json& scores = json["fair:per_class_scores"] = Json::object();
  for (std::size_t c = 0; c < classes_; ++c) {
    const std::string name = c < names.size() ? names[c] : std::to_string(c);
    per_class[name] = number(iou(c));
    scores[name] = {{"precision", number(precision(c))}, {"recall", number(recall(c))}, {"f1", number(f1(c))}};
  }
  return json;
}

}  // namespace fair::metrics
