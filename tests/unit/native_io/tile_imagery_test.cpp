#include "native/io/tile_imagery.h"

#include <gtest/gtest.h>

#include "core/geo/tile.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/tile_server.h"

namespace fair::io {
namespace {

FetchOptions quick() {
  setenv("no_proxy", "127.0.0.1", 1);
  FetchOptions options;
  options.first_pause_seconds = 0.01;
  options.attempts = 2;
  return options;
}

/// The middle of the 2 x 2 tiles whose north-western one is 14/12083/6879.
TileRequest four_tiles(const std::string& address) {
  const geo::Bounds first = geo::bounds({14, 12083, 6879}), last = geo::bounds({14, 12084, 6880});
  TileRequest request;
  request.address = address;
  request.box = geo::Bounds{first.west + 1e-4, last.south + 1e-4, last.east - 1e-4, first.north - 1e-4};
  request.zoom = 14;
  return request;
}

test::Picture tile(int grey) {
  test::Picture picture;
  picture.width = picture.height = 256;
  picture.value = [grey](int, int, int) { return grey; };
  return picture;
}

TEST(TileImagery, ReadsTilesInTheirPlacesAndHolesAsNothing) {
  const std::string png = encoded(tile(80)), jpeg = encoded(tile(120), "JPEG");
  test::TileServer server([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/14/12083/6879") return response.set_content(png, "image/png");
    if (request.path == "/14/12084/6880") return response.set_content(jpeg, "image/jpeg");
    response.status = 404;
  });
  const auto sources = open_tiles(four_tiles(server.url("/{z}/{x}/{y}")), quick());
  ASSERT_TRUE(sources) << sources.error().message();
  infer::BlockSource& source = *sources->front();
  EXPECT_EQ(source.grid().columns, 2);
  EXPECT_EQ(source.grid().rows, 2);
  EXPECT_EQ(source.grid().zoom, 14);
  const auto first = source.fetch({0, 0});
  ASSERT_TRUE(first && *first) << (first ? "nothing" : first.error().message());
  EXPECT_EQ((*first)->width, 256);
  EXPECT_EQ((*first)->pixels[1000], 80);
  const auto last = source.fetch({1, 1});
  ASSERT_TRUE(last && *last);
  EXPECT_NEAR((*last)->pixels[1000], 120, 2);
  const auto hole = source.fetch({0, 1});
  ASSERT_TRUE(hole);
  EXPECT_FALSE(*hole);
}

TEST(TileImagery, FullyTransparentTilesAreHoles) {
  test::Picture clear = tile(0);
  clear.bands = 4;
  clear.alpha = true;
  const std::string png = encoded(clear);
  test::TileServer server([&](const httplib::Request&, httplib::Response& response) { response.set_content(png, "image/png"); });
  const auto sources = open_tiles(four_tiles(server.url("/{z}/{x}/{y}")), quick());
  const auto none = sources->front()->fetch({0, 0});
  ASSERT_TRUE(none) << none.error().message();
  EXPECT_FALSE(*none);
}

TEST(TileImagery, TileJsonSaysWhereAndHowDeep) {
  std::string address;
  test::TileServer server([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path != "/tiles.json") return response.set_content("x", "image/png");
    response.set_content("{\"tiles\":[\"" + address + "/{z}/{x}/{y}\"],\"minzoom\":10,\"maxzoom\":15,\"bounds\":[85.0,27.0,86.0,28.0]}",
                         "application/json");
  });
  address = server.url("");
  TileRequest request = four_tiles(server.url("/tiles.json"));
  EXPECT_TRUE(open_tiles(request, quick()));
  request.zoom = 17;
  auto deep = open_tiles(request, quick());
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().expected, "10 to 15");
  request.zoom = 14;
  request.box = geo::Bounds{10, 10, 10.01, 10.01};
  EXPECT_FALSE(open_tiles(request, quick()));
}

TEST(TileImagery, AnswersThatAreNoPictureOrOfAnotherSizeAreErrors) {
  test::Picture small = tile(9);
  small.width = small.height = 128;
  const std::string other = encoded(small), cut = encoded(tile(77), "JPEG").substr(0, 400);
  test::TileServer server([&](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/14/12083/6879") return response.set_content("<ServiceException>no such layer</ServiceException>", "text/xml");
    if (request.path == "/14/12084/6879") return response.set_content(other, "image/png");
    response.set_content(cut, "image/jpeg");
  });
  const auto sources = open_tiles(four_tiles(server.url("/{z}/{x}/{y}")), quick());
  const auto complaint = sources->front()->fetch({0, 0});
  ASSERT_FALSE(complaint);
  EXPECT_NE(complaint.error().found.find("no such layer"), std::string::npos) << complaint.error().found;
  const auto size = sources->front()->fetch({1, 0});
  ASSERT_FALSE(size);
  EXPECT_NE(size.error().hint.find("--tile-size"), std::string::npos);
  const auto damaged = sources->front()->fetch({0, 1});
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().thing.find("/14/12083/6880"), std::string::npos) << damaged.error().message();
}

TEST(TileImagery, AreasAreCheckedBeforeAnythingIsFetched) {
  test::TileServer server([](const httplib::Request&, httplib::Response& response) { response.status = 404; });
  TileRequest request;
  request.address = server.url("/{z}/{x}/{y}");
  auto none = open_tiles(request, quick());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("--bbox"), std::string::npos);
  request = four_tiles(server.url("/{z}/{x}/{y}"));
  request.most_tiles = 3;
  auto many = open_tiles(request, quick());
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().found, "4");
  EXPECT_NE(many.error().hint.find("--max-tiles"), std::string::npos);
  EXPECT_FALSE(box_from("1,2,3"));
  EXPECT_FALSE(box_from("1,2,3,x"));
  EXPECT_TRUE(box_from("-1.5,2,3,4"));
  EXPECT_TRUE(server.paths().empty());
}

}  // namespace
}  // namespace fair::io
