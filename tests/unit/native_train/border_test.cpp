// Borders between touching things: what is learnt, the output that learns it, and that a model learns it.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "native/io/dataset_pack.h"
#include "native/onnx/builder.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/border_head.h"
#include "native/train/border_target.h"
#include "native/train/program.h"
#include "native/train/torch_trainer.h"
#include "tests/unit/native_train/masked_pack.h"

namespace {

using namespace fair;
namespace fs = std::filesystem;

onnx::Model tiny_net(bool turned = false) {
  onnx::Builder b("tiny", 18, 5);
  const auto x = b.input("input", {{-1, "batch"}, {3, ""}, {32, ""}, {32, ""}});
  auto y = b.relu("relu", b.batch_norm("bn", b.conv("conv", x, onnx::ConvShape{3, 8, 3, 1}), 8));
  y = b.relu("mid.relu", b.batch_norm("mid.bn", b.conv("mid.conv", y, onnx::ConvShape{8, 8}), 8));
  y = b.conv("head", y, onnx::ConvShape{8, 2, 3, 1, true});
  if (turned) y = b.node({"turn", "Transpose", "", {y}, {"turned"}, {onnx::integers_attribute("perm", {0, 2, 3, 1})}, ""});
  if (turned) b.output(b.identity("logits", y), {{-1, "batch"}, {32, ""}, {32, ""}, {2, ""}});
  else b.output(b.identity("logits", y), {{-1, "batch"}, {2, ""}, {32, ""}, {32, ""}});
  return std::move(b).build("test");
}

TEST(BorderTarget, IsTheRimOfEveryThing) {
  // Two things side by side, each 6 x 6, in a frame of background.
  constexpr std::int32_t width = 16, height = 10;
  std::vector<std::uint16_t> things(static_cast<std::size_t>(width * height), 0);
  for (int y = 2; y < 8; ++y) {
    for (int x = 2; x < 14; ++x) things[static_cast<std::size_t>(y * width + x)] = x < 8 ? 1 : 2;
  }
  const auto target = train::border_target(things.data(), width, height, 2.0);
  const auto at = [&](int x, int y) { return static_cast<int>(target[static_cast<std::size_t>(y * width + x)]); };
  EXPECT_EQ(at(0, 0), 255);
  EXPECT_EQ(at(2, 5), 1);  // beside the background
  EXPECT_EQ(at(7, 5), 2);  // beside the neighbour
  EXPECT_EQ(at(8, 5), 2);
  EXPECT_EQ(at(6, 5), 2);
  EXPECT_EQ(at(5, 5), 0);
  EXPECT_EQ(at(7, 2), 2);  // and beside the background too
  EXPECT_EQ(at(3, 5), 1);
  EXPECT_EQ(at(4, 5), 0);
  EXPECT_EQ(at(10, 5), 0);
  EXPECT_EQ(at(10, 2), 1);
}

TEST(BorderHead, LeavesTheFirstOutputAsItIsAndComesOffAgain) {
  for (const bool turned : {false, true}) {
    onnx::Model model = tiny_net(turned);
    ASSERT_FALSE(train::has_border_head(model));
    const auto plain = train::Program::compile(model, {});
    ASSERT_TRUE(plain);
    ASSERT_TRUE(train::add_border_head(model, 7));
    ASSERT_TRUE(train::has_border_head(model));
    const auto with = train::Program::compile(model, {});
    ASSERT_TRUE(with) << with.error().message();
    const at::Tensor pixels = at::rand({2, 3, 32, 32});
    const auto outputs = with->run(pixels);
    ASSERT_EQ(outputs.size(), 2U);
    EXPECT_TRUE(at::equal(outputs[0], plain->run(pixels).at(0)));
    const auto wanted = turned ? std::vector<std::int64_t>{2, 32, 32, 1} : std::vector<std::int64_t>{2, 1, 32, 32};
    EXPECT_EQ(outputs[1].sizes().vec(), wanted);
    const auto& shape = *model.graph.outputs[1].shape;
    for (std::size_t axis = 1; axis < 4; ++axis) EXPECT_EQ(shape[axis].value, wanted[axis]);
    train::remove_border_head(model);
    EXPECT_EQ(model.graph.nodes.size(), tiny_net(turned).graph.nodes.size());
    EXPECT_EQ(model.graph.initializers.size(), tiny_net(turned).graph.initializers.size());
  }
}

TEST(BorderHead, SaysWhyAGraphCannotHaveOne) {
  onnx::Builder b("sum", 18, 5);
  const auto x = b.input("input", {{-1, "batch"}, {3, ""}, {8, ""}, {8, ""}});
  b.output(b.add("both", b.conv("a", x, onnx::ConvShape{3, 2}), b.conv("b", x, onnx::ConvShape{3, 2})), {});
  onnx::Model model = std::move(b).build("test");
  const auto added = train::add_border_head(model, 7);
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message().find("both"), std::string::npos) << added.error().message();
  EXPECT_EQ(model.graph.outputs.size(), 1U);
}

/// Chips of two squares that share a side: their colour tells nothing, a dark line between them does.
class TrainerOnTouchingSquares : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("fair_borders_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    ASSERT_TRUE(onnx::write_model(folder_ / "start.onnx", tiny_net()));
  }

  void pack(bool things_known, std::int64_t touching) {
    constexpr std::size_t size = 40;
    std::vector<test::MaskedChip> chips(5);
    for (std::size_t i = 0; i < chips.size(); ++i) {
      auto& [pixels, mask, things] = chips[i];
      const onnx::CounterRandom random(3, i);
      const auto left = random.below(0, 8);
      const auto top = random.below(1, 18);
      for (std::size_t y = 0; y < size; ++y) {
        for (std::size_t x = 0; x < size; ++x) {
          const bool inside = y >= top && y < top + 16 && x >= left && x < left + 28;
          const bool line = inside && (x == left + 13 || x == left + 14 || x == left || x == left + 27 || y == top || y == top + 15);
          mask.push_back(inside ? 1 : 0);
          if (things_known) things.push_back(inside ? (x < left + 14 ? 1 : 2) : 0);
          for (std::uint64_t c = 0; c < 3; ++c)
            pixels.push_back(static_cast<std::uint8_t>((line ? 120 : inside ? 200 : 40) + random.below(10 + (y * size + x) * 3 + c, 20)));
        }
      }
    }
    ASSERT_TRUE(test::write_masked_pack(folder_ / "dataset.pack", {{"touching", touching}, {"gsd", 0.8}}, chips, size));
  }

  Result<train::TrainResult> train(const std::string& borders) {
    train::TrainRequest r;
    r.model = folder_ / "start.onnx";
    r.dataset = folder_ / "dataset.pack";
    r.output = folder_ / ("run_" + borders);
    r.hyperparameters = {{"epochs", 6}, {"batch_size", 4}, {"learning_rate", 0.02}, {"samples_per_epoch", 40}, {"borders", borders}};
    r.plugin = {{"window", 32}};
    r.classes = {"background", "square"};
    r.device = "cpu";
    return train::make_torch_trainer()->run(r, {});
  }

  fs::path folder_;
};

TEST_F(TrainerOnTouchingSquares, LearnsWhereOneEnds) {
  pack(true, 2);
  const auto result = train("auto");
  ASSERT_TRUE(result) << result.error().message();
  const auto model = onnx::read_model(result->onnx);
  ASSERT_TRUE(model);
  ASSERT_TRUE(train::has_border_head(*model));
  auto program = train::Program::compile(*model, {});
  ASSERT_TRUE(program);
  program->set_training(false);
  const auto pack = io::DatasetPack::open(folder_ / "dataset.pack").value();
  const io::PackedChip& chip = pack->chips().back();
  const auto image = at::empty({1, 3, 32, 32});
  const auto target = train::border_target(chip.things, chip.width, chip.height, 2.0);
  for (std::int64_t y = 0; y < 32; ++y) {
    for (std::int64_t x = 0; x < 32; ++x) {
      for (std::int64_t c = 0; c < 3; ++c) image[0][c][y][x] = chip.pixels[(y * chip.width + x) * 3 + c] / 255.0;
    }
  }
  const auto borders = program->run(image).at(1);
  int right = 0, counted = 0;
  for (std::int64_t y = 0; y < 32; ++y) {
    for (std::int64_t x = 0; x < 32; ++x) {
      const int wanted = target[static_cast<std::size_t>(y * chip.width + x)];
      if (wanted == train::no_border_target) continue;
      ++counted;
      right += (borders[0][0][y][x].item<float>() > 0) == (wanted != train::inside_target) ? 1 : 0;
    }
  }
  ASSERT_GT(counted, 100);
  EXPECT_GT(right, 0.85 * counted);
}

TEST_F(TrainerOnTouchingSquares, GoesWithoutWhereNothingTouchesOrNobodyWants) {
  pack(true, 0);
  EXPECT_FALSE(train::has_border_head(onnx::read_model(train("auto").value().onnx).value()));
  EXPECT_TRUE(train::has_border_head(onnx::read_model(train("on").value().onnx).value()));
  pack(true, 2);
  EXPECT_FALSE(train::has_border_head(onnx::read_model(train("off").value().onnx).value()));
}

TEST_F(TrainerOnTouchingSquares, RefusesBordersThatMasksCannotTell) {
  pack(false, 0);
  EXPECT_FALSE(train::has_border_head(onnx::read_model(train("auto").value().onnx).value()));
  const auto refused = train("on");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("footprints"), std::string::npos) << refused.error().message();
  EXPECT_NE(train("perhaps").error().message().find("auto, on or off"), std::string::npos);
}

}  // namespace
