#include "core/geo/tile_source.h"

#include <gtest/gtest.h>

namespace fair::geo {
namespace {

const Tile tile{3, 3, 5};

std::string url(const std::string& text, std::int32_t size = 256) {
  const auto source = TileSource::from_template(text, size);
  return source ? source->url(tile) : source.error().message();
}

TEST(TileSource, KnowsEveryFamilyOfTemplates) {
  EXPECT_EQ(url("https://t.example/{z}/{x}/{y}.png"), "https://t.example/3/3/5.png");
  EXPECT_EQ(url("https://t.example/{z}/{x}/{-y}.png"), "https://t.example/3/3/2.png");
  EXPECT_EQ(url("https://t.example/{q}?n=1"), "https://t.example/213?n=1");
  EXPECT_EQ(url("https://{switch:p,q,r}.example/{zoom}/{x}/{y}"), "https://r.example/3/3/5");
  EXPECT_EQ(url("https://{s}.example/{z}/{x}/{y}{r}"), "https://c.example/3/3/5");
  EXPECT_EQ(url("https://t{1-4}.example/{z}/{x}/{y}"), "https://t1.example/3/3/5");
  EXPECT_EQ(url("https://t.example/wmts/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.jpg"),
            "https://t.example/wmts/default/GoogleMapsCompatible/3/5/3.jpg");
  EXPECT_EQ(url("https://t.example/wms?service=WMS&request=GetMap&crs=EPSG:3857&bbox={bbox-epsg-3857}&width={width}&height={height}", 512),
            "https://t.example/wms?service=WMS&request=GetMap&crs=EPSG:3857&bbox=-5009377.086,-10018754.171,0.000,-5009377.086&width=512&height=512");
}

TEST(TileSource, NamesWhatIsWrongWithATemplate) {
  const auto unknown = TileSource::from_template("https://t.example/{z}/{x}/{why}.png");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().found, "{why}");
  const auto missing = TileSource::from_template("https://t.example/{z}/{x}.png");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().found, "no {y}");
  EXPECT_FALSE(TileSource::from_template("file:///{z}/{x}/{y}.png"));
  EXPECT_FALSE(TileSource::from_template("https://t.example/{z}/{x}/{y"));
  EXPECT_FALSE(TileSource::from_template("https://t.example/{z}/{x}/{y}", 300));
  const auto degrees = TileSource::from_template("https://t.example/wms?SRS=EPSG:4326&bbox={bbox}");
  ASSERT_FALSE(degrees);
  EXPECT_EQ(degrees.error().found, "EPSG:4326");
}

TEST(TileSource, ReadsTileJson) {
  const Json document = Json::parse(R"({"tilejson":"2.2.0","scheme":"tms","minzoom":2,"maxzoom":22,"bounds":[85.5,27.6,85.6,27.7],
    "tiles":["https://a.example/{z}/{x}/{y}.png","https://b.example/{z}/{x}/{y}.png"]})");
  const auto source = TileSource::from_tilejson(document, "tiles.json");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->url(tile), "https://a.example/3/3/2.png");
  EXPECT_EQ(source->url({3, 4, 5}), "https://b.example/3/4/2.png");
  EXPECT_EQ(source->min_zoom(), 2);
  EXPECT_EQ(source->max_zoom(), 22);
  EXPECT_DOUBLE_EQ(source->covered()->east, 85.6);
}

TEST(TileSource, RefusesOtherDocuments) {
  for (const char* text :
       {R"([])", R"({})", R"({"tiles":[]})", R"({"tiles":[1]})", R"({"tiles":["https://a.example/{z}"]})",
        R"({"tiles":["https://a.example/{z}/{x}/{y}"],"vector_layers":[]})", R"({"tiles":["https://a.example/{z}/{x}/{y}"],"maxzoom":"x"})",
        R"({"tiles":["https://a.example/{z}/{x}/{y}"],"scheme":"up"})", R"({"tiles":["https://a.example/{z}/{x}/{y}"],"bounds":[1]})"}) {
    EXPECT_FALSE(TileSource::from_tilejson(Json::parse(text), "tiles.json")) << text;
  }
}

TEST(TileSource, TellsTileJsonFromTemplates) {
  EXPECT_TRUE(may_be_tilejson("https://t.example/tiles.json"));
  EXPECT_FALSE(may_be_tilejson("https://t.example/{z}/{x}/{y}"));
  EXPECT_FALSE(may_be_tilejson("chips/"));
}

}  // namespace
}  // namespace fair::geo
