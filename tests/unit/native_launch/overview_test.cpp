// Imagery finer than a model needs is read through its overviews, with the same outcome.
#include <gtest/gtest.h>

#include <cmath>

#include "core/geo/transform.h"
#include "core/vector/rasterize.h"
#include "native/infer/driver.h"
#include "native/io/imagery.h"
#include "tests/unit/native_io/pictures.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::launch {
namespace {

constexpr int side = 2048;
constexpr double fine = 0.1, gsd = 0.5;

class Bright final : public infer::Runner {
 public:
  Result<std::vector<infer::Output>> run(const TensorView& input) override {
    auto out = std::make_shared<pipeline::stand_in::Tensor>(pipeline::stand_in::scores_of(input));
    return std::vector<infer::Output>{{out->view(), out}};
  }
};

class Features final : public infer::FeatureSink {
 public:
  Result<> write(std::vector<vector::Feature>&& features) override {
    std::move(features.begin(), features.end(), std::back_inserter(all));
    return {};
  }
  Result<> finish() override { return {}; }
  std::vector<vector::Feature> all;
};

/// Bright halls at many angles on dark ground at the equator, a tenth of a metre a pixel, with overviews of a half, a quarter and an eighth.
void write_scene(const std::filesystem::path& path) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(side) * side, 0);
  for (int i = 0; i < 9; ++i) {
    const double x = 343 + 680.0 * (i % 3), y = 341 + 680.0 * (i / 3), angle = 0.09 + 0.17 * i, c = std::cos(angle), s = std::sin(angle);
    vector::Ring house;
    for (const vector::Point& p : vector::Ring{{-230, -170}, {230, -170}, {230, 170}, {-230, 170}})
      house.push_back({x + p.x * c - p.y * s, y + p.x * s + p.y * c});
    vector::rasterize<std::uint8_t>({house}, 1, mask.data(), side, side);
  }
  test::Picture scene;
  scene.width = scene.height = side;
  scene.epsg = 3857;
  scene.transform = {1000, fine, 0, 2000, 0, -fine};
  scene.value = [&mask](int x, int y, int) {
    return mask[static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)] != 0 ? 230 : 20 + (x * 3 + y) % 10;
  };
  test::write(path, scene, "GTiff", {"TILED=YES"});
  const io::DatasetPtr dataset(GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_UPDATE));
  ASSERT_TRUE(dataset);
  const int levels[] = {2, 4, 8};
  ASSERT_EQ(dataset->BuildOverviews("AVERAGE", 3, levels, 0, nullptr, nullptr, nullptr), CE_None);
}

struct Predicted {
  std::int64_t pixels = 0;  ///< of imagery that were read
  std::vector<std::uint8_t> mask;
  std::size_t features = 0;
};

Predicted predict(const std::filesystem::path& path, double resolution) {
  auto sources = io::open_imagery(path, resolution);
  EXPECT_TRUE(sources) << sources.error().message();
  Predicted out;
  for (const auto& source : *sources) out.pixels += source->grid().width * source->grid().height;
  stac::ModelSpec model = pipeline::stand_in::spec(64);
  model.gsd = gsd;
  Bright runner;
  Features sink;
  infer::PredictOptions options;
  options.inference.vectorize.orthogonalize = false;
  const auto report =
      infer::predict(model, std::make_shared<pipeline::stand_in::Plugin>(plugin::ResultKind::scores, 16), runner, *sources, sink, options);
  EXPECT_TRUE(report) << report.error().message();
  out.features = sink.all.size();
  out.mask.resize(static_cast<std::size_t>(side) * side);
  for (const vector::Feature& feature : sink.all) {
    for (vector::Polygon polygon : feature.polygons) {
      for (vector::Ring& ring : polygon) {
        for (vector::Point& p : ring) {
          const geo::Place at = geo::place_of(geo::Crs::web_mercator, {p.x, p.y});
          p = {(at.x - 1000) / fine, (2000 - at.y) / fine};
        }
      }
      vector::rasterize<std::uint8_t>(polygon, 1, out.mask.data(), side, side);
    }
  }
  return out;
}

/// Of the pixels set.
vector::Point middle(const std::vector<std::uint8_t>& mask) {
  double x = 0, y = 0, n = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) x += static_cast<double>(i % side), y += static_cast<double>(i / side), n += 1;
  }
  return {x / n, y / n};
}

TEST(Overviews, GiveTheSameFeaturesFromFewerPixels) {
  const test::Scratch scratch;
  write_scene(scratch / "scene.tif");
  const Predicted whole = predict(scratch / "scene.tif", 0);
  const Predicted reduced = predict(scratch / "scene.tif", gsd);
  EXPECT_EQ(whole.pixels, std::int64_t{side} * side);
  EXPECT_EQ(reduced.pixels, std::int64_t{side} * side / 16) << "0.4 m is the coarsest that is finer than 0.5 m";
  EXPECT_EQ(whole.features, 9U);
  EXPECT_EQ(reduced.features, 9U);
  std::int64_t both = 0, either = 0;
  for (std::size_t i = 0; i < whole.mask.size(); ++i) {
    both += whole.mask[i] != 0 && reduced.mask[i] != 0 ? 1 : 0;
    either += whole.mask[i] != 0 || reduced.mask[i] != 0 ? 1 : 0;
  }
  EXPECT_GE(static_cast<double>(both) / static_cast<double>(either), 0.98);
  // Not shifted: pixels of an overview lie where those lay that it was made of.
  EXPECT_NEAR(middle(reduced.mask).x, middle(whole.mask).x, 0.2 * gsd / fine);
  EXPECT_NEAR(middle(reduced.mask).y, middle(whole.mask).y, 0.2 * gsd / fine);
}

TEST(Overviews, AreLeftAloneWhereTheImageryIsNotTwiceAsFine) {
  const test::Scratch scratch;
  write_scene(scratch / "scene.tif");
  for (const auto& [resolution, width] : {std::pair{0.19, side}, std::pair{0.2, side / 2}, std::pair{0.39, side / 2}, std::pair{5.0, side / 8}}) {
    const auto sources = io::open_imagery(scratch / "scene.tif", resolution);
    ASSERT_TRUE(sources) << sources.error().message();
    EXPECT_EQ(sources->front()->grid().width, width) << resolution;
    const auto block = sources->front()->fetch({0, 0});
    EXPECT_TRUE(block && *block);
  }
}

TEST(Overviews, OfOtherProjectionsAreWarped) {
  const test::Scratch scratch;
  test::Picture utm;
  utm.width = utm.height = 512;
  utm.epsg = 32645;
  utm.transform = {355000, 0.1, 0, 3057000, 0, -0.1};
  test::write(scratch / "utm.tif", utm, "GTiff", {"TILED=YES"});
  {
    const io::DatasetPtr dataset(GDALDataset::Open((scratch / "utm.tif").c_str(), GDAL_OF_RASTER | GDAL_OF_UPDATE));
    const int levels[] = {2, 4};
    ASSERT_EQ(dataset->BuildOverviews("AVERAGE", 2, levels, 0, nullptr, nullptr, nullptr), CE_None);
  }
  const auto whole = io::open_imagery(scratch / "utm.tif");
  const auto reduced = io::open_imagery(scratch / "utm.tif", 0.5);
  ASSERT_TRUE(whole && reduced);
  EXPECT_NEAR(static_cast<double>(whole->front()->grid().width) / static_cast<double>(reduced->front()->grid().width), 4, 0.1);
  EXPECT_NEAR(whole->front()->grid().transform.a[0], reduced->front()->grid().transform.a[0], 1);
  const auto block = reduced->front()->fetch({0, 0});
  EXPECT_TRUE(block && *block);
}

}  // namespace
}  // namespace fair::launch
