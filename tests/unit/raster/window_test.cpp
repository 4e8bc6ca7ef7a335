#include "core/raster/window.h"

#include <gtest/gtest.h>

using namespace fair::raster;

TEST(WindowAxis, CoversEveryPixelAndStaysInside) {
  for (std::int64_t extent = 1; extent < 200; ++extent) {
    for (const std::int32_t overlap : {0, 1, 5, 16}) {
      const WindowAxis axis{extent, 32, overlap};
      std::int64_t covered = 0;
      for (std::int64_t i = 0; i < axis.count(); ++i) {
        const Span span = axis.span(i);
        ASSERT_LE(span.begin, covered);
        ASSERT_GT(span.end, covered);
        if (i > 0) {
          ASSERT_GE(axis.span(i - 1).end - span.begin, overlap);
        }
        ASSERT_LE(span.end, extent);
        covered = span.end;
      }
      ASSERT_EQ(covered, extent);
      ASSERT_EQ(axis.settled_before(axis.count()), extent);
    }
  }
}

TEST(Mirrored, ReflectsWithoutRepeatingTheEdge) {
  EXPECT_EQ(mirrored(-1, 5), 1);
  EXPECT_EQ(mirrored(5, 5), 3);
  EXPECT_EQ(mirrored(8, 5), 0);
  EXPECT_EQ(mirrored(9, 5), 1);
  EXPECT_EQ(mirrored(7, 1), 0);
  EXPECT_EQ(mirrored(3, 2), 1);
}
