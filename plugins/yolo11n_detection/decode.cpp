#include "plugins/yolo11n_detection/decode.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace fair::yolo11n_detection {
namespace {

constexpr std::int64_t detection_values = 6;
constexpr std::size_t row = 7;

std::string shape_of(const fair_tensor& t) {
  std::string out;
  for (std::int32_t i = 0; i < t.rank; ++i) out += (i == 0 ? "" : ", ") + std::to_string(t.shape[i]);
  return "[" + out + "]";
}

void append_anchors(const float* values, std::size_t window, std::size_t channels, std::size_t anchors, std::vector<float>& rows) {
  const auto at = [&](std::size_t channel, std::size_t anchor) { return values[channel * anchors + anchor]; };
  for (std::size_t a = 0; a < anchors; ++a) {
    std::size_t best = 4;
    for (std::size_t c = 5; c < channels; ++c) {
      if (at(c, a) > at(best, a)) best = c;
    }
    const float half_width = at(2, a) / 2, half_height = at(3, a) / 2;
    const float values_of_row[row] = {static_cast<float>(window), at(0, a) - half_width, at(1, a) - half_height,      at(0, a) + half_width,
                                      at(1, a) + half_height,     at(best, a),           static_cast<float>(best - 4)};
    rows.insert(rows.end(), values_of_row, values_of_row + row);
  }
}

}  // namespace

Form form_of(const fair_tensor& output, std::size_t classes) {
  if (output.rank != 3 || output.dtype != 1) throw std::invalid_argument("the output is no float32 tensor of three axes");
  const auto channels = static_cast<std::int64_t>(4 + classes);
  const bool anchors = output.shape[1] == channels;
  const bool detections = output.shape[2] == detection_values;
  if (detections && (!anchors || channels == detection_values)) return Form::detections;
  if (anchors) return Form::anchors;
  throw std::invalid_argument("the output is " + shape_of(output) + ", neither [batch, " + std::to_string(channels) + ", anchors] as the item's " +
                              std::to_string(classes) + " classes ask nor [batch, detections, 6]");
}

std::vector<float> rows_of(const fair_tensor& output, Form form) {
  const auto* values = static_cast<const float*>(output.data);
  const auto batch = static_cast<std::size_t>(output.shape[0]);
  const auto second = static_cast<std::size_t>(output.shape[1]);
  const auto third = static_cast<std::size_t>(output.shape[2]);
  std::vector<float> rows;
  rows.reserve(batch * (form == Form::anchors ? third : second) * row);
  for (std::size_t b = 0; b < batch; ++b, values += second * third) {
    if (form == Form::anchors) {
      append_anchors(values, b, second, third, rows);
      continue;
    }
    for (const float* one = values; one < values + second * third; one += third) {
      if (!(one[4] > 0)) continue;
      rows.push_back(static_cast<float>(b));
      rows.insert(rows.end(), one, one + detection_values);
    }
  }
  return rows;
}

}  // namespace fair::yolo11n_detection
