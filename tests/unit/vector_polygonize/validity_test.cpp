// GEOS judges every polygon that comes out.
#include <geos_c.h>
#include <gtest/gtest.h>

#include <cstdarg>

#include "core/vector/shape_polygons.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

class Geos {
 public:
  Geos() : handle_(GEOS_init_r()) {}
  ~Geos() { GEOS_finish_r(handle_); }
  Geos(const Geos&) = delete;
  Geos& operator=(const Geos&) = delete;

  GEOSGeometry* ring(const Ring& ring) const {
    auto* coordinates = GEOSCoordSeq_create_r(handle_, static_cast<unsigned>(ring.size() + 1), 2);
    for (unsigned i = 0; i <= ring.size(); ++i) GEOSCoordSeq_setXY_r(handle_, coordinates, i, ring[i % ring.size()].x, ring[i % ring.size()].y);
    return GEOSGeom_createLinearRing_r(handle_, coordinates);
  }

  /// "Valid Geometry", or GEOS's reason.
  std::string reason(const MultiPolygon& polygons) const {
    std::vector<GEOSGeometry*> parts;
    for (const Polygon& polygon : polygons) {
      std::vector<GEOSGeometry*> holes;
      for (std::size_t r = 1; r < polygon.size(); ++r) holes.push_back(ring(polygon[r]));
      parts.push_back(GEOSGeom_createPolygon_r(handle_, ring(polygon[0]), holes.data(), static_cast<unsigned>(holes.size())));
    }
    GEOSGeometry* whole = GEOSGeom_createCollection_r(handle_, GEOS_MULTIPOLYGON, parts.data(), static_cast<unsigned>(parts.size()));
    char* text = GEOSisValidReason_r(handle_, whole);
    std::string reason = text;
    GEOSFree_r(handle_, text);
    GEOSGeom_destroy_r(handle_, whole);
    return reason;
  }

 private:
  GEOSContextHandle_t handle_;
};

TEST(Polygonize, GeosCallsEveryShapeValid) {
  const Geos geos;
  std::mt19937 random(11);
  for (const double density : {0.3, 0.5, 0.6, 0.7, 0.85}) {
    for (int round = 0; round < 25; ++round) {
      const auto mask = test::random_mask(random, 24, 24, density, 1 + round % 3);
      for (const auto connectivity : {Connectivity::four, Connectivity::eight}) {
        for (const Shape& shape : test::shapes_of(mask, connectivity)) ASSERT_EQ(geos.reason(to_polygons(shape)), "Valid Geometry");
      }
    }
  }
}

}  // namespace
}  // namespace fair::vector
