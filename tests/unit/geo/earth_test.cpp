#include <gtest/gtest.h>

#include <cmath>

#include "core/geo/geodesic.h"
#include "core/geo/mercator.h"
#include "core/geo/tile.h"
#include "core/geo/transform.h"

namespace fair::geo {
namespace {

TEST(Mercator, ThereAndBack) {
  for (const double lat : {-80.0, -12.5, 0.0, 27.63, 66.0}) {
    const LonLat back = to_lon_lat(to_mercator({85.52, lat}));
    EXPECT_NEAR(back.lon, 85.52, 1e-12);
    EXPECT_NEAR(back.lat, lat, 1e-12);
  }
  EXPECT_NEAR(to_mercator({180, 0}).x, mercator_half, 1e-6);
  EXPECT_NEAR(to_mercator({0, mercator_max_latitude}).y, mercator_half, 1e-6);
}

TEST(Geodesic, ADegreeCellHasItsKnownArea) {
  // Compared with small pieces added up, each as long and as wide as the ellipsoid's radii of curvature make it.
  const std::vector<LonLat> cell{{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const DegreeSize size = degree_size((i + 0.5) / 10000);
    sum += size.lon * size.lat / 10000;
  }
  EXPECT_NEAR(ring_area(cell), sum, 1.0);
  // The whole ellipsoid: 510065621.724 km2.
  const std::vector<LonLat> world{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}};
  EXPECT_NEAR(ring_area(world) / 1e6, 510065621.724, 1);
}

TEST(Geodesic, SmallRingsKeepTheirDigits) {
  const double lat = 27.63;
  const DegreeSize size = degree_size(lat);
  const double w = 10 / size.lon;
  const double h = 8 / size.lat;
  const std::vector<LonLat> house{{85.52, lat - h / 2}, {85.52 + w, lat - h / 2}, {85.52 + w, lat + h / 2}, {85.52, lat + h / 2}};
  EXPECT_NEAR(ring_area(house), 80.0, 1e-4);
  const std::vector<LonLat> reversed(house.rbegin(), house.rend());
  EXPECT_NEAR(ring_area(reversed), -80.0, 1e-4);
}

TEST(Geodesic, AMeridianQuarterHasItsKnownLength) { EXPECT_NEAR(distance({0, 0}, {0, 90}), 10001965.729, 1.0); }

TEST(Tile, NumbersOfAPlace) {
  const Tile tile = tile_at({85.5217, 27.6297}, 19);
  EXPECT_EQ(tile.x, 386694);
  EXPECT_EQ(tile.y, 220248);
  EXPECT_EQ(quadkey({3, 3, 5}), "213");
  EXPECT_EQ(tms_y({3, 3, 5}), 2);
  const Bounds box = bounds(tile);
  EXPECT_LT(box.west, 85.5217);
  EXPECT_GT(box.east, 85.5217);
  EXPECT_LT(box.south, 27.6297);
  EXPECT_GT(box.north, 27.6297);
}

TEST(Tile, AGridCoversItsBoxAndNoMore) {
  const Bounds one = bounds({19, 386692, 220244});
  const auto grid = tile_grid(one, 19, 256);
  ASSERT_TRUE(grid) << grid.error().message();
  EXPECT_EQ(grid->columns, 1);
  EXPECT_EQ(grid->rows, 1);
  EXPECT_EQ(tile_of_block(*grid, 0, 0).y, 220244);
  EXPECT_FALSE(tile_grid({10, 0, 5, 1}, 19, 256));
}

TEST(Transform, InverseUndoesIt) {
  const GeoTransform t{{85.5, 1.3e-6, 0, 27.6, 0, -1.2e-6}};
  const auto inverse = invert(t);
  ASSERT_TRUE(inverse);
  const Place at = apply(t, 100, 200);
  const Place back = apply(*inverse, at.x, at.y);
  EXPECT_NEAR(back.x, 100, 1e-6);
  EXPECT_NEAR(back.y, 200, 1e-6);
  const GroundSize size = ground_size(Crs::wgs84, t, 0, 0);
  EXPECT_NEAR(size.across, 1.3e-6 * degree_size(27.6).lon, 1e-9);
}

}  // namespace
}  // namespace fair::geo
