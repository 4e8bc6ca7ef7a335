#include "core/geo/tile.h"

#include <gtest/gtest.h>

#include "core/geo/mercator.h"

namespace fair::geo {
namespace {

TEST(Tile, KnowsItsPlaceOnTheMap) {
  const Tile tile = tile_at({85.524, 27.633}, 19);
  EXPECT_EQ(tile.x, 386697);
  const Bounds box = bounds(tile);
  EXPECT_LE(box.west, 85.524);
  EXPECT_GE(box.east, 85.524);
  EXPECT_LE(box.south, 27.633);
  EXPECT_GE(box.north, 27.633);
}

TEST(Tile, QuadkeyAndTms) {
  // The pair that Bing's documentation of its tile system works out.
  EXPECT_EQ(quadkey({3, 3, 5}), "213");
  EXPECT_EQ(tms_y({3, 3, 5}), 2);
  EXPECT_EQ(quadkey({0, 0, 0}), "");
}

TEST(Tile, MercatorGoesThereAndBack) {
  for (double lat = -85; lat <= 85; lat += 0.37) {
    const LonLat back = to_lon_lat(to_mercator({12.5, lat}));
    EXPECT_NEAR(back.lat, lat, 1e-12);
    EXPECT_NEAR(back.lon, 12.5, 1e-12);
  }
  // pyproj 3: EPSG:4326 -> EPSG:3857 of 85.52, 27.63.
  EXPECT_NEAR(to_mercator({180, 0}).x, mercator_half, 1e-7);
  EXPECT_NEAR(to_mercator({0, mercator_max_latitude}).y, mercator_half, 1e-6);
}

TEST(TileGrid, CoversABoxAndNoMore) {
  const Bounds one = bounds({17, 100000, 50000});
  const auto grid = tile_grid(one, 17, 256);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->columns, 1);
  EXPECT_EQ(grid->rows, 1);
  EXPECT_EQ(grid->origin_column, 100000 * 256);
  const Tile tile = tile_of_block(*grid, 0, 0);
  EXPECT_EQ(tile.x, 100000);
  EXPECT_EQ(tile.y, 50000);
  EXPECT_EQ(tile_grid(one, 18, 512)->columns, 2);
}

TEST(TileGrid, RefusesBoxesThatAreNone) {
  EXPECT_FALSE(tile_grid({10, 10, 10, 20}, 15, 256));
  EXPECT_FALSE(tile_grid({170, -10, -170, 10}, 15, 256));
  EXPECT_FALSE(tile_grid({0, 0, 1, 91}, 15, 256));
  EXPECT_FALSE(tile_grid({0, 0, 1, 1}, 31, 256));
}

}  // namespace
}  // namespace fair::geo
