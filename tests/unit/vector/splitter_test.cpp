#include "core/vector/splitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/vector/vectorize.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

/// A scene: what is there, how sure, and where things are said to end.
struct Scene {
  test::Mask mask;
  std::vector<std::uint16_t> scores, borders;
};

/// Two houses of 20 x 20 side by side, with a border between columns 20 and 21.
Scene row_houses() {
  Scene scene{{50, 30, std::vector<std::uint8_t>(1500, 0)}, std::vector<std::uint16_t>(1500, 0), std::vector<std::uint16_t>(1500, 0)};
  for (std::size_t y = 5; y < 25; ++y) {
    for (std::size_t x = 1; x < 41; ++x) {
      scene.mask.values[y * 50 + x] = 1;
      scene.scores[y * 50 + x] = 60000;
      if (x == 20 || x == 21) scene.borders[y * 50 + x] = 50000;
    }
  }
  return scene;
}

/// Random smooth blobs of three classes with smooth borders.
Scene random_scene(unsigned seed, std::int32_t width, std::int32_t height) {
  std::mt19937 random(seed);
  Scene scene{{width, height, {}}, {}, {}};
  std::uniform_real_distribution<double> phase(0, 6.28);
  double p[6];
  for (double& v : p) v = phase(random);
  for (std::int32_t y = 0; y < height; ++y) {
    for (std::int32_t x = 0; x < width; ++x) {
      const double a = std::sin(x * 0.31 + p[0]) + std::sin(y * 0.27 + p[1]) + std::sin((x + y) * 0.11 + p[2]);
      const double b = std::sin(x * 0.23 + p[3]) + std::sin(y * 0.41 + p[4]);
      scene.mask.values.push_back(a < -0.4 ? 0 : b > 1.4 ? 2 : 1);
      scene.scores.push_back(static_cast<std::uint16_t>(35000 + 10000 * std::sin(x * 0.5 + p[5])));
      scene.borders.push_back(static_cast<std::uint16_t>(32000 + 30000 * std::sin(x * 0.37 + p[0]) * std::sin(y * 0.33 + p[3])));
    }
  }
  return scene;
}

std::vector<std::uint8_t> split(const Scene& scene, SplitOptions options, std::int32_t strip) {
  options.width = scene.mask.width;
  std::vector<std::uint8_t> out;
  Splitter splitter(options, [&](const std::uint8_t* codes, std::int32_t rows, const std::uint16_t*) {
    out.insert(out.end(), codes, codes + std::ptrdiff_t{rows} * options.width);
  });
  for (std::int32_t y = 0; y < scene.mask.height; y += strip) {
    const auto offset = static_cast<std::size_t>(y) * static_cast<std::size_t>(scene.mask.width);
    splitter.push(&scene.mask.values[offset], std::min(strip, scene.mask.height - y), &scene.scores[offset], &scene.borders[offset]);
  }
  splitter.finish();
  return out;
}

SplitOptions usual(std::int32_t max_value = 1) {
  SplitOptions options;
  options.max_value = max_value;
  options.watershed = {6000, 10, Connectivity::four};
  return options;
}

template <class T>
std::vector<T> columns_of(const std::vector<T>& from, std::int32_t width) {
  std::vector<T> out;
  const auto w = static_cast<std::size_t>(width);
  for (std::size_t x = 0; x < w; ++x) {
    for (std::size_t y = 0; y < from.size() / w; ++y) out.push_back(from[y * w + x]);
  }
  return out;
}

TEST(Splitter, TwoHousesThatShareAWallBecomeTwo) {
  const Scene scene = row_houses();
  const auto codes = split(scene, usual(), 30);
  EXPECT_EQ(test::shapes_of(scene.mask, Connectivity::four).size(), 1U);
  const auto shapes = test::shapes_of({50, 30, codes}, Connectivity::four);
  ASSERT_EQ(shapes.size(), 2U);
  EXPECT_EQ(shapes[0].pixels + shapes[1].pixels, 800);
  EXPECT_NEAR(static_cast<double>(shapes[0].pixels), 400, 20);
}

TEST(Splitter, WhatThePictureCutsOffIsNotTakenForSmall) {
  // The second house's wall is at column 40: of a picture that ends at 27, six of its columns are seen.
  const Scene scene = row_houses();
  for (const std::int32_t width : {27, 50}) {
    Scene part{{width, 30, {}}, {}, {}};
    for (std::int32_t y = 0; y < 30; ++y) {
      for (std::int32_t x = 0; x < width; ++x) {
        const auto from = static_cast<std::size_t>(y * 50 + x);
        part.mask.values.push_back(x < 27 ? scene.mask.values[from] : std::uint8_t{0});
        part.scores.push_back(scene.scores[from]);
        part.borders.push_back(scene.borders[from]);
      }
    }
    SplitOptions options = usual();
    options.watershed.min_pixels = 300;
    const auto codes = split(part, options, 7);
    EXPECT_EQ(test::shapes_of({width, 30, codes}, Connectivity::four).size(), width == 27 ? 2U : 1U) << width;
    const Scene turned{{30, width, columns_of(part.mask.values, width)}, columns_of(part.scores, width), columns_of(part.borders, width)};
    options.transposed = true;
    EXPECT_EQ(split(turned, options, 7), columns_of(codes, width)) << width;
  }
}

TEST(Splitter, WhatComesOutDoesNotDependOnStrips) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Scene scene = random_scene(seed, 97, 83);
    const auto whole = split(scene, usual(2), 83);
    ASSERT_EQ(whole.size(), scene.mask.values.size());
    for (const std::int32_t strip : {1, 2, 7, 40}) EXPECT_EQ(split(scene, usual(2), strip), whole) << "seed " << seed << " strip " << strip;
  }
}

TEST(Splitter, ScannedByColumnsTheSameThingsComeOut) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Scene scene = random_scene(seed, 97, 83);
    const Scene turned{{83, 97, columns_of(scene.mask.values, 97)}, columns_of(scene.scores, 97), columns_of(scene.borders, 97)};
    SplitOptions options = usual(2);
    options.transposed = true;
    EXPECT_EQ(split(turned, options, 5), columns_of(split(scene, usual(2), 83), 97)) << "seed " << seed;
  }
}

TEST(Splitter, EveryPixelKeepsItsClass) {
  for (const Connectivity connectivity : {Connectivity::four, Connectivity::eight}) {
    const Scene scene = random_scene(3, 120, 110);
    SplitOptions options = usual(2);
    options.watershed.connectivity = connectivity;
    const auto codes = split(scene, options, 16);
    const Splitter splitter(options, {});
    std::set<std::uint8_t> used;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      ASSERT_EQ(splitter.value_of(codes[i]), scene.mask.values[i]);
      used.insert(codes[i]);
    }
    EXPECT_GT(used.size(), 3U) << "nothing was split: the scene proves nothing";
    EXPECT_GT(test::shapes_of({120, 110, codes}, connectivity).size(), test::shapes_of(scene.mask, connectivity).size());
  }
}

TEST(Splitter, AShapeThatIsTooLargeStaysWholeHoweverItIsScanned) {
  const Scene scene = row_houses();  // 40 wide, 20 high
  for (const std::int32_t extent : {39, 40}) {
    SplitOptions options = usual();
    options.max_extent = extent;
    const std::size_t wanted = extent == 39 ? 1 : 2;
    EXPECT_EQ(test::shapes_of({50, 30, split(scene, options, 3)}, Connectivity::four).size(), wanted);
    const Scene turned{{30, 50, columns_of(scene.mask.values, 50)}, columns_of(scene.scores, 50), columns_of(scene.borders, 50)};
    options.transposed = true;
    EXPECT_EQ(test::shapes_of({30, 50, split(turned, options, 3)}, Connectivity::four).size(), wanted);
  }
}

TEST(Splitter, FeaturesOfTouchingHousesShareTheirWall) {
  const Scene scene = row_houses();
  VectorizeOptions options;
  options.classes = {{0, "background", ""}, {1, "building", ""}};
  options.output_name = "mask";
  for (const bool wanted : {true, false}) {
    options.split_touching = wanted;
    Vectorizer vectorizer(options, geo::Crs::wgs84, {{85.5217, 3e-6, 0, 27.63, 0, -2.7e-6}}, 50, 0, 0, 19);
    vectorizer.push(scene.mask.values.data(), 30, scene.scores.data(), scene.borders.data());
    vectorizer.finish();
    const auto features = vectorizer.take();
    ASSERT_EQ(features.size(), wanted ? 2U : 1U);
    for (const Feature& feature : features) EXPECT_EQ(feature.class_name, "building");
    if (!wanted) continue;
    EXPECT_NE(features[0].id, features[1].id);
    std::set<std::pair<double, double>> corners;
    std::size_t shared = 0;
    for (const Feature& feature : features) {
      for (const Point& p : feature.polygons[0][0]) shared += corners.insert({p.x, p.y}).second ? 0 : 1;
    }
    EXPECT_EQ(shared, 2U);
  }
}

}  // namespace
}  // namespace fair::vector
