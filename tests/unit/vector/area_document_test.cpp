#include "core/vector/area_document.h"

#include <gtest/gtest.h>

namespace fair::vector {
namespace {

const Json square = Json::parse(R"([[[0,0],[2,0],[2,1],[0,1],[0,0]]])");

Json polygon() { return {{"type", "Polygon"}, {"coordinates", square}}; }

TEST(AreaDocument, ReadsEveryKindOfPolygonDocument) {
  const Json multi{{"type", "MultiPolygon"}, {"coordinates", {square, square}}};
  const Json feature{{"type", "Feature"}, {"properties", nullptr}, {"geometry", polygon()}};
  const Json collection{{"type", "FeatureCollection"}, {"features", {feature, feature, feature}}};
  for (const auto& [document, count] : {std::pair<Json, std::size_t>{polygon(), 1}, {multi, 2}, {feature, 1}, {collection, 3}}) {
    const auto polygons = polygons_from(document, "area.geojson");
    ASSERT_TRUE(polygons) << polygons.error().message();
    ASSERT_EQ(polygons->size(), count);
    EXPECT_EQ(polygons->front().front().size(), 4U) << "rings are kept open";
    EXPECT_EQ(polygons->front().front()[2].x, 2);
  }
}

TEST(AreaDocument, RefusesWhatIsNoArea) {
  const char* const bad[] = {"3",
                             "{}",
                             R"({"type":"Point","coordinates":[1,2]})",
                             R"({"type":"Polygon"})",
                             R"({"type":"Polygon","coordinates":[]})",
                             R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]})",             // short
                             R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]})",       // open
                             R"({"type":"Polygon","coordinates":[[[0,0],[900000,0],[1,1],[0,0]]]})",  // metres
                             R"({"type":"Polygon","coordinates":[[[0,0],["a",0],[1,1],[0,0]]]})",
                             R"({"type":"FeatureCollection","features":[]})",
                             R"({"type":"Feature","geometry":{"type":"Feature","geometry":null}})"};
  for (const char* text : bad) {
    const auto polygons = polygons_from(Json::parse(text), "area.geojson");
    ASSERT_FALSE(polygons) << text;
    EXPECT_NE(polygons.error().message().find("area.geojson"), std::string::npos);
  }
}

}  // namespace
}  // namespace fair::vector
