#include "core/vector/neighbours.h"

#include <gtest/gtest.h>

namespace fair::vector {
namespace {

Ring square(double x, double y, double side) { return {{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}; }

TEST(Neighbours, AreFoundHoweverManyCameBetween) {
  Neighbours neighbours;
  neighbours.add(square(10, 10, 20));
  for (int i = 0; i < 5000; ++i) neighbours.add(square(100.0 + 30 * i, 10, 20));
  EXPECT_TRUE(neighbours.newly_overlapped(square(29, 12, 20), square(31, 12, 20)));
  EXPECT_FALSE(neighbours.newly_overlapped(square(31, 12, 20), square(32, 12, 20)));
  EXPECT_FALSE(neighbours.newly_overlapped(square(29, 12, 20), square(28, 12, 20))) << "it overlapped before";
  EXPECT_TRUE(neighbours.newly_overlapped(square(150000, 12, 40), square(150000, 200, 40)));
}

TEST(Neighbours, ALongOneIsFoundFromEachColumn) {
  Neighbours neighbours;
  neighbours.add({{0, 0}, {3000, 0}, {3000, 10}, {0, 10}});
  for (const double x : {5.0, 1500.0, 2990.0}) EXPECT_TRUE(neighbours.newly_overlapped(square(x, 5, 20), square(x, 11, 20))) << x;
}

TEST(Neighbours, ThoseFarAboveAreForgotten) {
  Neighbours neighbours;
  neighbours.add(square(10, 10, 20));
  neighbours.add(square(10, 3000, 20));
  EXPECT_FALSE(neighbours.newly_overlapped(square(12, 12, 5), square(500, 12, 5)));
}

TEST(Neighbours, AScanFromWestToEastForgetsTheWest) {
  Neighbours neighbours(true);
  neighbours.add(square(10, 10, 20));
  EXPECT_TRUE(neighbours.newly_overlapped(square(12, 12, 5), square(500, 12, 5)));
  neighbours.add(square(3000, 10, 20));
  EXPECT_FALSE(neighbours.newly_overlapped(square(12, 12, 5), square(500, 12, 5)));
}

}  // namespace
}  // namespace fair::vector
