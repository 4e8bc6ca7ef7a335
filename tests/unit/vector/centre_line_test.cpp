#include "core/vector/centre_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/vector/detail/pixel_rows.h"
#include "core/vector/detail/thin.h"
#include "core/vector/polygonize.h"
#include "core/vector/rasterize.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

constexpr std::int32_t side = 300;

std::vector<Shape> shapes_of(const test::Mask& mask) {
  std::vector<Shape> shapes;
  PolygonizeOptions options;
  options.width = mask.width;
  options.connectivity = Connectivity::eight;
  Polygonizer polygonizer(options, [&](Shape&& shape) { shapes.push_back(std::move(shape)); });
  polygonizer.push(mask.values.data(), mask.height);
  polygonizer.finish();
  return shapes;
}

test::Mask drawn(const std::vector<Ring>& rings, std::uint8_t value = 1) {
  test::Mask mask{side, side, std::vector<std::uint8_t>(static_cast<std::size_t>(side) * side, 0)};
  for (const Ring& ring : rings) rasterize<std::uint8_t>({ring}, value, mask.values.data(), side, side);
  return mask;
}

Ring box(double x0, double y0, double x1, double y1) { return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}; }

/// A bar from a to b.
Ring bar(Point a, Point b, double width) {
  const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
  const double x = -(b.y - a.y) / length * width / 2, y = (b.x - a.x) / length * width / 2;
  return {{a.x + x, a.y + y}, {b.x + x, b.y + y}, {b.x - x, b.y - y}, {a.x - x, a.y - y}};
}

Ring disc(Point middle, double radius) {
  Ring ring;
  for (int i = 0; i < 90; ++i)
    ring.push_back({middle.x + radius * std::cos(i * 0.0698131700797732), middle.y + radius * std::sin(i * 0.0698131700797732)});
  return ring;
}

double apart(Point a, Point b) { return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }

double length_of(const CentreLine& line) {
  double sum = 0;
  for (std::size_t i = 1; i < line.points.size(); ++i) sum += apart(line.points[i - 1], line.points[i]);
  return sum;
}

std::vector<CentreLine> lines_of(const test::Mask& mask) {
  const auto shapes = shapes_of(mask);
  EXPECT_EQ(shapes.size(), 1U);
  return centre_lines(shapes.at(0), {1, 1}, 0.5);
}

/// Its ends, whichever comes first, lie within half a width of a and b.
void expect_ends(const CentreLine& line, Point a, Point b, double width) {
  const double straight = std::max(apart(line.points.front(), a), apart(line.points.back(), b));
  const double turned = std::max(apart(line.points.front(), b), apart(line.points.back(), a));
  EXPECT_LE(std::min(straight, turned), width / 2) << line.points.front().x << " " << line.points.front().y << " to " << line.points.back().x << " "
                                                   << line.points.back().y;
}

TEST(CentreLine, BarsInAllDirectionsGiveTheirAxis) {
  for (const double width : {3.0, 8.0, 15.0}) {
    for (int degrees = 0; degrees < 180; degrees += 15) {
      const double x = 100 * std::cos(degrees * 0.0174532925199433), y = 100 * std::sin(degrees * 0.0174532925199433);
      const Point a{150.3 - x, 149.8 - y}, b{150.3 + x, 149.8 + y};
      const auto lines = lines_of(drawn({bar(a, b, width)}));
      ASSERT_EQ(lines.size(), 1U) << width << " wide at " << degrees;
      expect_ends(lines[0], a, b, width);
      EXPECT_NEAR(length_of(lines[0]), 200, 6) << width << " wide at " << degrees;
      for (const Point& p : lines[0].points) {
        EXPECT_LE(std::fabs((p.x - a.x) * y - (p.y - a.y) * x) / 100, std::max(1.5, 0.2 * width))
            << "off the axis, " << width << " wide at " << degrees;
      }
      EXPECT_LE(lines[0].points.size(), 5U) << width << " wide at " << degrees;
      EXPECT_DOUBLE_EQ(lines[0].share, 1.0);
    }
  }
}

TEST(CentreLine, OnePixelWide) {
  const auto flat = lines_of(drawn({box(50, 80, 150, 81)}));
  ASSERT_EQ(flat.size(), 1U);
  ASSERT_EQ(flat[0].points.size(), 2U);
  EXPECT_NEAR(flat[0].points[0].x, 50, 0.01);
  EXPECT_NEAR(flat[0].points[1].x, 150, 0.01);
  EXPECT_EQ(flat[0].points[0].y, 80.5);
  test::Mask steps = drawn({});
  for (int i = 0; i < 200; ++i) steps.values[static_cast<std::size_t>((40 + i / 3) * side + 40 + i)] = 1;
  const auto slanted = lines_of(steps);
  ASSERT_EQ(slanted.size(), 1U);
  EXPECT_NEAR(length_of(slanted[0]), std::sqrt(200.0 * 200 + 67 * 67), 6);
}

TEST(CentreLine, CornersTurn) {
  const auto lines = lines_of(drawn({box(40, 40, 52, 240), box(40, 228, 240, 240)}));
  ASSERT_EQ(lines.size(), 1U);
  expect_ends(lines[0], {46, 40}, {240, 234}, 12);
  EXPECT_NEAR(length_of(lines[0]), 194 + 194, 0.03 * 388);
}

TEST(CentreLine, BranchesMeetInOnePoint) {
  const auto tee = lines_of(drawn({box(40, 40, 260, 52), box(144, 40, 156, 240)}));
  ASSERT_EQ(tee.size(), 3U);
  const auto cross = lines_of(drawn({box(40, 144, 260, 156), box(144, 40, 156, 260)}));
  ASSERT_EQ(cross.size(), 4U);
  const auto check = [](const std::vector<CentreLine>& lines, Point middle, const std::vector<std::pair<Point, double>>& ends) {
    for (const auto& [end, length] : ends) {
      const auto it = std::find_if(lines.begin(), lines.end(), [end = end](const CentreLine& l) {
        return std::min(apart(l.points.front(), end), apart(l.points.back(), end)) < 6;
      });
      ASSERT_NE(it, lines.end()) << end.x << " " << end.y;
      expect_ends(*it, middle, end, 12);
      EXPECT_NEAR(length_of(*it), length, 0.03 * length);
    }
    double share = 0;
    for (const CentreLine& line : lines) {
      share += line.share;
      const Point a = line.points.front(), b = line.points.back();
      const auto meets = [&](Point p) {
        return std::count_if(lines.begin(), lines.end(),
                             [p](const CentreLine& l) { return std::min(apart(l.points.front(), p), apart(l.points.back(), p)) == 0; });
      };
      EXPECT_EQ(std::max(meets(a), meets(b)), static_cast<std::ptrdiff_t>(lines.size())) << "one node, to the bit";
    }
    EXPECT_NEAR(share, 1.0, 1e-12);
  };
  check(tee, {150, 46}, {{{40, 46}, 110}, {{260, 46}, 110}, {{150, 240}, 194}});
  check(cross, {150, 150}, {{{40, 150}, 110}, {{260, 150}, 110}, {{150, 40}, 110}, {{150, 260}, 110}});
}

TEST(CentreLine, RingsClose) {
  test::Mask mask = drawn({disc({150, 150}, 106)});
  rasterize<std::uint8_t>({disc({150, 150}, 94)}, 0, mask.values.data(), side, side);
  const auto lines = lines_of(mask);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(apart(lines[0].points.front(), lines[0].points.back()), 0);
  EXPECT_NEAR(length_of(lines[0]), 2 * 3.14159265 * 100, 0.03 * 628);
  for (const Point& p : lines[0].points) EXPECT_NEAR(apart(p, {150, 150}), 100, 3);
}

TEST(CentreLine, BlobsHaveNoDirectionAndRaggedBordersNoBranches) {
  EXPECT_TRUE(lines_of(drawn({disc({150, 150}, 40)})).empty());
  EXPECT_TRUE(lines_of(drawn({box(100, 100, 140, 140)})).empty());
  EXPECT_TRUE(lines_of(drawn({box(100, 100, 101, 101)})).empty());
  // A stub of half the road's width, a notch and gaps in the mask.
  test::Mask road = drawn({box(30, 100, 270, 112), box(120, 112, 132, 118)});
  rasterize<std::uint8_t>({box(200, 100, 203, 103)}, 0, road.values.data(), side, side);
  rasterize<std::uint8_t>({box(60, 104, 63, 108)}, 0, road.values.data(), side, side);
  const auto lines = lines_of(road);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NEAR(length_of(lines[0]), 240, 0.03 * 240);
  expect_ends(lines[0], {30, 106}, {270, 106}, 12);
}

TEST(CentreLine, ABlockIsGoneAround) {
  test::Mask block = drawn({box(60, 60, 240, 200)});
  rasterize<std::uint8_t>({box(70, 70, 230, 190)}, 0, block.values.data(), side, side);
  const auto lines = lines_of(block);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NEAR(length_of(lines[0]), 2 * (170 + 130), 0.03 * 600);
}

/// 8-connected pieces of a set of pixels, and 4-connected pieces of the rest (the holes and the outside).
std::pair<std::size_t, std::size_t> pieces(const test::Mask& mask) {
  std::size_t foreground = 0, background = 0;
  std::vector<bool> seen(mask.values.size(), false);
  for (std::size_t i = 0; i < mask.values.size(); ++i) {
    if (seen[i]) continue;
    const bool in = mask.values[i] != 0;
    (in ? foreground : background) += 1;
    std::vector<std::size_t> todo{i};
    seen[i] = true;
    while (!todo.empty()) {
      const auto at = static_cast<std::int32_t>(todo.back());
      todo.pop_back();
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          const std::int32_t x = at % mask.width + dx, y = at / mask.width + dy;
          if (x < 0 || y < 0 || x >= mask.width || y >= mask.height || (!in && dx != 0 && dy != 0)) continue;
          const auto to = static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) + static_cast<std::size_t>(x);
          if (seen[to] || (mask.values[to] != 0) != in) continue;
          seen[to] = true;
          todo.push_back(to);
        }
      }
    }
  }
  return {foreground, background};
}

TEST(Thin, KeepsConnectionsAndHolesAndLeavesNothingTwoWide) {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    test::Mask mask = test::random_mask(random, 48, 40, 0.45 + 0.009 * round, 1);
    // A border of background, so that the outside is one piece.
    for (std::int32_t x = 0; x < mask.width; ++x)
      mask.values[static_cast<std::size_t>(x)] = mask.values[mask.values.size() - 1 - static_cast<std::size_t>(x)] = 0;
    for (std::int32_t y = 0; y < mask.height; ++y) {
      mask.values[static_cast<std::size_t>(y * mask.width)] = mask.values[static_cast<std::size_t>((y + 1) * mask.width - 1)] = 0;
    }
    test::Mask thinned{mask.width, mask.height, std::vector<std::uint8_t>(mask.values.size(), 0)};
    for (const Shape& shape : shapes_of(mask)) {
      const PixelRows rows(shape, 0);
      ASSERT_EQ(static_cast<std::int64_t>(rows.size()), shape.pixels);
      for (const Pixel p : thin(rows)) {
        const auto at = static_cast<std::size_t>(p.y * mask.width + p.x);
        ASSERT_EQ(mask.values[at], shape.value);
        thinned.values[at] = 1;
      }
    }
    EXPECT_EQ(pieces(thinned), pieces(mask)) << "round " << round;
    for (std::int32_t y = 0; y + 1 < mask.height; ++y) {
      for (std::int32_t x = 0; x + 1 < mask.width; ++x) {
        const auto at = [&](std::int32_t dx, std::int32_t dy) { return thinned.values[static_cast<std::size_t>((y + dy) * mask.width + x + dx)]; };
        const int here = at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1);
        // Four together only where four lines meet.
        if (here == 4) {
          int around = 0;
          for (int dy = -1; dy <= 2; ++dy) {
            for (int dx = -1; dx <= 2; ++dx) around += at(dx, dy);
          }
          EXPECT_GE(around, 8) << x << " " << y << " of round " << round;
        }
      }
    }
  }
}

TEST(PixelRows, ClearanceIsTheDistanceToTheNearestPixelOutside) {
  std::mt19937 random(6);
  const test::Mask mask = test::random_mask(random, 30, 30, 0.9, 1);
  for (const Shape& shape : shapes_of(mask)) {
    const PixelRows rows(shape, 0);
    for (std::int32_t y = 0; y < 30; ++y) {
      for (std::int32_t x = 0; x < 30; ++x) {
        if (rows.find(x, y) == PixelRows::none) continue;
        std::int64_t nearest = 1 << 30;
        for (std::int32_t v = -1; v <= 30; ++v) {
          for (std::int32_t u = -1; u <= 30; ++u) {
            if (rows.find(u, v) == PixelRows::none) nearest = std::min<std::int64_t>(nearest, (u - x) * (u - x) + (v - y) * (v - y));
          }
        }
        ASSERT_EQ(rows.clearance2(x, y), nearest);
      }
    }
  }
}

}  // namespace
}  // namespace fair::vector
