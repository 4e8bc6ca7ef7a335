#include "native/demo/town_files.h"

#include <gtest/gtest.h>

#include "core/base/json.h"
#include "core/vector/rasterize.h"
#include "native/io/chips.h"
#include "native/io/labels.h"
#include "native/io/raster_file.h"
#include "tests/unit/native_io/scratch.h"

namespace {

using namespace fair;

TEST(TownFiles, LieWhereTheirNamesSayAndFootprintsFallOnTheirRoofs) {
  const test::Scratch scratch;
  const demo::Town town = demo::make_town({3, 4, 4});
  const auto files = demo::write_town(town, scratch / "town");
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(files->chip_count, 16);
  const auto chips = io::list_chips(files->chips);
  ASSERT_TRUE(chips) << chips.error().message();
  ASSERT_EQ(chips->size(), 16U);
  const auto footprints = io::read_footprints(files->footprints);
  ASSERT_TRUE(footprints) << footprints.error().message();
  EXPECT_EQ(footprints->polygons.size(), town.footprints.size());

  std::vector<std::uint8_t> truth(1024 * 1024, 0);
  for (const vector::Polygon& polygon : town.footprints) vector::rasterize(polygon, std::uint8_t{1}, truth.data(), 1024, 1024);
  const io::Chip& first = chips->front();
  io::FootprintReach reach(*footprints);
  std::int64_t same = 0, either = 0, southern = 0;
  for (const io::Chip& chip : *chips) {
    const auto column = static_cast<std::int32_t>((chip.transform.a[0] - first.transform.a[0]) / chip.transform.a[1] / 256 + 0.5);
    double top = first.transform.a[3];
    for (const io::Chip& other : *chips) top = std::max(top, other.transform.a[3]);
    const auto row = static_cast<std::int32_t>((top - chip.transform.a[3]) / -chip.transform.a[5] / 256 + 0.5);
    southern += io::matches(demo::southern_rows, chip.name) ? 1 : 0;
    EXPECT_EQ(io::matches(demo::southern_rows, chip.name), row >= 2) << chip.name;
    const auto read = io::RasterFile::open(chip.path);
    ASSERT_TRUE(read);
    const auto pixels = read->read_all();
    ASSERT_TRUE(pixels);
    std::vector<std::uint8_t> mask;
    ASSERT_GE(io::burn(reach.on(chip), chip, mask), 0);
    for (std::int32_t y = 0; y < 256; ++y) {
      for (std::int32_t x = 0; x < 256; ++x) {
        const std::size_t here = static_cast<std::size_t>(y) * 256 + static_cast<std::size_t>(x);
        const std::size_t there = static_cast<std::size_t>(row * 256 + y) * 1024 + static_cast<std::size_t>(column * 256 + x);
        ASSERT_EQ(pixels->pixels[3 * here], town.image.pixels[3 * there]);
        same += mask[here] != 0 && truth[there] != 0 ? 1 : 0, either += mask[here] != 0 || truth[there] != 0 ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(southern, 8);
  EXPECT_GT(either, 20000);
  EXPECT_GT(static_cast<double>(same) / static_cast<double>(either), 0.999);
}

TEST(TownFiles, RingsRunAsGeoJsonWantsThem) {
  const test::Scratch scratch;
  ASSERT_TRUE(demo::write_town(demo::make_town({7, 8, 8}), scratch / "town"));
  const Json document = Json::parse(test::slurp(scratch / "town/buildings.geojson"));
  std::size_t holes = 0;
  for (const Json& feature : document.at("features")) {
    const Json& rings = feature.at("geometry").at("coordinates");
    for (std::size_t r = 0; r < rings.size(); ++r) {
      const Json& ring = rings[r];
      ASSERT_EQ(ring.front(), ring.back());
      double twice = 0;
      const double x0 = ring[0][0], y0 = ring[0][1];
      for (std::size_t i = 1; i < ring.size(); ++i) {
        const double ax = ring[i - 1][0], ay = ring[i - 1][1], bx = ring[i][0], by = ring[i][1];
        twice += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
      }
      EXPECT_TRUE(r == 0 ? twice > 0 : twice < 0) << feature.at("id");
      holes += r > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(holes, 3U);
}

TEST(TownFiles, NameTheFolderTheyCannotWrite) {
  const test::Scratch scratch;
  test::spill(scratch / "file", "in the way");
  const auto files = demo::write_town(demo::make_town({3, 1, 1}), scratch / "file");
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message().find("file"), std::string::npos);
}

}  // namespace
