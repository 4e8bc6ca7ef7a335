#include "native/draw/map_picture.h"

#include <gtest/gtest.h>

#include "native/draw/png.h"
#include "native/io/raster_file.h"
#include "tests/unit/native_io/scratch.h"

namespace {

using namespace fair;

draw::Panel panel(std::int32_t side, std::int32_t x, std::int32_t y, std::uint8_t grey) {
  return {{side, side, 3, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(side) * static_cast<std::size_t>(side), grey), {}}, x, y};
}

std::size_t pixels_of(const raster::Image& image, const draw::Colour& colour) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    n += image.pixels[i] == colour.r && image.pixels[i + 1] == colour.g && image.pixels[i + 2] == colour.b ? 1 : 0;
  }
  return n;
}

draw::MapPicture two_chips() {
  draw::MapPicture picture;
  picture.panels = {panel(256, 0, 0, 90), panel(256, 256, 0, 110)};
  picture.layers = {{"true", draw::colour_of_truth, {{{{20, 20}, {80, 20}, {80, 80}, {20, 80}}}}},
                    {"predicted", draw::colour_of_prediction, {{{{22, 22}, {90, 22}, {90, 90}, {22, 90}}}}}};
  picture.metres_per_pixel = 0.3;
  return picture;
}

TEST(MapPicture, ShowsChipsOutlinesAndALegend) {
  const raster::Image image = draw::draw_map(two_chips());
  EXPECT_EQ(image.width, 1024) << "small maps are enlarged twice";
  EXPECT_GT(image.height, 512);
  EXPECT_GT(pixels_of(image, draw::colour_of_truth), 300U);
  EXPECT_GT(pixels_of(image, draw::colour_of_prediction), 300U);
  EXPECT_GT(pixels_of(image, {90, 90, 90}), 100000U);
  EXPECT_EQ(image.pixels[3 * (static_cast<std::size_t>(300) * 1024 + 1000)], 110);
}

TEST(MapPicture, ShrinksWhatIsTooLarge) {
  draw::MapPicture picture;
  for (std::int32_t i = 0; i < 12; ++i) picture.panels.push_back(panel(256, 256 * i, -700, 77));
  picture.most_side = 1024;
  const raster::Image image = draw::draw_map(picture);
  EXPECT_EQ(image.width, 1024);
  EXPECT_LT(image.height, 200);
  EXPECT_GT(pixels_of(image, {77, 77, 77}), 80000U);
  EXPECT_GT(draw::draw_map({}).width, 0) << "nothing to show is no fault";
}

TEST(Png, ComesBackByteForByte) {
  const test::Scratch scratch;
  const raster::Image image = draw::draw_map(two_chips());
  ASSERT_TRUE(draw::write_png(scratch / "map.png", image));
  const auto file = io::RasterFile::open(scratch / "map.png");
  ASSERT_TRUE(file);
  const auto read = file->read_all();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->pixels, image.pixels);
  EXPECT_EQ(scratch.files(), 1U) << "no sidecar";
}

TEST(Png, NamesWhatItCannotWrite) {
  const test::Scratch scratch;
  const auto written = draw::write_png(scratch / "no/such/folder/map.png", draw::draw_map(two_chips()));
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("no/such/folder"), std::string::npos);
  EXPECT_FALSE(draw::write_png(scratch / "grey.png", {2, 2, 1, {0, 0, 0, 0}, {}}));
  EXPECT_EQ(scratch.files(), 0U);
}

}  // namespace
