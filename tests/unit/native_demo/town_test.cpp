#include "native/demo/town.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/vector/rasterize.h"
#include "native/demo/plan.h"
#include "native/demo/roof.h"
#include "native/demo/shapes.h"
#include "native/draw/coverage.h"
#include "native/io/content_hash.h"

namespace {

using namespace fair;

TEST(Town, IsTheSameOnEveryMachine) {
  const demo::Town town = demo::make_town({5, 4, 4});
  ASSERT_EQ(town.image.width, 1024);
  ASSERT_EQ(town.image.pixels.size(), 3U * 1024 * 1024);
  EXPECT_EQ(io::content_hash(town.image.pixels.data(), town.image.pixels.size()), 0x4d53f8da9a3f0facULL);
  EXPECT_EQ(town.footprints.size(), 123U);
}

TEST(Town, EverySeedHasItsOwn) {
  const demo::Plan one = demo::make_plan(1, 1024, 1024), again = demo::make_plan(1, 1024, 1024), two = demo::make_plan(2, 1024, 1024);
  ASSERT_EQ(one.buildings.size(), again.buildings.size());
  for (std::size_t i = 0; i < one.buildings.size(); ++i) {
    EXPECT_EQ(one.buildings[i].footprint.front().front().x, again.buildings[i].footprint.front().front().x);
  }
  EXPECT_NE(one.buildings.front().footprint.front().front().x, two.buildings.front().footprint.front().front().x);
}

TEST(Plan, BuildingsStandApartInsideTheTown) {
  for (const std::uint64_t seed : {1, 7, 23}) {
    const demo::Plan plan = demo::make_plan(seed, 1536, 1536);
    EXPECT_GT(plan.buildings.size(), 100U) << seed;
    std::vector<std::int32_t> owner(1536 * 1536, 0);
    std::int64_t total = 0;
    std::int32_t number = 0;
    for (const demo::Building& building : plan.buildings) {
      for (const vector::Point& p : building.footprint.front()) {
        EXPECT_TRUE(p.x > 0 && p.y > 0 && p.x < 1536 && p.y < 1536);
      }
      total += vector::rasterize(building.footprint, ++number, owner.data(), 1536, 1536);
    }
    EXPECT_EQ(total, std::count_if(owner.begin(), owner.end(), [](std::int32_t v) { return v != 0; })) << "two of them share ground, seed " << seed;
  }
}

TEST(Plan, HasRoofsAndShapesOfEveryKind) {
  const demo::Plan plan = demo::make_plan(7, 2048, 2048);
  for (const demo::Roof roof : {demo::Roof::gable, demo::Roof::hip, demo::Roof::flat, demo::Roof::sheet}) {
    EXPECT_TRUE(std::any_of(plan.buildings.begin(), plan.buildings.end(), [roof](const demo::Building& b) { return b.roof == roof; }));
  }
  EXPECT_TRUE(std::any_of(plan.buildings.begin(), plan.buildings.end(), [](const demo::Building& b) { return b.footprint.size() == 2; }))
      << "courtyards";
  EXPECT_TRUE(std::any_of(plan.buildings.begin(), plan.buildings.end(), [](const demo::Building& b) { return b.footprint.front().size() == 6; }))
      << "L-shapes";
  EXPECT_GT(plan.trees.size(), 100U);
  EXPECT_GT(plan.cars.size(), 50U);
}

TEST(Roof, IsPaintedOnItsFootprintAndNowhereElse) {
  const demo::Plan plan = demo::make_plan(7, 1024, 1024);
  for (const demo::Roof roof : {demo::Roof::gable, demo::Roof::hip, demo::Roof::sheet, demo::Roof::flat}) {
    demo::Building building{demo::placed(demo::courtyard(90, 70, 18), {80, 80}, {0.8, 0.6}), roof, {180, 120, 90}, 20, {0.8, 0.6}};
    draw::Canvas canvas(160, 160, {0, 0, 0});
    demo::paint_roof(canvas, plan, building, 3);
    std::vector<double> share(160 * 160, 0.0);
    draw::cover(building.footprint, 160, 160, [&](std::int32_t x, std::int32_t y, const double* of, std::int32_t count) {
      std::copy(of, of + count, share.begin() + static_cast<std::ptrdiff_t>(y) * 160 + x);
    });
    for (std::int32_t y = 0; y < 160; ++y) {
      for (std::int32_t x = 0; x < 160; ++x) {
        const double covered = share[static_cast<std::size_t>(y) * 160 + static_cast<std::size_t>(x)];
        const double red = canvas.at(x, y).r;
        if (covered == 0) {
          ASSERT_EQ(red, 0) << x << "," << y;
        }
        if (covered > 0.99) {
          ASSERT_GT(red, 50) << x << "," << y;
        }
      }
    }
  }
}

}  // namespace
