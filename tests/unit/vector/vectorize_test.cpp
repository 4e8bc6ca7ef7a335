#include "core/vector/vectorize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/vector/geojson.h"
#include "core/vector/rasterize.h"
#include "core/vector/shape_polygons.h"
#include "core/vector/validity.h"
#include "tests/unit/vector_polygonize/mask_support.h"

namespace fair::vector {
namespace {

const geo::GeoTransform at_banepa{{85.5217, 1.3e-6, 0, 27.63, 0, -1.2e-6}};

VectorizeOptions buildings() {
  VectorizeOptions options;
  options.classes = {{0, "background", ""}, {1, "building", ""}};
  options.output_name = "segmentation mask";
  return options;
}

test::Mask rotated_house(double angle, int size) {
  test::Mask mask{size, size, std::vector<std::uint8_t>(static_cast<std::size_t>(size * size), 0)};
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  Ring ring;
  for (const Point& p : Ring{{-60, -35}, {60, -35}, {60, 35}, {-60, 35}})
    ring.push_back({size / 2 + p.x * c - p.y * s, size / 2 + p.x * s + p.y * c});
  rasterize<std::uint8_t>({ring}, 1, mask.values.data(), size, size);
  return mask;
}

std::string run(const VectorizeOptions& options, const test::Mask& mask, std::int32_t strip) {
  Vectorizer vectorizer(options, geo::Crs::wgs84, at_banepa, mask.width, 1000, 2000, 19);
  const std::vector<std::uint16_t> scores(mask.values.size(), 60000);
  std::string text;
  for (std::int32_t y = 0; y < mask.height; y += strip) {
    const auto offset = static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width);
    vectorizer.push(mask.values.data() + offset, std::min(strip, mask.height - y), scores.data() + offset);
    for (const Feature& feature : vectorizer.take()) append_text(text, feature, options.output_name);
  }
  vectorizer.finish();
  for (const Feature& feature : vectorizer.take()) append_text(text, feature, options.output_name);
  return text;
}

TEST(Vectorize, ARotatedHouseGetsFourRightAngles) {
  for (const double angle : {0.0, 0.2, 0.5, 0.785, 1.1}) {
    const test::Mask mask = rotated_house(angle, 200);
    Vectorizer vectorizer(buildings(), geo::Crs::wgs84, at_banepa, mask.width, 0, 0, -1);
    vectorizer.push(mask.values.data(), mask.height);
    vectorizer.finish();
    const auto features = vectorizer.take();
    ASSERT_EQ(features.size(), 1U);
    ASSERT_EQ(features[0].polygons[0][0].size(), 4U) << "angle " << angle;
    const Ring& ring = features[0].polygons[0][0];
    // In true metres, since pixels of lon/lat are not square on the ground.
    const double kx = std::cos(27.63 * 3.14159265358979 / 180) * 111412.8;
    const double ky = 110840.0;
    for (std::size_t i = 0; i < 4; ++i) {
      const Point a = ring[i];
      const Point b = ring[(i + 1) % 4];
      const Point c = ring[(i + 2) % 4];
      const double ux = (b.x - a.x) * kx, uy = (b.y - a.y) * ky, vx = (c.x - b.x) * kx, vy = (c.y - b.y) * ky;
      // Within 3 degrees: the house is drawn square in pixels, and the pixels are not.
      EXPECT_NEAR((ux * vx + uy * vy) / std::sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy)), 0.0, 0.05) << "angle " << angle;
    }
    EXPECT_GT(twice_area(ring), 0) << "counter-clockwise on the map";
  }
}

TEST(Vectorize, StripsDoNotChangeAByte) {
  std::mt19937 random(2);
  for (int round = 0; round < 8; ++round) {
    test::Mask mask = test::random_mask(random, 60, 50, 0.6, 2);
    VectorizeOptions options = buildings();
    options.area_threshold = 0;
    options.tolerance = round % 2 == 0 ? 0.3 : 0.0;
    const std::string whole = run(options, mask, 50);
    EXPECT_FALSE(whole.empty());
    for (const std::int32_t strip : {1, 7, 16}) EXPECT_EQ(run(options, mask, strip), whole);
  }
}

TEST(Vectorize, EveryPolygonIsValid) {
  std::mt19937 random(9);
  for (int round = 0; round < 20; ++round) {
    VectorizeOptions options = buildings();
    options.area_threshold = 0;
    const auto mask = test::random_mask(random, 40, 40, 0.55 + 0.02 * round, 1);
    Vectorizer vectorizer(options, geo::Crs::wgs84, at_banepa, mask.width, 0, 0, -1);
    vectorizer.push(mask.values.data(), mask.height);
    vectorizer.finish();
    for (const Feature& feature : vectorizer.take()) {
      for (const Polygon& polygon : feature.polygons) ASSERT_TRUE(is_valid(polygon));
    }
  }
}

TEST(Vectorize, FeaturesSayWhatTheyAre) {
  const test::Mask mask = rotated_house(0, 200);
  const Json feature = Json::parse(run(buildings(), mask, 200));
  EXPECT_EQ(feature["type"], "Feature");
  EXPECT_EQ(feature["properties"]["class"], "building");
  EXPECT_EQ(feature["properties"]["segmentation mask"], "building");
  EXPECT_NEAR(feature["properties"]["confidence"].get<double>(), 60000.0 / 65535, 1e-4);
  // 120 x 70 pixels of 1.3e-6 by 1.2e-6 degrees.
  EXPECT_NEAR(feature["properties"]["area_m2"].get<double>(), 120 * 1.3e-6 * 98704 * 70 * 1.2e-6 * 110838, 1.5);
  EXPECT_EQ(feature["id"], "building-19-1040-2065");
}

TEST(Vectorize, SmallThingsAreDroppedByTrueArea) {
  VectorizeOptions options = buildings();
  options.area_threshold = 1000;
  EXPECT_TRUE(run(options, rotated_house(0, 200), 200).empty());
}

TEST(Vectorize, PointsLieInside) {
  VectorizeOptions options = buildings();
  options.geometry = stac::GeometryKind::point;
  const Json feature = Json::parse(run(options, rotated_house(0.4, 200), 200));
  EXPECT_EQ(feature["geometry"]["type"], "Point");
  EXPECT_NEAR(feature["geometry"]["coordinates"][0].get<double>(), 85.5217 + 100 * 1.3e-6, 30e-6);
}

/// Two roads that cross, 8 pixels wide.
test::Mask crossroads() {
  test::Mask mask{200, 160, std::vector<std::uint8_t>(200 * 160, 0)};
  rasterize<std::uint8_t>({{{0, 60}, {200, 70}, {200, 78}, {0, 68}}}, 2, mask.values.data(), mask.width, mask.height);
  rasterize<std::uint8_t>({{{90, 10}, {98, 10}, {108, 150}, {100, 150}}}, 2, mask.values.data(), mask.width, mask.height);
  return mask;
}

TEST(Vectorize, LinesSayHowLongAndHowWideTheyAre) {
  VectorizeOptions options = buildings();
  options.classes = {{0, "background", ""}, {2, "road", ""}};
  options.geometry = stac::GeometryKind::line;
  const test::Mask mask = crossroads();
  Vectorizer vectorizer(options, geo::Crs::wgs84, at_banepa, mask.width, 1000, 2000, 19);
  vectorizer.push(mask.values.data(), mask.height);
  vectorizer.finish();
  const auto lines = vectorizer.take();
  options.geometry = stac::GeometryKind::polygon;
  options.tolerance = 0;
  options.orthogonalize = false;
  Vectorizer outlines(options, geo::Crs::wgs84, at_banepa, mask.width, 1000, 2000, 19);
  outlines.push(mask.values.data(), mask.height);
  outlines.finish();
  const auto shapes = outlines.take();
  ASSERT_EQ(lines.size(), 4U);
  ASSERT_EQ(shapes.size(), 1U);
  const double metre = 1.3e-6 * 98704;  // a pixel's width; it is 4 % higher
  double area = 0, length = 0;
  std::vector<std::string> ids;
  for (const Feature& line : lines) {
    EXPECT_EQ(line.type, GeometryType::line_string);
    EXPECT_GE(line.points.size(), 2U);
    EXPECT_EQ(line.class_name, "road");
    EXPECT_NEAR(line.extra["width_m"].get<double>(), 8 * metre, 1.2 * metre);
    area += line.area_m2;
    length += line.extra["length_m"].get<double>();
    ids.push_back(line.id);
  }
  EXPECT_NEAR(area, shapes[0].area_m2, 1e-6);
  EXPECT_NEAR(length, (200.2 + 140.3) * metre, 0.04 * 340 * metre);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  std::string text;
  append_text(text, lines[0], options.output_name);
  const Json feature = Json::parse(text);
  EXPECT_EQ(feature["geometry"]["type"], "LineString");
  EXPECT_EQ(feature["properties"]["segmentation mask"], "road");
  EXPECT_GT(feature["properties"]["length_m"].get<double>(), 5);
}

TEST(Vectorize, LinesDoNotDependOnStrips) {
  VectorizeOptions options = buildings();
  options.geometry = stac::GeometryKind::line;
  const std::string whole = run(options, crossroads(), 160);
  EXPECT_FALSE(whole.empty());
  for (const std::int32_t strip : {1, 7, 50}) EXPECT_EQ(run(options, crossroads(), strip), whole);
}

TEST(Geojson, NumbersAreShortAndTheTextIsItsOwnDump) {
  Feature feature;
  feature.id = "a\"b";
  feature.class_name = "building";
  feature.class_value = 1;
  feature.confidence = 0.5;
  feature.area_m2 = 12;
  feature.type = GeometryType::point;
  feature.points = {{-0.00000004, 12.3456789449}};
  std::string text;
  append_text(text, feature, "mask");
  EXPECT_EQ(
      text,
      R"({"type":"Feature","id":"a\"b","geometry":{"type":"Point","coordinates":[0.0,12.3456789]},"properties":{"class":"building","class_value":1,"confidence":0.5,"area_m2":12.0,"mask":"building"}})");
  EXPECT_EQ(to_json(feature, "mask").dump(), text);
}

}  // namespace
}  // namespace fair::vector
