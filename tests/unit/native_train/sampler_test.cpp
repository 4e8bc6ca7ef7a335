// Windows as they are drawn for training: what is turned and scaled stays one picture with its targets.
#include "native/train/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "native/io/dataset_pack.h"
#include "native/train/border_target.h"
#include "tests/unit/native_train/masked_pack.h"

namespace {

using namespace fair;
namespace fs = std::filesystem;

constexpr std::int32_t side = 96;
constexpr int window = 64;

/// Bright squares of 24 pixels, two by two, on dark ground; the two of a pair touch.
class DrawnWindows : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path file = fs::path(testing::TempDir()) / "fair_sampler.pack";
    std::vector<test::MaskedChip> chips(4);
    for (auto& [pixels, mask, things] : chips) {
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const bool inside = x >= 24 && x < 72 && y >= 36 && y < 60;
          mask.push_back(inside ? 1 : 0);
          things.push_back(static_cast<std::uint16_t>(!inside ? 0 : x < 48 ? 1 : 2));
          for (int c = 0; c < 3; ++c) pixels.push_back(inside ? 200 : 40);
        }
      }
    }
    ASSERT_TRUE(test::write_masked_pack(file, Json::object(), chips, side));
    auto pack = io::DatasetPack::open(file);
    ASSERT_TRUE(pack) << pack.error().message();
    pack_ = std::move(*pack);
  }
  [[nodiscard]] train::Samples draw(const train::Augmentation& augmentation, std::uint64_t seed, int count) const {
    auto sampler = train::Sampler::create(pack_, window, {}, augmentation, seed);
    EXPECT_TRUE(sampler);
    sampler->want_borders(3);
    return sampler->draw(0, count);
  }
  std::shared_ptr<io::DatasetPack> pack_;
};

train::Augmentation laid_anyhow() { return {.color = 0, .scale = 0.5, .angle = 45, .stretch = 0.2}; }

TEST_F(DrawnWindows, KeepPixelsTargetsAndBordersTogether) {
  const train::Augmentation augmentation = laid_anyhow();
  const train::Samples samples = draw(augmentation, 3, 64);
  const auto pixels = samples.pixels.contiguous();
  int mixed = 0, largest = 0, smallest = window * window;
  for (int b = 0; b < 64; ++b) {
    const float* p = pixels.data_ptr<float>() + std::int64_t{b} * 3 * window * window;
    int inside = 0, touching = 0, blurred = 0;
    for (int i = 0; i < window * window; ++i) {
      const auto at = std::int64_t{b} * window * window + i;
      const std::int64_t target = samples.targets.data_ptr<std::int64_t>()[at];
      const std::uint8_t border = samples.borders.data_ptr<std::uint8_t>()[at];
      ASSERT_EQ(border == train::no_border_target, target == 0);
      // The nearest of the four pixels that are mixed has a quarter of the weight at least.
      if (target == 1) ASSERT_GE(p[i] * 255, 40 + 160 / 4 - 0.1F);
      else ASSERT_LE(p[i] * 255, 200 - 160 / 4 + 0.1F);
      inside += static_cast<int>(target);
      touching += border == train::touching_target ? 1 : 0;
      blurred += p[i] * 255 > 41 && p[i] * 255 < 199 ? 1 : 0;
    }
    mixed += blurred > 0 ? 1 : 0;
    largest = std::max(largest, inside), smallest = std::min(smallest, inside);
    EXPECT_TRUE(touching > 0 || inside < 1000) << inside;
  }
  EXPECT_GT(mixed, 16);  // every other window is drawn between the pixels
  EXPECT_LT(mixed, 48);
  EXPECT_GT(largest, 24 * 48 * 3 / 2);  // larger than the two squares are
  EXPECT_LT(smallest, 24 * 48 * 2 / 3);
}

TEST_F(DrawnWindows, AreThePixelsThemselvesWhereNothingIsAskedFor) {
  const train::Samples samples = draw({.color = 0}, 3, 64);
  const auto bytes = (samples.pixels * 255).round().to(at::kByte);
  EXPECT_TRUE(at::logical_or(bytes.eq(40), bytes.eq(200)).all().item<bool>());
}

TEST_F(DrawnWindows, DependOnSeedAndPlaceAlone) {
  train::Augmentation augmentation = laid_anyhow();
  augmentation.color = 0.2, augmentation.gamma = 0.3, augmentation.saturation = 0.5, augmentation.gray = 0.1;
  EXPECT_TRUE(at::equal(draw(augmentation, 3, 8).pixels, draw(augmentation, 3, 16).pixels.slice(0, 0, 8)));
  EXPECT_FALSE(at::equal(draw(augmentation, 3, 8).pixels, draw(augmentation, 4, 8).pixels));
}

}  // namespace
