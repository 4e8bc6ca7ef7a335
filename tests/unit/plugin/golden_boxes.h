// YOLO exports beside the project with the boxes their makers' own suppression leaves of their outputs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/detect/nms.h"
#include "tests/unit/plugin/built_in_plugin.h"

namespace fair::test {

struct GoldenModel {
  const char* name;
  int classes;
  std::size_t boxes;
};
inline constexpr GoldenModel golden_models[] = {{"yolo11n_nc1_op19", 1, 470}, {"yolov8n_nc2_op12", 2, 609}};

inline std::string golden_path(const GoldenModel& model, const char* end) { return std::string(FAIR_SHARED) + "/models/" + model.name + end; }

inline std::string whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The f32 values of a .npy file, whose header says its own length; none where there is no such file.
inline std::vector<float> npy_values(const std::string& path) {
  const std::string bytes = whole_file(path);
  if (bytes.size() < 10) return {};
  const std::size_t start = 10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
  std::vector<float> values((bytes.size() - start) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + start, values.size() * sizeof(float));
  return values;
}

/// The built-in item with that many classes.
inline stac::ModelSpec yolo_spec(int classes) {
  return spec_of("yolo11n-detection", [classes](Json& properties) {
    Json& list = properties["mlm:output"][0]["classification:classes"];
    for (int c = 1; c < classes; ++c) list.push_back({{"name", "class " + std::to_string(c)}, {"value", c}});
  });
}

/// Decodes a raw output (1, 4 + classes, anchors), suppresses with the thresholds beside it and finds every expected box, within `pixels`.
/// `rounded`: the output was computed here, and of boxes as sure as each other (1e-5) another processor's rounding may have chosen the other. Then
/// one box in thirty may be missing, if one of ours that is as sure lies over it, and what it suppressed may stand.
inline void expect_golden_boxes(const GoldenModel& model, std::vector<float>& raw, double pixels, bool rounded = false) {
  const Json expected = Json::parse(whole_file(golden_path(model, ".boxes.json")));
  TensorView tensor;
  tensor.data = raw.data();
  tensor.rank = 3;
  tensor.shape = {1, 4 + model.classes, static_cast<std::int64_t>(raw.size()) / (4 + model.classes)};
  const auto result = instance(yolo_spec(model.classes))->postprocess({&tensor, 1});
  ASSERT_TRUE(result) << result.error().message();
  std::vector<detect::Box> boxes;
  for (const float* row = result->data.data(); row < result->data.data() + result->data.size(); row += 7) {
    if (row[5] > expected["conf"].get<float>()) boxes.push_back({row[1], row[2], row[3], row[4], row[5], static_cast<std::int32_t>(row[6])});
  }
  EXPECT_EQ(boxes.size(), expected["candidates_over_conf"].get<std::size_t>());
  std::vector<detect::Box> kept = detect::suppress(boxes, expected["iou"].get<double>());
  const std::vector<detect::Box> all = kept;
  if (!rounded) {
    ASSERT_EQ(kept.size(), model.boxes);
  }
  std::vector<detect::Box> missing;
  const double threshold = expected["iou"].get<double>();
  ASSERT_EQ(expected["boxes"].size(), model.boxes);
  for (const Json& theirs : expected["boxes"]) {
    const auto same = std::find_if(kept.begin(), kept.end(), [&](const detect::Box& ours) {
      const double values[] = {ours.x0, ours.y0, ours.x1, ours.y1};
      for (std::size_t i = 0; i < 4; ++i) {
        if (std::abs(values[i] - theirs[i].get<double>()) > pixels) return false;
      }
      return std::abs(static_cast<double>(ours.confidence) - theirs[4].get<double>()) < 1e-5 &&
             ours.label == static_cast<int>(theirs[5].get<double>());
    });
    if (same != kept.end()) {
      kept.erase(same);
      continue;
    }
    const auto at = [&](std::size_t i) { return theirs[i].get<float>(); };
    missing.push_back({at(0), at(1), at(2), at(3), at(4), static_cast<std::int32_t>(at(5))});
    const bool suppressed = std::any_of(all.begin(), all.end(), [&](const detect::Box& ours) {
      return ours.label == missing.back().label && ours.confidence >= at(4) - 1e-5F && detect::iou(ours, missing.back()) > threshold;
    });
    ASSERT_TRUE(rounded && suppressed) << theirs.dump();
  }
  EXPECT_LE(missing.size(), model.boxes / 30);
  for (const detect::Box& more : kept) {
    const bool of_a_missing = std::any_of(missing.begin(), missing.end(),
                                          [&](const detect::Box& one) { return one.label == more.label && detect::iou(more, one) > threshold; });
    EXPECT_TRUE(of_a_missing) << "a box too many at " << more.x0 << ", " << more.y0;
  }
}

}  // namespace fair::test
