#include "core/geo/mosaic.h"

#include <gtest/gtest.h>

#include "core/geo/mercator.h"
#include "core/geo/tile.h"

namespace fair::geo {
namespace {

/// A tile as those who cut tiles often write it down: its corners in degrees.
Placement in_degrees(Tile tile, std::int32_t side) {
  const Bounds box = bounds(tile);
  return {Crs::wgs84, {{box.west, (box.east - box.west) / side, 0, box.north, 0, (box.south - box.north) / side}}, side, side};
}

Placement in_metres(double x, double y, double pixel, std::int32_t side) { return {Crs::web_mercator, {{x, pixel, 0, y, 0, -pixel}}, side, side}; }

TEST(Mosaic, TilesWithCornersInDegreesAreOneGridWithoutSeams) {
  std::vector<Placement> pictures;
  for (std::int64_t y = 220243; y < 220247; ++y) {
    for (std::int64_t x = 386697; x < 386701; ++x) pictures.push_back(in_degrees({19, x, y}, 512));
  }
  const auto mosaics = mosaics_of(pictures);
  ASSERT_EQ(mosaics.size(), 1U);
  const BlockGrid& grid = mosaics[0].grid;
  EXPECT_EQ(grid.crs, Crs::web_mercator);
  EXPECT_EQ(grid.columns, 4);
  EXPECT_EQ(grid.rows, 4);
  EXPECT_EQ(grid.zoom, 19);
  EXPECT_EQ(grid.origin_column, 386697LL * 512);
  EXPECT_EQ(grid.origin_row, 220243LL * 512);
  EXPECT_EQ(mosaics[0].cells.at({2, 1}), 9U);
  const Bounds corner = mercator_bounds({19, 386697, 220243});
  EXPECT_NEAR(grid.transform.a[0], corner.west, 1e-6);
  EXPECT_NEAR(grid.transform.a[3], corner.north, 1e-6);
}

TEST(Mosaic, PicturesWholeStepsApartShareAGridAndHolesAreKnown) {
  const auto mosaics = mosaics_of({in_metres(1000, 5000, 0.5, 100), in_metres(1100, 4950, 0.5, 100)});
  ASSERT_EQ(mosaics.size(), 1U);
  EXPECT_EQ(mosaics[0].grid.columns, 3);
  EXPECT_EQ(mosaics[0].grid.rows, 2);
  EXPECT_EQ(mosaics[0].grid.present, (std::vector<bool>{true, false, false, false, false, true}));
  EXPECT_EQ(mosaics[0].grid.zoom, -1);
}

TEST(Mosaic, OtherPixelsOrHalfStepsAreGridsOfTheirOwn) {
  const Placement first = in_metres(1000, 5000, 0.5, 100);
  EXPECT_EQ(mosaics_of({first, in_metres(1025, 5000, 0.5, 100)}).size(), 2U);
  EXPECT_EQ(mosaics_of({first, in_metres(1050, 5000, 0.6, 100)}).size(), 2U);
  EXPECT_EQ(mosaics_of({first, in_metres(1050, 5000, 0.5, 50)}).size(), 2U);
  EXPECT_EQ(mosaics_of({first, first}).size(), 2U);
  EXPECT_TRUE(mosaics_of({}).empty());
}

TEST(Mosaic, TheSameTileTwiceHasNoGlobalNumbers) {
  const auto mosaics = mosaics_of({in_degrees({19, 386697, 220243}, 256), in_degrees({19, 386697, 220243}, 256)});
  ASSERT_EQ(mosaics.size(), 2U);
  EXPECT_EQ(mosaics[0].grid.zoom, -1);
}

}  // namespace
}  // namespace fair::geo
