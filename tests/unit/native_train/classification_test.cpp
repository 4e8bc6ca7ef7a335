// What training of classifiers is made of: losses, samples, and a run that learns.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "core/stac/model_spec.h"
#include "native/onnx/builder.h"
#include "native/onnx/write.h"
#include "native/train/chip_sampler.h"
#include "native/train/classification_loss.h"
#include "native/train/torch_trainer.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::train {
namespace {

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(ClassificationLoss, OneLogitIsWeightedByWhatIsRare) {
  const auto loss = ClassificationLoss::from("BCEWithLogitsLoss", 1, {6, 2}, true);
  ASSERT_TRUE(loss) << loss.error().message();
  const at::Tensor logits = at::tensor({0.5F, -1.0F}).view({2, 1}), labels = at::tensor({1, 0}, at::kLong);
  EXPECT_NEAR((*loss)(logits, labels).item<double>(), (3 * softplus(-0.5) + softplus(-1.0)) / 2, 1e-6);
  const auto plain = ClassificationLoss::from("CrossEntropyLoss", 1, {6, 2}, false);
  ASSERT_TRUE(plain);
  EXPECT_NEAR((*plain)(logits, labels).item<double>(), (softplus(-0.5) + softplus(-1.0)) / 2, 1e-6) << "both names mean the binary one";
}

TEST(ClassificationLoss, SeveralLogitsHaveAWeightAClass) {
  const auto loss = ClassificationLoss::from("CrossEntropyLoss", 3, {4, 2, 0}, true);
  ASSERT_TRUE(loss);
  const at::Tensor logits = at::zeros({2, 3}), labels = at::tensor({0, 1}, at::kLong);
  EXPECT_NEAR((*loss)(logits, labels).item<double>(), std::log(3.0), 1e-6) << "a weighted mean";
  EXPECT_NEAR(loss->weights[0].item<double>(), 6.0 / (2 * 4), 1e-6);
  EXPECT_NEAR(loss->weights[2].item<double>(), 1, 1e-6) << "a class that no chip shows";
  EXPECT_FALSE(ClassificationLoss::from("DiceLoss", 3, {1, 1, 1}, false));
}

/// Chips of one colour: dark ones of class 0, bright ones of class 1; every third is bright.
class Chips : public testing::Test {
 protected:
  void make(int train, int val, std::int32_t width = 48, std::int32_t height = 40) {
    std::vector<io::PackedChip> chips;
    for (int i = 0; i < train + val; ++i) {
      const bool bright = i % 3 == 0;
      auto& pixels = pixels_.emplace_back(static_cast<std::size_t>(width * height * 3));
      for (std::size_t k = 0; k < pixels.size(); ++k)
        pixels[k] = static_cast<std::uint8_t>((bright ? 160 : 40) + (k * 7 + static_cast<std::size_t>(i)) % 40);
      io::PackedChip chip;
      chip.name = "c" + std::to_string(i);
      chip.part = i < train ? io::Part::train : io::Part::val;
      chip.width = width, chip.height = height;
      chip.pixels = pixels.data();
      chip.labels = {{"class", bright ? 1 : 0}};
      chips.push_back(chip);
    }
    const Json header{{"task", "classification"}, {"classes", {{{"name", "dark"}, {"value", 0}}, {{"name", "bright"}, {"value", 1}}}}};
    ASSERT_TRUE(io::write_pack(scratch_ / "dataset.pack", header, chips));
  }
  ChipSampler sampler() {
    ChipSampling how;
    how.side = 32;
    how.place_of_value = {{0, 0}, {1, 1}};
    auto made = ChipSampler::create(*io::DatasetPack::open(scratch_ / "dataset.pack"), how);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  test::Scratch scratch_;
  std::deque<std::vector<std::uint8_t>> pixels_;
};

TEST_F(Chips, AreAllSeenBeforeOneIsSeenAgain) {
  make(9, 3);
  const ChipSampler s = sampler();
  EXPECT_EQ(s.training_chips(2), (std::vector<std::int64_t>{6, 3}));
  for (int pass = 0; pass < 3; ++pass) {
    std::int64_t bright = 0;
    for (int step = 0; step < 3; ++step) bright += s.draw(3 * pass + step, 3).labels.sum().item<std::int64_t>();
    EXPECT_EQ(bright, 3) << "of nine chips in three batches of three";
  }
  const ChipSamples once = s.draw(5, 3), again = sampler().draw(5, 3);
  EXPECT_TRUE(once.pixels.equal(again.pixels)) << "a pure function of seed, step and place";
  EXPECT_FALSE(once.pixels.equal(s.draw(8, 3).pixels));
}

TEST_F(Chips, AreResizedToTheModelsInput) {
  make(3, 2);
  const ChipSamples samples = sampler().validation(0, 8);
  EXPECT_EQ(samples.pixels.sizes(), (at::IntArrayRef{2, 3, 32, 32}));
  EXPECT_TRUE(samples.labels.equal(at::tensor({1, 0}, at::kLong)));
  EXPECT_NEAR(samples.pixels[0].mean().item<double>() * 255, 179.5, 1.5);
  EXPECT_NEAR(samples.pixels[1].mean().item<double>() * 255, 59.5, 1.5);
}

TEST_F(Chips, OfAClassTheModelLacksAreNamed) {
  make(3, 1);
  ChipSampling how;
  how.place_of_value = {{0, 0}};
  const auto made = ChipSampler::create(*io::DatasetPack::open(scratch_ / "dataset.pack"), how);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("chip c0"), std::string::npos) << made.error().message();
}

TEST_F(Chips, TeachAModelToTellThemApart) {
  make(12, 6);
  onnx::Builder b("tiny", 18, 3);
  const auto x = b.input("input", {{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}});
  const auto y = b.relu("relu", b.batch_norm("bn", b.conv("conv", x, onnx::ConvShape{3, 8, 3, 2}), 8));
  b.output(b.identity("logits", b.linear("fc", b.flatten("flat", b.global_average_pool("pool", y)), 8, 1)), {{-1, "batch"}, {1, ""}});
  ASSERT_TRUE(onnx::write_model(scratch_ / "model.onnx", std::move(b).build("0")));
  TrainRequest request;
  request.task = "classification";
  request.model = scratch_ / "model.onnx";
  request.dataset = scratch_ / "dataset.pack";
  request.output = scratch_ / "run";
  request.device = "cpu";
  request.threads = 1;
  request.classes = {"dark", "bright"};
  request.hyperparameters = {{"epochs", 8}, {"batch_size", 6}, {"samples_per_epoch", 24}, {"learning_rate", 0.05}, {"class_weights", "balanced"}};
  request.plugin = {{"average", 0.5}};
  stac::ModelSpec spec;
  spec.id = spec.name = "tiny";
  spec.task = stac::Task::classification;
  spec.input.shape = {-1, 3, 32, 32};
  spec.input.width = spec.input.height = 32;
  spec.input.scaling.scale = {1.0 / 255}, spec.input.scaling.offset = {0};
  spec.output.name = "brightness";
  spec.output.shape = {-1, 1};
  spec.output.classes = {{0, "dark", ""}, {1, "bright", ""}};
  request.metadata = spec.to_metadata();
  const auto trained = make_torch_trainer()->run(request, {});
  ASSERT_TRUE(trained) << trained.error().message();
  EXPECT_EQ(trained->metrics["fair:f1"], 1.0) << trained->metrics.dump();
  EXPECT_LT(trained->history["train_loss"].back().get<double>(), trained->history["train_loss"].front().get<double>());
  spec.output.classes.push_back({2, "grey", ""});
  request.metadata = spec.to_metadata();
  const auto refused = make_torch_trainer()->run(request, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("one value for each of the 3 classes"), std::string::npos) << refused.error().message();
}

}  // namespace
}  // namespace fair::train
