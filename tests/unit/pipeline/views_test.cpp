#include "core/pipeline/views.h"

#include <gtest/gtest.h>

#include <string>

#include "core/vector/geojson.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::pipeline {
namespace {

using stand_in::drive;
using stand_in::Imagery;

InferenceOptions seen_in(std::int32_t views) {
  InferenceOptions options;
  options.tta_views = views;
  options.vectorize.tolerance = 0;
  options.vectorize.orthogonalize = false;
  options.vectorize.area_threshold = 0;
  return options;
}

template <class Model>
std::vector<vector::Feature> predicted(const Imagery& imagery, const InferenceOptions& options, Model&& run, unsigned seed = 0,
                                       const std::vector<std::int64_t>& holes = {}) {
  auto inference = Inference::create(stand_in::spec(32), std::make_shared<stand_in::Plugin>(plugin::ResultKind::scores, 8), imagery.grid, options);
  EXPECT_TRUE(inference) << inference.error().message();
  if (!inference) return {};
  auto outcome = drive(std::move(*inference), imagery, run, seed, holes);
  EXPECT_TRUE(outcome) << outcome.error().message();
  if (!outcome) return {};
  EXPECT_EQ(outcome->progress.windows_done, outcome->progress.windows_total);
  return std::move(outcome->features);
}

std::vector<std::string> lines(const std::vector<vector::Feature>& features) {
  std::vector<std::string> out;
  for (const vector::Feature& f : features) vector::append_text(out.emplace_back(), f, "segmentation");
  return out;
}

/// A model that knows one thing: the upper left quarter of what it sees is a building, whatever it shows.
stand_in::Tensor upper_left(const TensorView& input) {
  stand_in::Tensor out = stand_in::scores_of(input);
  const std::int64_t h = input.shape[2], w = input.shape[3];
  for (std::int64_t i = 0; i < input.shape[0]; ++i) {
    for (std::int64_t k = 0; k < h * w; ++k) {
      const bool there = k / w < h / 2 && k % w < w / 2;
      out.data[static_cast<std::size_t>((2 * i) * h * w + k)] = there ? 0 : 1;
      out.data[static_cast<std::size_t>((2 * i + 1) * h * w + k)] = there ? 1 : 0;
    }
  }
  return out;
}

TEST(Views, AreTurnedBackBeforeTheirMeanIsTaken) {
  const Imagery imagery(32, 32, 32, 32, 1);
  const auto found = [&](std::int32_t views, double threshold) {
    InferenceOptions options = seen_in(views);
    options.confidence_threshold = threshold;
    return predicted(imagery, options, upper_left);
  };
  ASSERT_EQ(found(1, 0.9).size(), 1U);
  const auto halves = found(2, 0.4);  // the quarter itself, and the one across: each seen once in two
  ASSERT_EQ(halves.size(), 2U);
  for (const vector::Feature& f : halves) EXPECT_NEAR(f.confidence, 0.5, 1e-4);
  EXPECT_TRUE(found(2, 0.6).empty());
  for (const std::int32_t views : {4, 8}) {
    const auto whole = found(views, 0.2);
    ASSERT_EQ(whole.size(), 1U) << views;
    EXPECT_NEAR(whole.front().confidence, 0.25, 1e-4);
    EXPECT_TRUE(found(views, 0.3).empty());
  }
}

TEST(Views, OfAModelThatSeesEachPixelForItselfChangeNoOutline) {
  const Imagery imagery(150, 90, 40, 40, 5);
  const auto once = predicted(imagery, seen_in(1), stand_in::scores_of);
  ASSERT_GT(once.size(), 5U);
  for (const std::int32_t views : {2, 4, 8}) {
    const auto often = predicted(imagery, seen_in(views), stand_in::scores_of);
    ASSERT_EQ(often.size(), once.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(often[i].polygons.front().front().size(), once[i].polygons.front().front().size());
      EXPECT_EQ(often[i].polygons.front().front().front().x, once[i].polygons.front().front().front().x);
      EXPECT_NEAR(often[i].confidence, once[i].confidence, 1e-4);
    }
  }
}

TEST(Views, NeitherOrderNorBatchesChangeTheOutcome) {
  Imagery imagery(150, 100, 32, 32, 7);
  const std::vector<std::int64_t> holes{3, 8};
  const auto expected = lines(predicted(imagery, seen_in(4), stand_in::seeing_scores_of, 0, holes));
  ASSERT_FALSE(expected.empty());
  for (unsigned seed = 1; seed < 8; ++seed) {
    InferenceOptions options = seen_in(4);
    options.batch_size = 1 + static_cast<std::int32_t>(seed % 5);
    options.batches_in_flight = 1 + static_cast<std::int32_t>(seed % 4);
    ASSERT_EQ(lines(predicted(imagery, options, stand_in::seeing_scores_of, seed, holes)), expected) << seed;
  }
}

TEST(Views, SayWhatCannotBeSeenInMore) {
  const Json scores{{"result_kind", "scores"}}, boxes{{"result_kind", "boxes"}};
  EXPECT_TRUE(Views::create(8, 32, 32, scores));
  EXPECT_TRUE(Views::create(1, 32, 48, boxes));
  const auto said = [](const auto& refused) { return refused ? "" : refused.error().message(); };
  EXPECT_NE(said(Views::create(3, 32, 32, scores)).find("1, 2, 4 or 8"), std::string::npos);
  EXPECT_NE(said(Views::create(2, 32, 48, scores)).find("not square"), std::string::npos);
  EXPECT_NE(said(Views::create(2, 32, 32, boxes)).find("boxes or labels"), std::string::npos);
}

}  // namespace
}  // namespace fair::pipeline
