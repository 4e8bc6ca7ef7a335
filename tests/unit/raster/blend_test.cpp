#include "core/raster/blend.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

using namespace fair::raster;

TEST(BlendWeights, AddUpToOneAtEveryPixel) {
  for (const std::int64_t extent : {20, 32, 33, 50, 63, 64, 100, 131}) {
    for (const std::int32_t overlap : {0, 1, 7, 16}) {
      const WindowAxis axis{extent, 32, overlap};
      std::vector<double> sum(static_cast<std::size_t>(extent));
      std::vector<float> weights;
      for (std::int64_t i = 0; i < axis.count(); ++i) {
        blend_weights(axis, i, weights);
        for (std::int64_t k = 0; k < 32; ++k) {
          const std::int64_t x = axis.start(i) + k;
          if (x < extent) {
            sum[static_cast<std::size_t>(x)] += weights[static_cast<std::size_t>(k)];
          } else {
            ASSERT_EQ(weights[static_cast<std::size_t>(k)], 0.0F);
          }
        }
      }
      for (const double s : sum) ASSERT_NEAR(s, 1, 1e-6) << extent << " " << overlap;
    }
  }
}

namespace {

/// Blends windows of a picture and gives back what came out.
std::vector<float> blended(const std::vector<float>& picture, std::int64_t width, std::int64_t height, std::int32_t size, std::int32_t overlap) {
  const WindowAxis across{width, size, overlap};
  const WindowAxis along{height, size, overlap};
  Blender blender(across, along, 1);
  std::vector<float> out;
  std::vector<float> window(static_cast<std::size_t>(size) * size);
  for (std::int64_t j = 0; j < along.count(); ++j) {
    for (std::int64_t i = 0; i < across.count(); ++i) {
      for (std::int64_t y = 0; y < size; ++y) {
        for (std::int64_t x = 0; x < size; ++x) {
          const std::int64_t px = across.start(i) + x;
          const std::int64_t py = along.start(j) + y;
          window[static_cast<std::size_t>(y * size + x)] = px < width && py < height ? picture[static_cast<std::size_t>(py * width + px)] : 1e9F;
        }
      }
      blender.add(i, j, window.data(), static_cast<std::int64_t>(size) * size, nullptr);
    }
    for (std::int32_t r = 0; r < blender.settled_rows(j); ++r) {
      out.insert(out.end(), blender.scores(0, r), blender.scores(0, r) + width);
      for (std::int64_t x = 0; x < width; ++x) EXPECT_EQ(blender.valid(r)[x], 1);
    }
    blender.advance(j);
  }
  return out;
}

}  // namespace

TEST(Blender, GivesBackAPictureThatWindowsAgreeOn) {
  std::mt19937 random(5);
  for (const std::int32_t overlap : {0, 4, 8}) {
    for (const auto& [width, height] : {std::pair{10, 7}, std::pair{16, 16}, std::pair{41, 55}, std::pair{64, 17}}) {
      std::vector<float> picture(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
      for (auto& p : picture) p = static_cast<float>(random() % 1000) / 1000.0F;
      const std::vector<float> out = blended(picture, width, height, 16, overlap);
      ASSERT_EQ(out.size(), picture.size());
      for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], picture[i], 1e-6F);
    }
  }
}

TEST(Blender, WhereOneWindowSeesAPixelItsScoreIsUntouched) {
  std::vector<float> picture(16 * 16, 0.123456F);
  for (const float p : blended(picture, 16, 16, 16, 8)) ASSERT_EQ(p, 0.123456F);
}

TEST(Blender, AWindowLeftOutIsNoImagery) {
  const WindowAxis across{24, 16, 8};
  Blender blender(across, {16, 16, 8}, 1);
  const std::vector<float> ones(256, 1.0F);
  const std::vector<std::uint8_t> none(256, 0);
  blender.add(1, 0, ones.data(), 256, none.data());
  for (int x = 0; x < 24; ++x) EXPECT_EQ(blender.valid(3)[x], 0);
}
