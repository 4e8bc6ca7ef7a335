#include "native/io/raster_file.h"

#include <gtest/gtest.h>

#include "native/io/imagery.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::io {
namespace {

test::Picture placed(double x = 9520000, double y = 3203000, double pixel = 0.3) {
  test::Picture picture;
  picture.epsg = 3857;
  picture.transform = {x, pixel, 0, y, 0, -pixel};
  return picture;
}

TEST(RasterFile, ReadsWindowsOfRgb) {
  const test::Scratch scratch;
  test::write(scratch / "a.tif", placed());
  const auto file = RasterFile::open(scratch / "a.tif");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_TRUE(file->info().georeferenced);
  EXPECT_EQ(file->info().crs, geo::Crs::web_mercator);
  const auto image = file->read(10, 20, 5, 4, 5, 4);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->pixels[0], 50);
  EXPECT_EQ(image->pixels[1], 100);
  EXPECT_EQ(image->pixels[(3 * 5 + 4) * 3], 14 + 46);
  EXPECT_FALSE(file->read(60, 0, 5, 5, 5, 5));
}

TEST(RasterFile, OtherProjectionsAreWarped) {
  const test::Scratch scratch;
  test::Picture utm;
  utm.epsg = 32645;
  utm.transform = {355000, 0.5, 0, 3057000, 0, -0.5};
  test::write(scratch / "utm.tif", utm);
  const auto sources = open_imagery(scratch / "utm.tif");
  ASSERT_TRUE(sources) << sources.error().message();
  const geo::BlockGrid& grid = sources->front()->grid();
  EXPECT_EQ(grid.crs, geo::Crs::web_mercator);
  EXPECT_NEAR(grid.transform.a[0], 9522000, 20000);
  EXPECT_TRUE(sources->front()->fetch({0, 0}));
}

TEST(RasterFile, LargeFilesAreReadInBlocksToTheirEdge) {
  const test::Scratch scratch;
  test::Picture large = placed();
  large.width = 1100, large.height = 600;
  test::write(scratch / "large.tif", large, "GTiff", {"TILED=YES"});
  const auto sources = open_imagery(scratch / "large.tif");
  ASSERT_TRUE(sources) << sources.error().message();
  infer::BlockSource& source = *sources->front();
  EXPECT_EQ(source.grid().columns, 3);
  EXPECT_EQ(source.grid().rows, 2);
  const auto corner = source.fetch({2, 1});
  ASSERT_TRUE(corner && *corner);
  EXPECT_EQ((*corner)->width, 1100 - 1024);
  EXPECT_EQ((*corner)->height, 600 - 512);
  EXPECT_EQ((*corner)->pixels[0], (1024 + 2 * 512) % 256);
}

TEST(RasterFile, TruncatedFilesAreErrorsNotGrey) {
  const test::Scratch scratch;
  test::Picture picture = placed();
  picture.width = picture.height = 512;
  for (const char* compression : {"COMPRESS=DEFLATE", "COMPRESS=JPEG", "COMPRESS=NONE"}) {
    test::write(scratch / "whole.tif", picture, "GTiff", {compression, "TILED=YES"});
    const std::string bytes = test::slurp(scratch / "whole.tif");
    for (const double share : {0.02, 0.5, 0.9}) {
      test::spill(scratch / "cut.tif", bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * share)));
      const auto file = RasterFile::open(scratch / "cut.tif");
      const auto image = file ? file->read_all() : Result<raster::Image>(tl::unexpected(file.error()));
      ASSERT_FALSE(image) << compression << " " << share;
      EXPECT_NE(image.error().message().find("cut.tif"), std::string::npos);
      EXPECT_FALSE(image.error().hint.empty());
    }
  }
}

TEST(RasterFile, HeadersThatLieAllocateNothing) {
  const test::Scratch scratch;
  test::write(scratch / "a.tif", placed());
  std::string bytes = test::slurp(scratch / "a.tif");
  // Entry of tag 256 (width) and 257 (height) in the first directory, little-endian.
  int changed = 0;
  for (std::size_t i = 8; i + 12 < bytes.size() && changed < 2; ++i) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[i + k]); };
    if ((at(0) == 0 || at(0) == 1) && at(1) == 1 && (at(2) == 3 || at(2) == 4) && at(3) == 0 && at(4) == 1 && at(5) == 0 && at(8) == 64) {
      bytes[i + 2] = 4;
      bytes.replace(i + 8, 4, std::string("\xff\xff\xff\x7f", 4));
      ++changed;
    }
  }
  ASSERT_EQ(changed, 2);
  test::spill(scratch / "lies.tif", bytes);
  const auto file = RasterFile::open(scratch / "lies.tif");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("lies.tif"), std::string::npos);
}

TEST(RasterFile, NothingReachesOut) {
  const test::Scratch scratch;
  const std::string vrt =
      "<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>/vsicurl/"
      "http://127.0.0.1:1/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>";
  test::spill(scratch / "a.vrt", vrt);
  test::spill(scratch / "a.tif", vrt);
  test::spill(scratch / "wms.tif", "<GDAL_WMS><Service name=\"TMS\"><ServerUrl>http://127.0.0.1:1/</ServerUrl></Service></GDAL_WMS>");
  for (const char* name : {"a.vrt", "a.tif", "wms.tif"}) {
    const auto file = RasterFile::open(scratch / name);
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().code, Code::invalid);
  }
  EXPECT_FALSE(RasterFile::open("/vsicurl/http://127.0.0.1:1/a.tif"));
  test::write(scratch / "b.png", test::Picture{}, "PNG");
  test::spill(scratch / "b.png.aux.xml",
              "<PAMDataset><Metadata domain=\"OVERVIEWS\"><MDI key=\"OVERVIEW_FILE\">/vsicurl/x</MDI></Metadata></PAMDataset>");
  EXPECT_FALSE(RasterFile::open(scratch / "b.png"));
}

TEST(RasterFile, SixteenBitsAreRefusedWithAWayOut) {
  const test::Scratch scratch;
  gdal_ready();
  DatasetPtr(GetGDALDriverManager()->GetDriverByName("GTiff")->Create((scratch / "deep.tif").c_str(), 8, 8, 1, GDT_UInt16, nullptr));
  const auto file = RasterFile::open(scratch / "deep.tif");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().hint.find("gdal_translate"), std::string::npos);
}

TEST(Imagery, ChipsWithoutAPlaceAreNamedAndTileNamesAreAPlace) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "chips");
  for (const char* name : {"chips/OAM-386697-220243-19.png", "chips/OAM-386698-220243-19.png"}) test::write(scratch / name, test::Picture{}, "PNG");
  const auto sources = open_imagery(scratch / "chips");
  ASSERT_TRUE(sources) << sources.error().message();
  ASSERT_EQ(sources->size(), 1U);
  EXPECT_EQ(sources->front()->grid().columns, 2);
  EXPECT_EQ(sources->front()->grid().zoom, 19);
  EXPECT_TRUE(open_imagery(scratch / "chips/OAM-386697-220243-19.png"));
  test::write(scratch / "chips/photo.png", test::Picture{}, "PNG");
  const auto lost = open_imagery(scratch / "chips");
  ASSERT_FALSE(lost);
  EXPECT_NE(lost.error().thing.find("photo.png"), std::string::npos);
  EXPECT_NE(lost.error().expected.find("georeference"), std::string::npos);
  test::write(scratch / "bare.tif", test::Picture{});
  const auto bare = open_imagery(scratch / "bare.tif");
  ASSERT_FALSE(bare);
  EXPECT_NE(bare.error().message().find("bare.tif"), std::string::npos);
}

TEST(Imagery, FoldersWithoutImagesAndNothingAtAllAreErrors) {
  const test::Scratch scratch;
  std::filesystem::create_directories(scratch / "empty");
  test::spill(scratch / "empty/readme.txt", "no image");
  const auto empty = open_imagery(scratch / "empty");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Code::not_found);
  const auto nothing = open_imagery(scratch / "absent.tif");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::not_found);
}

TEST(Imagery, NoDataIsKnown) {
  const test::Scratch scratch;
  test::Picture clear = placed();
  clear.bands = 4;
  clear.alpha = true;
  clear.value = [](int x, int, int b) { return b < 3 ? 200 : (x < 32 ? 0 : 255); };
  test::write(scratch / "a.tif", clear);
  const auto sources = open_imagery(scratch / "a.tif");
  ASSERT_TRUE(sources) << sources.error().message();
  const auto image = sources->front()->fetch({0, 0});
  ASSERT_TRUE(image && *image);
  ASSERT_FALSE((*image)->valid.empty());
  EXPECT_EQ((*image)->valid[0], 0);
  EXPECT_NE((*image)->valid[40], 0);
}

}  // namespace
}  // namespace fair::io
