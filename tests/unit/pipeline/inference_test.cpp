#include "core/pipeline/inference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/geo/transform.h"
#include "core/vector/geojson.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::pipeline {
namespace {

using stand_in::drive;
using stand_in::Imagery;

InferenceOptions plain() {
  InferenceOptions options;
  options.vectorize.tolerance = 0;
  options.vectorize.orthogonalize = false;
  options.vectorize.area_threshold = 0;
  return options;
}

std::vector<std::string> lines(const std::vector<vector::Feature>& features) {
  std::vector<std::string> out;
  for (const vector::Feature& f : features) {
    out.emplace_back();
    vector::append_text(out.back(), f, "segmentation");
  }
  return out;
}

template <class Model>
std::vector<std::string> predicted(const Imagery& imagery, const stac::ModelSpec& model, const InferenceOptions& options, Model&& run,
                                   unsigned seed = 0, const std::vector<std::int64_t>& holes = {}, std::int32_t overlap = 8) {
  auto inference = Inference::create(model, std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, overlap), imagery.grid, options);
  EXPECT_TRUE(inference) << inference.error().message();
  if (!inference) return {};
  auto outcome = drive(std::move(*inference), imagery, run, seed, holes);
  EXPECT_TRUE(outcome) << outcome.error().message();
  return outcome ? lines(outcome->features) : std::vector<std::string>{};
}

TEST(Inference, NeitherOrderNorBatchesNorBlockSizesChangeTheOutcome) {
  for (const auto& [width, height] : {std::pair{150, 200}, std::pair{200, 150}, std::pair{31, 90}, std::pair{20, 20}}) {
    Imagery imagery(width, height, 32, 32, 7);
    const InferenceOptions options = plain();
    const auto expected = predicted(imagery, stand_in::spec(32), options, stand_in::seeing_scores_of);
    ASSERT_FALSE(expected.empty());
    for (unsigned seed = 1; seed < 12; ++seed) {
      InferenceOptions shuffled = options;
      shuffled.batch_size = 1 + static_cast<std::int32_t>(seed % 5);
      shuffled.batches_in_flight = 1 + static_cast<std::int32_t>(seed % 4);
      imagery.cut(7 + static_cast<std::int32_t>(seed * 13 % 50), 5 + static_cast<std::int32_t>(seed * 7 % 90));
      ASSERT_EQ(predicted(imagery, stand_in::spec(32), shuffled, stand_in::seeing_scores_of, seed), expected)
          << width << "x" << height << " seed " << seed;
    }
  }
}

TEST(Inference, ResamplingIsAsIndifferentToBlocks) {
  for (const double gsd : {0.2, 0.5, 0.9}) {
    Imagery imagery(150, 211, 64, 64, 9);
    stac::ModelSpec model = stand_in::spec(32);
    model.gsd = gsd;
    const auto expected = predicted(imagery, model, plain(), stand_in::scores_of);
    ASSERT_FALSE(expected.empty());
    for (unsigned seed = 1; seed < 6; ++seed) {
      imagery.cut(11 + static_cast<std::int32_t>(seed * 17), 9 + static_cast<std::int32_t>(seed * 23));
      ASSERT_EQ(predicted(imagery, model, plain(), stand_in::scores_of, seed), expected) << gsd;
    }
  }
}

TEST(Inference, WideAndHighAreasGiveTheSameFeatures) {
  // The same picture, once walked in columns of windows, once in rows because of empty ground below it.
  Imagery wide(160, 96, 32, 32, 11);
  Imagery high = wide;
  high.picture.height = 192;
  high.picture.pixels.resize(160 * 192 * 3, 40);
  high.cut(32, 32);
  InferenceOptions options = plain();
  options.vectorize.area_threshold = 1;
  auto a = predicted(wide, stand_in::spec(32), options, stand_in::scores_of);
  auto b = predicted(high, stand_in::spec(32), options, stand_in::scores_of);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  ASSERT_GT(a.size(), 5U);
  EXPECT_EQ(a, b);
}

TEST(Inference, ThingsAcrossManyWindowsComeOutWhole) {
  Imagery imagery(120, 120, 16, 16, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{0});
  for (int y = 10; y < 110; ++y) std::fill_n(&imagery.picture.pixels[static_cast<std::size_t>((y * 120 + 10) * 3)], 300, std::uint8_t{255});
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8), imagery.grid, plain());
  const auto outcome = drive(std::move(*inference), imagery, stand_in::scores_of);
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->features.size(), 1U);
  EXPECT_EQ(outcome->features[0].polygons.front().front().size(), 4U);
  EXPECT_NEAR(outcome->features[0].confidence, 1, 1e-4);
  EXPECT_EQ(outcome->progress.windows_done, outcome->progress.windows_total);
}

TEST(Inference, WhatLiesOutsideTheAreaIsCutAway) {
  for (const auto& [width, height] : {std::pair{150, 200}, std::pair{200, 150}}) {
    Imagery imagery(width, height, 64, 64, 7);
    std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{255});  // one building as large as the picture
    const auto corner = [&](double x, double y) {
      const geo::LonLat at = geo::pixel_to_lon_lat(imagery.grid.crs, imagery.grid.transform, x, y);
      return vector::Point{at.lon, at.lat};
    };
    InferenceOptions options = plain();
    // Two L-shaped halves of the area share ground: it is kept once. The second has a hole.
    options.area = {{{corner(10, 20), corner(60, 20), corner(60, 100), corner(10, 100)}},
                    {{corner(40, 80), corner(140, 80), corner(140, 140), corner(40, 140)},
                     {corner(100, 100), corner(120, 100), corner(120, 110), corner(100, 110)}}};
    auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8), imagery.grid, options);
    ASSERT_TRUE(inference) << inference.error().message();
    const auto outcome = drive(std::move(*inference), imagery, stand_in::scores_of);
    ASSERT_TRUE(outcome) << outcome.error().message();
    ASSERT_EQ(outcome->features.size(), 1U);
    const vector::Feature& feature = outcome->features.front();
    ASSERT_EQ(feature.polygons.front().size(), 2U);
    EXPECT_EQ(feature.polygons.front()[0].size(), 8U);
    EXPECT_EQ(feature.polygons.front()[1].size(), 4U);
    const geo::GroundSize pixel = geo::ground_size(imagery.grid.crs, imagery.grid.transform, 75, 80);
    EXPECT_NEAR(feature.area_m2, (50 * 80 + 100 * 60 - 20 * 20 - 20 * 10) * pixel.across * pixel.down, 20);
  }
}

TEST(Inference, HolesInTheImageryAreBackgroundAndAreNotRun) {
  Imagery imagery(96, 96, 32, 32, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{255});
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 0), imagery.grid, plain());
  const auto outcome = drive(std::move(*inference), imagery, stand_in::scores_of, 3, {0, 4});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->batches, 7);
  ASSERT_EQ(outcome->features.size(), 1U);
  const auto& polygon = outcome->features[0].polygons.front();
  EXPECT_EQ(outcome->features[0].polygons.size() * 10 + polygon.size(), 12U) << "one part with one hole";
}

TEST(Inference, AnAreaWithoutAnyImageryEndsEmpty) {
  Imagery imagery(96, 64, 32, 32, 1);
  imagery.grid.present.assign(6, false);
  EXPECT_TRUE(predicted(imagery, stand_in::spec(32), plain(), stand_in::scores_of).empty());
  imagery.grid.present.clear();
  EXPECT_TRUE(predicted(imagery, stand_in::spec(32), plain(), stand_in::scores_of, 1, {0, 1, 2, 3, 4, 5}).empty());
}

TEST(Inference, InvalidPixelsAreBackground) {
  Imagery imagery(64, 64, 64, 64, 1);
  std::fill(imagery.picture.pixels.begin(), imagery.picture.pixels.end(), std::uint8_t{255});
  imagery.picture.valid.assign(64 * 64, 1);
  for (int y = 0; y < 64; ++y) std::fill_n(&imagery.picture.valid[static_cast<std::size_t>(y * 64 + 20)], 10, std::uint8_t{0});
  EXPECT_EQ(predicted(imagery, stand_in::spec(32), plain(), stand_in::scores_of).size(), 2U);
}

TEST(Inference, AFixedBatchIsFilledUp) {
  Imagery imagery(96, 96, 32, 32, 5);
  const auto expected = predicted(imagery, stand_in::spec(32), plain(), stand_in::scores_of);
  stac::ModelSpec fixed = stand_in::spec(32);
  fixed.input.shape[0] = 4;
  const auto sized = [](const TensorView& input) {
    EXPECT_EQ(input.shape[0], 4);
    return stand_in::scores_of(input);
  };
  EXPECT_EQ(predicted(imagery, fixed, plain(), sized), expected);
}

TEST(Inference, SaysWhenImageryIsFarFromWhatTheModelLearnt) {
  Imagery imagery(64, 64, 64, 64, 1);
  stac::ModelSpec model = stand_in::spec(32);
  const auto plugin = std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8);
  model.gsd = 0.27;
  EXPECT_TRUE(Inference::create(model, plugin, imagery.grid, plain())->warnings().empty());
  model.gsd = 0.6;
  ASSERT_EQ(Inference::create(model, plugin, imagery.grid, plain())->warnings().size(), 1U);
  const auto boxes = std::make_shared<stand_in::Plugin>(plugin::ResultKind::boxes, 8);
  EXPECT_TRUE(Inference::create(model, boxes, imagery.grid, plain())->warnings().empty()) << "detectors learn from shrunk chips";
  model.gsd = 0.1;
  EXPECT_EQ(Inference::create(model, boxes, imagery.grid, plain())->warnings().size(), 1U) << "coarser imagery lacks what they look for";
  model.gsd = 60;
  EXPECT_FALSE(Inference::create(model, plugin, imagery.grid, plain()));
}

TEST(Inference, RefusesWhatMakesNoSense) {
  Imagery imagery(64, 64, 64, 64, 1);
  const auto plugin = std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8);
  const stac::ModelSpec model = stand_in::spec(32);
  InferenceOptions options = plain();
  options.confidence_threshold = 1.5;
  EXPECT_FALSE(Inference::create(model, plugin, imagery.grid, options));
  options = plain();
  options.overlap = 20;
  EXPECT_FALSE(Inference::create(model, plugin, imagery.grid, options));
  options = plain();
  EXPECT_FALSE(Inference::create(model, nullptr, imagery.grid, options));
  geo::BlockGrid empty = imagery.grid;
  empty.columns = 0;
  EXPECT_FALSE(Inference::create(model, plugin, empty, options));
  geo::BlockGrid flat = imagery.grid;
  flat.transform = {{9500000, 0.3, 0.3, 3200000, -0.3, -0.3}};  // rows lie on columns: no place has one pixel
  const auto on_a_line = Inference::create(model, plugin, flat, options);
  ASSERT_FALSE(on_a_line);
  EXPECT_NE(on_a_line.error().message().find("georeference"), std::string::npos) << on_a_line.error().message();
  stac::ModelSpec nameless = model;
  nameless.output.classes.clear();
  EXPECT_FALSE(Inference::create(nameless, plugin, imagery.grid, options));
}

TEST(Inference, AResultOfTheWrongShapeIsAnErrorThatNamesShapes) {
  Imagery imagery(64, 64, 64, 64, 1);
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8), imagery.grid, plain());
  const auto outcome = drive(std::move(*inference), imagery, [](const TensorView& input) {
    return stand_in::Tensor{std::vector<float>(16), {input.shape[0], 1, 4, 4}};
  });
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message().find("[1, 1, 4, 4]"), std::string::npos) << outcome.error().message();
}

TEST(Inference, BlocksNotAskedForAreRefused) {
  Imagery imagery(64, 64, 32, 32, 1);
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8), imagery.grid, plain());
  EXPECT_FALSE(inference->give_block({0, 0}, std::nullopt));
  const auto blocks = inference->next_blocks(1);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_TRUE(inference->give_block(blocks[0], std::nullopt));
  EXPECT_FALSE(inference->give_block(blocks[0], std::nullopt));
  EXPECT_FALSE(inference->give_outputs(99, {}));
}

}  // namespace
}  // namespace fair::pipeline
