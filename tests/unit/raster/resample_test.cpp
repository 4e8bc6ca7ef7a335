#include "core/raster/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

using namespace fair::raster;

namespace {

Image noise(std::int32_t width, std::int32_t height, std::int32_t channels, unsigned seed) {
  std::mt19937 random(seed);
  Image image{width, height, channels, {}, {}};
  image.pixels.resize(static_cast<std::size_t>(width) * height * channels);
  for (auto& p : image.pixels) p = static_cast<std::uint8_t>(random());
  return image;
}

/// The part of `image` that makes target pixels `tx` x `ty`.
Image part(const Image& image, Ratio rx, Ratio ry, Span tx, Span ty) {
  const Span sx = source_span(tx, rx, image.width);
  const Span sy = source_span(ty, ry, image.height);
  ImageView view = image.view();
  view.data += sy.begin * view.stride + sx.begin * image.channels;
  view.width = static_cast<std::int32_t>(sx.size());
  view.height = static_cast<std::int32_t>(sy.size());
  std::vector<std::uint8_t> valid;
  if (view.valid != nullptr) {
    for (std::int64_t y = sy.begin; y < sy.end; ++y) {
      for (std::int64_t x = sx.begin; x < sx.end; ++x) valid.push_back(image.valid[static_cast<std::size_t>(y * image.width + x)]);
    }
    view.valid = valid.data();
  }
  Image out;
  Resampler(rx, ry).run(view, sx, sy, image.width, image.height, tx, ty, out);
  return out;
}

Image whole(const Image& image, Ratio rx, Ratio ry) { return part(image, rx, ry, {0, resampled(image.width, rx)}, {0, resampled(image.height, ry)}); }

}  // namespace

TEST(Ratio, WithinOnePercentLeavesPixelsAlone) {
  EXPECT_TRUE(ratio_between(0.2985, 0.3)->identity());
  EXPECT_FALSE(ratio_between(0.29, 0.3)->identity());
}

TEST(Ratio, PowersOfTwoAreExact) {
  const auto up = ratio_between(0.6, 0.3);
  EXPECT_EQ(up->num, 2);
  EXPECT_EQ(up->den, 1);
  const auto down = ratio_between(0.15, 0.6);
  EXPECT_EQ(down->num, 1);
  EXPECT_EQ(down->den, 4);
}

TEST(Ratio, NearbyLatitudesShareOne) {
  const auto a = ratio_between(0.2000, 0.3);
  const auto b = ratio_between(0.2001, 0.3);
  EXPECT_EQ(a->num, b->num);
  EXPECT_EQ(a->den, b->den);
}

TEST(Ratio, RefusesWhatCannotWork) {
  EXPECT_FALSE(ratio_between(0, 0.3));
  EXPECT_FALSE(ratio_between(std::nan(""), 0.3));
  const auto far = ratio_between(100, 0.3);
  ASSERT_FALSE(far);
  EXPECT_NE(far.error().message().find("32 times"), std::string::npos);
}

TEST(Resampler, KeepsAFlatPictureFlat) {
  Image flat{37, 23, 3, std::vector<std::uint8_t>(37 * 23 * 3, 201), {}};
  for (const double ratio : {0.11, 0.5, 0.77, 1.3, 2.0, 31.0}) {
    const Ratio r = *ratio_between(ratio, 1);
    const Image out = whole(flat, r, r);
    EXPECT_EQ(out.width, resampled(37, r));
    for (const auto p : out.pixels) ASSERT_EQ(p, 201) << ratio;
  }
}

TEST(Resampler, HalvingAveragesFourPixels) {
  const Image image = noise(20, 14, 3, 1);
  const Image out = whole(image, {1, 2}, {1, 2});
  ASSERT_EQ(out.width, 10);
  ASSERT_EQ(out.height, 7);
  const auto at = [&](int x, int y, int c) { return static_cast<int>(image.pixels[static_cast<std::size_t>((y * 20 + x) * 3 + c)]); };
  for (int y = 0; y < 7; ++y) {
    for (int x = 0; x < 10; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int sum = at(2 * x, 2 * y, c) + at(2 * x + 1, 2 * y, c) + at(2 * x, 2 * y + 1, c) + at(2 * x + 1, 2 * y + 1, c);
        ASSERT_EQ(out.pixels[static_cast<std::size_t>((y * 10 + x) * 3 + c)], (sum + 2) / 4);
      }
    }
  }
}

TEST(Resampler, DoublingInterpolatesBetweenCentres) {
  Image image{2, 1, 1, {0, 200}, {}};
  const Image out = whole(image, {2, 1}, {1, 1});
  EXPECT_EQ(out.pixels, (std::vector<std::uint8_t>{0, 50, 150, 200}));
}

TEST(Resampler, APartIsWhatTheWholeHasThere) {
  Image image = noise(61, 47, 3, 2);
  image.valid.resize(61 * 47);
  for (std::size_t i = 0; i < image.valid.size(); ++i) image.valid[i] = i % 5 != 0;
  std::mt19937 random(3);
  for (const double ratio : {0.13, 0.4, 0.5, 0.9, 1.25, 2.0, 3.7}) {
    const Ratio rx = *ratio_between(ratio, 1);
    const Ratio ry = *ratio_between(ratio * 1.1, 1);
    const Image all = whole(image, rx, ry);
    for (int trial = 0; trial < 20; ++trial) {
      const Span tx{static_cast<std::int64_t>(random() % static_cast<unsigned>(all.width)), all.width};
      const Span ty{static_cast<std::int64_t>(random() % static_cast<unsigned>(all.height)), all.height};
      const Span sx{tx.begin, tx.begin + 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(tx.size()))};
      const Image cut = part(image, rx, ry, sx, ty);
      for (std::int32_t y = 0; y < cut.height; ++y) {
        for (std::int32_t x = 0; x < cut.width; ++x) {
          const auto here = static_cast<std::size_t>(y * cut.width + x);
          const auto there = static_cast<std::size_t>((y + ty.begin) * all.width + x + sx.begin);
          ASSERT_EQ(cut.valid[here], all.valid[there]);
          for (std::size_t c = 0; c < 3; ++c) ASSERT_EQ(cut.pixels[here * 3 + c], all.pixels[there * 3 + c]) << ratio;
        }
      }
    }
  }
}

TEST(Resampler, TinyImageryIsNoTrouble) {
  for (const double ratio : {0.04, 0.3, 1.7, 30.0}) {
    const Ratio r = *ratio_between(ratio, 1);
    for (int n = 1; n < 5; ++n) {
      const Image out = whole(Image{n, 1, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(n), 9), {}}, r, r);
      for (const auto p : out.pixels) ASSERT_EQ(p, 9);
    }
  }
}
