#include "wasm/host/answer_features.h"

#include <utility>

#include "core/vector/geojson.h"
#include "wasm/host/answer.h"

namespace fair::web {

std::int32_t answer_features(const std::vector<vector::Feature>& features, const std::string& output_name) {
  std::string text;
  for (const vector::Feature& feature : features) {
    if (!text.empty()) text += ",\n";
    vector::append_text(text, feature, output_name);
  }
  answer_text(std::move(text));
  return static_cast<std::int32_t>(features.size());
}

}  // namespace fair::web
