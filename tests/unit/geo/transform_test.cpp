#include "core/geo/transform.h"

#include <gtest/gtest.h>

#include "core/geo/geodesic.h"
#include "core/geo/mercator.h"

namespace fair::geo {
namespace {

TEST(Transform, InvertsWhatItApplies) {
  const GeoTransform turned{{500, 0.3, 0.1, 900, 0.1, -0.3}};
  const auto back = invert(turned);
  ASSERT_TRUE(back);
  const Place there = apply(turned, 12.5, 88.25);
  const Place here = apply(*back, there.x, there.y);
  EXPECT_NEAR(here.x, 12.5, 1e-9);
  EXPECT_NEAR(here.y, 88.25, 1e-9);
  EXPECT_FALSE(invert(GeoTransform{{0, 1, 2, 0, 2, 4}}));
}

TEST(Transform, ScaledAndShiftedShowTheSameGround) {
  const GeoTransform t{{100, 0.5, 0, 200, 0, -0.5}};
  EXPECT_DOUBLE_EQ(apply(scaled(t, 2, 4), 3, 1).x, apply(t, 6, 4).x);
  EXPECT_DOUBLE_EQ(apply(scaled(t, 2, 4), 3, 1).y, apply(t, 6, 4).y);
  EXPECT_DOUBLE_EQ(apply(shifted(t, 10, 20), 1, 2).y, apply(t, 11, 22).y);
}

TEST(Transform, MetresAreTrueMetres) {
  // At 60° north EPSG:3857 units are about half a metre of ground each.
  const Mercator at = to_mercator({10, 60});
  const GroundSize size = ground_size(Crs::web_mercator, GeoTransform{{at.x, 1, 0, at.y, 0, -1}}, 0, 0);
  EXPECT_NEAR(size.across, 0.5013, 5e-4);
  EXPECT_NEAR(size.down, 0.5, 2e-3);
  const GroundSize degrees = ground_size(Crs::wgs84, GeoTransform{{10, 1e-5, 0, 60, 0, -1e-5}}, 0, 0);
  EXPECT_NEAR(degrees.across, 1e-5 * degree_size(60).lon, 1e-6);
  EXPECT_NEAR(degrees.down, 1e-5 * degree_size(60).lat, 1e-6);
}

}  // namespace
}  // namespace fair::geo
