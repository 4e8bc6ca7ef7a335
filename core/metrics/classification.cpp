#include "core/metrics/classification.h"

#include <cmath>

namespace fair::metrics {
namespace {

Json number(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

}  // namespace

template <class Of>
double ClassificationScores::over_classes(Of of) const {
  if (confusion_.classes() == 2) {
    const double value = of(1);
    return std::isnan(value) ? 0 : value;
  }
  double sum = 0;
  int occurring = 0;
  for (std::size_t c = 0; c < confusion_.classes(); ++c) {
    if (std::isnan(confusion_.f1(c))) continue;  // neither true nor predicted anywhere
    const double value = of(c);
    sum += std::isnan(value) ? 0 : value;
    ++occurring;
  }
  return occurring == 0 ? 0 : sum / occurring;
}

double ClassificationScores::precision() const {
  return over_classes([this](std::size_t c) { return confusion_.precision(c); });
}
double ClassificationScores::recall() const {
  return over_classes([this](std::size_t c) { return confusion_.recall(c); });
}
double ClassificationScores::f1() const {
  return over_classes([this](std::size_t c) { return confusion_.f1(c); });
}

Json ClassificationScores::to_json(const std::vector<std::string>& names) const {
  Json json{{"fair:accuracy", confusion_.accuracy()}, {"fair:precision", precision()}, {"fair:recall", recall()}, {"fair:f1", f1()}};
  Json& table = json["fair:confusion"] = Json::array();
  Json& scores = json["fair:per_class_scores"] = Json::object();
  for (std::size_t c = 0; c < confusion_.classes(); ++c) {
    Json row = Json::array();
    for (std::size_t p = 0; p < confusion_.classes(); ++p) row.push_back(confusion_.count(c, p));
    table.push_back(std::move(row));
    const std::string name = c < names.size() ? names[c] : std::to_string(c);
    scores[name] = {{"precision", number(confusion_.precision(c))}, {"recall", number(confusion_.recall(c))}, {"f1", number(confusion_.f1(c))}};
  }
  return json;
}

}  // namespace fair::metrics
