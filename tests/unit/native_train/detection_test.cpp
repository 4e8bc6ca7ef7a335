// What training of detectors is made of: overlaps, assignment, losses, samples.
#include <gtest/gtest.h>

#include "native/onnx/builder.h"
#include "native/train/box_loss.h"
#include "native/train/box_sampler.h"
#include "native/train/detection_task.h"
#include "native/train/optimizer.h"
#include "plugins/yolo11n_detection/training/graph.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::train {
namespace {

at::Tensor boxes(const std::vector<float>& values) {
  at::Tensor out = at::empty({static_cast<std::int64_t>(values.size()) / 4, 4}, at::kFloat);
  std::copy(values.begin(), values.end(), out.data_ptr<float>());
  return out;
}

TEST(CompleteIou, IsTheOverlapLessDistanceAndShape) {
  const at::Tensor a = boxes({0, 0, 10, 10}), b = boxes({0, 0, 10, 10, 5, 0, 15, 10, 20, 0, 30, 10, 0, 0, 20, 5});
  const at::Tensor iou = complete_iou(a, b);
  EXPECT_NEAR(iou[0].item<double>(), 1.0, 1e-6);
  EXPECT_NEAR(iou[1].item<double>(), 1.0 / 3 - 25.0 / (15 * 15 + 100), 1e-6) << "moved by half its width";
  EXPECT_NEAR(iou[2].item<double>(), -400.0 / (900 + 100), 1e-6) << "apart";
  const double v = 4 / (M_PI * M_PI) * std::pow(std::atan(4.0) - std::atan(1.0), 2), overlap = 50.0 / 150;
  EXPECT_NEAR(iou[3].item<double>(), overlap - (5 * 5 + 2.5 * 2.5) / 500.0 - v * v / (1 - overlap + v), 1e-5) << "of another shape";
}

TEST(Assignment, TheAnchorsInABoxThatFitItBestAnswerForIt) {
  // Four anchors in a row, two inside the first box, one in the second, one in none.
  const at::Tensor points = at::tensor({4.0F, 5.0F, 8.0F, 5.0F, 25.0F, 5.0F, 50.0F, 5.0F}).view({4, 2});
  const at::Tensor predicted = boxes({0, 0, 10, 10, 0, 0, 8, 8, 20, 0, 30, 9, 45, 0, 55, 10});
  const at::Tensor probabilities = at::full({4, 2}, 0.25);
  const at::Tensor truths = boxes({0, 0, 10, 10, 20, 0, 30, 10}), classes = at::tensor({1, 0}, at::kLong);
  const Assignment a = assign_boxes(probabilities, predicted, points, truths, classes);
  EXPECT_TRUE(a.taken.equal(at::tensor({1, 1, 1, 0}, at::kByte).to(at::kBool)));
  EXPECT_TRUE(a.boxes[2].equal(truths[1]));
  EXPECT_NEAR(a.scores[0][1].item<double>(), 1.0, 1e-5) << "the best anchor is asked for its own overlap";
  EXPECT_GT(a.scores[1][1].item<double>(), 0.0);
  EXPECT_LT(a.scores[1][1].item<double>(), 0.2) << "the other for its share: an overlap of 0.64 to the sixth power";
  EXPECT_EQ(a.scores[0][0].item<double>(), 0.0);
  EXPECT_EQ(a.scores[3].sum().item<double>(), 0.0);
}

TEST(Assignment, AContestedAnchorGoesToTheBoxItOverlapsMost) {
  const at::Tensor points = at::tensor({5.0F, 5.0F}).view({1, 2});
  const at::Tensor truths = boxes({0, 0, 30, 30, 0, 0, 10, 10});
  const Assignment a = assign_boxes(at::full({1, 1}, 0.5), boxes({0, 0, 11, 11}), points, truths, at::zeros({2}, at::kLong));
  EXPECT_TRUE(a.boxes[0].equal(truths[1]));
}

TEST(Assignment, WithoutBoxesNothingIsTaken) {
  const Assignment a = assign_boxes(at::full({3, 2}, 0.5), at::zeros({3, 4}), at::zeros({3, 2}), at::zeros({0, 4}), at::zeros({0}, at::kLong));
  EXPECT_FALSE(a.taken.any().item<bool>());
  EXPECT_EQ(a.scores.sum().item<double>(), 0.0);
}

TEST(BoxLoss, AnImageWithoutThingsStillTeachesAndIsFinite) {
  HeadMaps maps;
  for (const std::int64_t n : {4, 2, 1}) {
    maps.sides.push_back(at::zeros({1, 64, n, n}).requires_grad_());
    maps.classes.push_back(at::zeros({1, 1, n, n}).requires_grad_());
  }
  const BoxLossParts parts = box_loss(maps, 32, at::zeros({0, 6}));
  EXPECT_EQ(parts.box.item<double>(), 0.0);
  EXPECT_NEAR(parts.classes.item<double>(), 0.5 * 21 * std::log(2.0), 1e-4);
  parts.sum().backward();
  EXPECT_TRUE(maps.sides[0].grad().defined());
}

TEST(Yolo11n, ItsLossFallsOnOneBatch) {
  const onnx::Model model = yolo11n_detection::yolo11({});
  ProgramOptions options;
  options.frozen = {"model.23.dfl."};
  options.taps = *detection_taps(model);
  ASSERT_EQ(options.taps.size(), 6U);
  auto program = Program::compile(model, options);
  ASSERT_TRUE(program) << program.error().message();
  program->set_training(true);
  const at::Tensor pixels = at::rand({2, 3, 64, 64}),
                   targets = at::tensor({0.0F, 0.0F, 8.0F, 8.0F, 40.0F, 48.0F, 1.0F, 0.0F, 20.0F, 4.0F, 60.0F, 30.0F}).view({2, 6});
  Optimizer optimizer(program->parameters(), *OptimizerOptions::from("AdamW"));
  double first = 0, last = 0;
  for (int step = 0; step < 12; ++step) {
    const Tensors outputs = program->run(pixels);
    ASSERT_EQ(outputs[0].sizes(), at::IntArrayRef({2, 5, 84}));
    const at::Tensor loss = box_loss({{outputs[1], outputs[2], outputs[3]}, {outputs[4], outputs[5], outputs[6]}}, 64, targets).sum();
    last = loss.item<double>();
    if (step == 0) first = last;
    loss.backward();
    optimizer.step(2e-3);
  }
  EXPECT_LT(last, 0.8 * first);
}

class Sampling : public ::testing::Test {
 protected:
  void SetUp() override {
    // A dark chip with a bright thing on it, so that boxes can be checked against pixels.
    for (std::size_t i = 0; i < 2; ++i) {
      for (int y = 20; y < 50; ++y) {
        for (int x = 30; x < 70; ++x) std::fill_n(&pixels_[static_cast<std::size_t>((y * 96 + x) * 3)], 3, std::uint8_t{255});
      }
    }
    std::vector<io::PackedChip> chips(2);
    for (io::PackedChip& chip : chips) {
      chip.name = "chip";
      chip.width = chip.height = 96;
      chip.pixels = pixels_.data();
      chip.labels = {{"boxes", Json::array({{30, 20, 70, 50, 7}})}};
    }
    chips[1].part = io::Part::val;
    ASSERT_TRUE(io::write_pack(scratch_ / "boxes.pack", {{"task", "object-detection"}}, chips));
    auto opened = io::DatasetPack::open(scratch_ / "boxes.pack");
    ASSERT_TRUE(opened) << opened.error().message();
    pack_ = *opened;
    how_.side = 64;
    how_.index_of_value = {{7, 0}};
    how_.augmentation.value = how_.augmentation.hue = how_.augmentation.saturation = 0;
  }
  test::Scratch scratch_;
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(96 * 96 * 3, 10);
  std::shared_ptr<io::DatasetPack> pack_;
  BoxSampling how_;
};

TEST_F(Sampling, SamplesAreAFunctionOfSeedStepAndPlace) {
  const auto sampler = BoxSampler::create(pack_, how_);
  ASSERT_TRUE(sampler) << sampler.error().message();
  const Batch a = sampler->draw(3, 2), b = sampler->draw(3, 2), c = sampler->draw(4, 2);
  EXPECT_TRUE(a.pixels.equal(b.pixels));
  EXPECT_TRUE(a.targets[0].equal(b.targets[0]));
  EXPECT_FALSE(a.pixels.equal(c.pixels));
  EXPECT_EQ(a.pixels.sizes(), at::IntArrayRef({2, 3, 64, 64}));
}

TEST_F(Sampling, BoxesLieOnWhatTheyMeanHoweverItWasTurnedAndPutTogether) {
  const auto sampler = BoxSampler::create(pack_, how_);
  ASSERT_TRUE(sampler);
  std::int64_t boxes = 0;
  for (std::int64_t step = 0; step < 40; ++step) {
    const Batch batch = sampler->draw(step, 1);
    const at::Tensor bright = batch.pixels[0][0].gt(0.8);
    at::Tensor covered = at::zeros({64, 64}, at::kBool);
    for (std::int64_t i = 0; i < batch.targets[0].size(0); ++i, ++boxes) {
      const at::Tensor row = batch.targets[0][i];
      const auto at = [&](std::int64_t k) { return static_cast<std::int64_t>(std::lround(row[k].item<double>())); };
      covered.slice(0, at(3), at(5)).slice(1, at(2), at(4)).fill_(true);
      const at::Tensor inside = bright.slice(0, at(3) + 1, at(5) - 1).slice(1, at(2) + 1, at(4) - 1);
      EXPECT_TRUE(inside.numel() == 0 || inside.all().item<bool>()) << "step " << step;
    }
    EXPECT_LT(bright.logical_and(covered.logical_not()).sum().item<std::int64_t>(), 200) << "step " << step << ": only slivers have no box";
  }
  EXPECT_GT(boxes, 40);
}

TEST_F(Sampling, ValidationChipsAreScaledAndNothingElse) {
  const auto sampler = BoxSampler::create(pack_, how_);
  ASSERT_TRUE(sampler);
  EXPECT_EQ(sampler->validation_chips(), 1);
  const at::Tensor rows = sampler->validation(0, 8).targets[0];
  ASSERT_EQ(rows.sizes(), at::IntArrayRef({1, 6}));
  const at::Tensor expected = at::tensor({0.0F, 0.0F, 20.0F, 40.0F / 3, 140.0F / 3, 100.0F / 3});
  EXPECT_TRUE(rows[0].allclose(expected)) << rows;
}

TEST_F(Sampling, AClassTheModelLacksIsNamed) {
  how_.index_of_value = {{1, 0}};
  const auto sampler = BoxSampler::create(pack_, how_);
  ASSERT_FALSE(sampler);
  EXPECT_NE(sampler.error().message().find("class value 7"), std::string::npos);
}

TEST(DetectionTaps, AGraphWithoutSuchAHeadIsRefused) {
  onnx::Builder b("none", 18, 1);
  const auto x = b.input("x", {{1, ""}, {3, ""}, {8, ""}, {8, ""}});
  b.output(b.relu("r", x), {{1, ""}, {3, ""}, {8, ""}, {8, ""}});
  const auto taps = detection_taps(std::move(b).build("1"));
  ASSERT_FALSE(taps);
  EXPECT_EQ(taps.error().code, Code::unsupported);
}

}  // namespace
}  // namespace fair::train
