#include "core/pipeline/decide.h"

#include <algorithm>
#include <string>

namespace fair::pipeline {
std::uint16_t quantised(float probability) {
  const float scaled = probability * 65535.0F + 0.5F;
  if (!(scaled > 0.0F)) return 0;
  return static_cast<std::uint16_t>(static_cast<std::int32_t>(std::min(scaled, 65535.0F)));
}

Result<Decision> Decision::create(const std::vector<stac::Class>& classes, std::int32_t channels, std::int32_t min_class_value, double threshold) {
  if (!(threshold >= 0) || threshold > 1) {
    return fail(Code::usage, "confidence_threshold", "a probability between 0 and 1", std::to_string(threshold));
  }
  for (const stac::Class& c : classes) {
    if (c.value < 0 || c.value > 254) {
      return fail(Code::unsupported, "class " + c.name, "a value between 0 and 254", std::to_string(c.value));
    }
  }
  Decision decision;
  decision.threshold_ = quantised(static_cast<float>(threshold));
  const auto n = static_cast<std::int32_t>(classes.size());
  const auto value_of = [&](const stac::Class& c) { return static_cast<std::uint8_t>(c.value < min_class_value || c.value < 1 ? 0 : c.value); };
  if (channels == n) {
    for (const stac::Class& c : classes) decision.values_.push_back(value_of(c));
  } else if (channels == 1 && n == 2) {
    // One probability for two classes is that of the one with the larger value.
    decision.values_.push_back(value_of(std::max(classes[0], classes[1], [](const auto& a, const auto& b) { return a.value < b.value; })));
  } else if (channels == 2 && n == 1) {
    decision.values_ = {0, value_of(classes[0])};
  } else {
    return fail(Code::incompatible, "model output", "one channel of scores for each of the item's " + std::to_string(n) + " classes",
                std::to_string(channels), "correct classification:classes or the model's output shape in the item");
  }
  for (std::int32_t i = 0; i < channels; ++i) decision.planes_.push_back(i);
  if (std::count_if(decision.values_.begin(), decision.values_.end(), [](std::uint8_t v) { return v != 0; }) == 1) {
    const auto at = std::find_if(decision.values_.begin(), decision.values_.end(), [](std::uint8_t v) { return v != 0; }) - decision.values_.begin();
    decision.planes_ = {static_cast<std::int32_t>(at)};
    decision.values_ = {decision.values_[static_cast<std::size_t>(at)]};
  }
  return decision;
}

void Decision::row(const float* const* planes, const std::uint8_t* valid, std::size_t n, std::uint8_t* mask, std::uint16_t* scores) const {
  if (planes_.size() == 1) {
    const float* p = planes[0];
    const std::uint8_t value = values_[0];
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint16_t q = quantised(p[i]);
      const bool found = valid[i] != 0 && q >= threshold_;
      mask[i] = found ? value : std::uint8_t{0};
      scores[i] = found ? q : std::uint16_t{0};
    }
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < planes_.size(); ++c) {
      if (planes[c][i] > planes[best][i]) best = c;
    }
    const std::uint16_t q = quantised(planes[best][i]);
    const bool found = valid[i] != 0 && values_[best] != 0 && q >= threshold_;
    mask[i] = found ? values_[best] : std::uint8_t{0};
    scores[i] = found ? q : std::uint16_t{0};
  }
}

}  // namespace fair::pipeline
