#include "core/metrics/headline.h"

#include <array>
#include <utility>

namespace fair::metrics {

std::optional<Headline> headline(const Json& metrics) {
  // Detectors may keep their figures under a segmentation's keys besides, when their item declares those.
  static constexpr std::array<std::pair<const char*, const char*>, 4> known{
      {{"fair:polygon_mean_iou", "polygons' mean IoU"}, {"fair:map50", "mAP50"}, {"fair:mean_iou", "mean IoU"}, {"fair:f1", "F1"}}};
  if (!metrics.is_object()) return std::nullopt;
  for (const auto& [key, words] : known) {
    const auto found = metrics.find(key);
    if (found != metrics.end() && found->is_number()) return Headline{words, found->get<double>()};
  }
  return std::nullopt;
}

}  // namespace fair::metrics
