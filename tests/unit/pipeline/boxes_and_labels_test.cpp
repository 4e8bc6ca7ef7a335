#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/pipeline/inference.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::pipeline {
namespace {

using stand_in::drive;
using stand_in::Imagery;
using stand_in::Tensor;

/// A dark picture with bright things of 12 x 12 pixels that never touch.
Imagery things(std::int32_t width, std::int32_t height) {
  Imagery imagery(width, height, 32, 32, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{0});
  for (std::int32_t y = 5; y + 12 < height; y += 29) {
    for (std::int32_t x = 7; x + 12 < width; x += 23) {
      for (std::int32_t k = 0; k < 12; ++k)
        std::fill_n(&imagery.picture.pixels[static_cast<std::size_t>(((y + k) * width + x) * 3)], 36, std::uint8_t{255});
    }
  }
  return imagery;
}

/// A box for every bright thing a window sees, also for those it sees only part of; surer the less of it, the worst case.
Tensor boxes_of(const TensorView& input) {
  Tensor out{{}, {0, 7}};
  const std::int64_t h = input.shape[2];
  const std::int64_t w = input.shape[3];
  for (std::int64_t i = 0; i < input.shape[0]; ++i) {
    const float* p = input.as<const float>() + i * input.shape[1] * h * w;
    const auto lit = [&](std::int64_t x, std::int64_t y) { return x >= 0 && y >= 0 && x < w && y < h && p[y * w + x] > 0.5F; };
    for (std::int64_t y = 0; y < h; ++y) {
      for (std::int64_t x = 0; x < w; ++x) {
        if (!lit(x, y) || lit(x - 1, y) || lit(x, y - 1)) continue;
        std::int64_t x1 = x;
        std::int64_t y1 = y;
        while (lit(x1, y)) ++x1;
        while (lit(x, y1)) ++y1;
        const float sure = 1.0F - static_cast<float>((x1 - x) * (y1 - y)) / 300.0F;
        for (const auto v :
             {static_cast<float>(i), static_cast<float>(x), static_cast<float>(y), static_cast<float>(x1), static_cast<float>(y1), sure, 1.0F}) {
          out.data.push_back(v);
        }
        ++out.shape[0];
      }
    }
  }
  return out;
}

InferenceOptions box_options() {
  InferenceOptions options;
  options.vectorize.area_threshold = 0;
  options.nms_iou = 0.45;
  return options;
}

TEST(Boxes, AThingThatSeveralWindowsSeeIsOneFeature) {
  for (const auto& [width, height] : {std::pair{140, 200}, std::pair{200, 140}}) {
    const Imagery imagery = things(width, height);
    std::size_t expected = 0;
    for (std::int32_t y = 5; y + 12 < height; y += 29) {
      for (std::int32_t x = 7; x + 12 < width; x += 23) ++expected;
    }
    for (unsigned seed = 0; seed < 5; ++seed) {
      InferenceOptions options = box_options();
      options.batch_size = 1 + static_cast<std::int32_t>(seed);
      auto inference =
          Inference::create(stand_in::spec(64), std::make_shared<stand_in::Plugin>(plugin::ResultKind::boxes, 16), imagery.grid, options);
      ASSERT_TRUE(inference);
      const auto outcome = drive(std::move(*inference), imagery, boxes_of, seed);
      ASSERT_TRUE(outcome) << outcome.error().message();
      ASSERT_EQ(outcome->features.size(), expected);
      for (const vector::Feature& f : outcome->features) {
        EXPECT_EQ(f.class_name, "building");
        EXPECT_EQ(f.polygons.front().front().size(), 4U);
      }
    }
  }
}

TEST(Boxes, AnUnknownClassIsAnError) {
  const Imagery imagery = things(64, 64);
  auto inference =
      Inference::create(stand_in::spec(64), std::make_shared<stand_in::Plugin>(plugin::ResultKind::boxes, 0), imagery.grid, box_options());
  const auto outcome = drive(std::move(*inference), imagery, [](const TensorView&) { return Tensor{{0, 1, 1, 9, 9, 0.9F, 5}, {1, 7}}; });
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("class"), std::string::npos);
}

TEST(Labels, EveryWindowIsAPolygonWithItsClass) {
  Imagery imagery(96, 64, 32, 32, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{0});
  imagery.picture.pixels[0] = 255;
  auto inference =
      Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::label, 8), imagery.grid, box_options());
  const auto outcome = drive(std::move(*inference), imagery, [](const TensorView& input) {
    Tensor out{{}, {input.shape[0], 1}};
    const std::int64_t size = input.shape[1] * input.shape[2] * input.shape[3];
    for (std::int64_t i = 0; i < input.shape[0]; ++i) out.data.push_back(input.as<const float>()[i * size] > 0.5F ? 0.9F : 0.2F);
    return out;
  });
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->features.size(), 6U);
  EXPECT_EQ(std::count_if(outcome->features.begin(), outcome->features.end(), [](const auto& f) { return f.class_name == "building"; }), 1);
  EXPECT_NEAR(outcome->features[0].confidence, 0.9, 1e-6);
  EXPECT_NEAR(outcome->features[1].confidence, 0.8, 1e-6);
}

/// Windows of 32 pixels whose first pixel is bright show the class.
Result<stand_in::Outcome> labelled(const Imagery& imagery, InferenceOptions options) {
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::label, 0), imagery.grid, options);
  return drive(std::move(*inference), imagery, [](const TensorView& input) {
    Tensor out{{}, {input.shape[0], 1}};
    const std::int64_t size = input.shape[1] * input.shape[2] * input.shape[3];
    for (std::int64_t i = 0; i < input.shape[0]; ++i) out.data.push_back(input.as<const float>()[i * size] > 0.5F ? 0.75F : 0.25F);
    return out;
  });
}

/// A ring of bright windows around one dark one, and a dark row below.
Imagery ring_of_windows(std::int32_t rows) {
  Imagery imagery(96, 32 * rows, 32, 32, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{0});
  for (std::int32_t row = 0; row < 3; ++row) {
    for (std::int32_t column = 0; column < 3; ++column) {
      if (row != 1 || column != 1) imagery.picture.pixels[static_cast<std::size_t>((32 * row * 96 + 32 * column) * 3)] = 255;
    }
  }
  return imagery;
}

TEST(Labels, NeighboursOfOneClassAreOnePolygonOnRequest) {
  for (const std::int32_t rows : {3, 4}) {  // wider than high, and higher than wide
    const Imagery imagery = ring_of_windows(rows);
    const auto apart = labelled(imagery, box_options());
    InferenceOptions options = box_options();
    options.merge_neighbours = true;
    const auto merged = labelled(imagery, options);
    ASSERT_TRUE(apart && merged);
    ASSERT_EQ(apart->features.size(), static_cast<std::size_t>(3 * rows));
    ASSERT_EQ(merged->features.size(), rows == 3 ? 2U : 3U) << "the ring, the window in it, the row below";
    double sum = 0, ring = 0;
    for (const vector::Feature& f : apart->features) sum += f.class_name == "building" ? f.area_m2 : 0;
    for (const vector::Feature& f : merged->features) {
      EXPECT_NEAR(f.confidence, 0.75, 1e-4);
      if (f.class_name != "building") continue;
      ring = f.area_m2;
      ASSERT_EQ(f.polygons.size(), 1U);
      ASSERT_EQ(f.polygons[0].size(), 2U) << "a hole where the dark window is";
      const auto twice = [](const vector::Ring& r) {
        double area = 0;
        for (std::size_t i = 0, j = r.size() - 1; i < r.size(); j = i++) area += r[j].x * r[i].y - r[i].x * r[j].y;
        return area;
      };
      EXPECT_GT(twice(f.polygons[0][0]), 0) << "RFC 7946: outer rings turn left";
      EXPECT_LT(twice(f.polygons[0][1]), 0);
    }
    EXPECT_NEAR(ring / sum, 1, 1e-6);
  }
}

TEST(Labels, AreaCutsMergedWindowsToo) {
  const Imagery imagery = ring_of_windows(3);
  InferenceOptions options = box_options();
  const auto apart = labelled(imagery, options);
  ASSERT_TRUE(apart);
  options.area = apart->features.front().polygons;
  options.merge_neighbours = true;
  const auto merged = labelled(imagery, options);
  ASSERT_TRUE(merged);
  ASSERT_EQ(merged->features.size(), 1U);
  EXPECT_EQ(merged->features.front().id, apart->features.front().id);
}

}  // namespace
}  // namespace fair::pipeline
