// The whole trainer on a tiny detection task: bright squares on dark ground, as boxes.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/stac/model_spec.h"
#include "native/io/dataset_pack.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/torch_trainer.h"
#include "plugins/yolo11n_detection/training/graph.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::train {
namespace {

class TrainerOnBoxes : public testing::Test {
 protected:
  void SetUp() override {
    constexpr int size = 64;
    std::vector<std::vector<std::uint8_t>> pixels(4, std::vector<std::uint8_t>(size * size * 3, 40));
    std::vector<io::PackedChip> chips;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const onnx::CounterRandom random(9, i);
      Json boxes = Json::array();
      for (std::uint64_t k = 0; k < 2; ++k) {
        const auto x = static_cast<int>(random.below(2 * k, 16) + 32 * k), y = static_cast<int>(random.below(2 * k + 1, size - 16));
        for (int row = y; row < y + 16; ++row) std::fill_n(pixels[i].begin() + (row * size + x) * 3, 16 * 3, std::uint8_t{220});
        boxes.push_back({x, y, x + 16, y + 16, 3});
      }
      io::PackedChip chip;
      chip.name = "chip" + std::to_string(i);
      chip.part = i < 3 ? io::Part::train : io::Part::val;
      chip.width = chip.height = size;
      chip.pixels = pixels[i].data();
      chip.labels = {{"boxes", boxes}};
      chips.push_back(chip);
    }
    const Json header{{"task", "object-detection"}, {"id", "squares"}, {"classes", {{{"name", "building"}, {"value", 3}}}}};
    ASSERT_TRUE(io::write_pack(scratch_ / "boxes.pack", header, chips));
    ASSERT_TRUE(onnx::write_model(scratch_ / "start.onnx", yolo11n_detection::yolo11({})));
    const auto item = parse_json(test::slurp(FAIR_SOURCE_DIR "/plugins/yolo11n_detection/items/yolo11n-detection.json"), "item");
    ASSERT_TRUE(item);
    spec_ = *stac::ModelSpec::from_item(*stac::Item::from_json(*item, "item"));
  }

  TrainRequest request(const std::string& output) const {
    TrainRequest r;
    r.task = "object-detection";
    r.model = scratch_ / "start.onnx";
    r.dataset = scratch_ / "boxes.pack";
    r.output = scratch_ / output;
    r.hyperparameters = {{"epochs", 2}, {"batch_size", 2}, {"learning_rate", 2e-3}, {"samples_per_epoch", 8}, {"image_size", 64}, {"mosaic", 0.5}};
    r.plugin = Json::parse(test::slurp(FAIR_SOURCE_DIR "/plugins/yolo11n_detection/description.json"))["training"];
    r.metadata = spec_.to_metadata();
    r.classes = {"building"};
    r.threads = 1;
    r.device = "cpu";
    return r;
  }

  test::Scratch scratch_;
  stac::ModelSpec spec_;
};

TEST_F(TrainerOnBoxes, TrainsKeepsWhatIsFixedAndResumesBitForBit) {
  const auto whole = make_torch_trainer()->run(request("whole"), {});
  ASSERT_TRUE(whole) << whole.error().message();
  EXPECT_EQ(whole->steps, 8);
  const Json& losses = whole->history["train_loss"];
  ASSERT_EQ(losses.size(), 2U);
  for (const char* const key : {"fair:map50", "fair:map50_95", "fair:precision", "fair:recall"}) {
    EXPECT_TRUE(whole->metrics.contains(key)) << key;
  }
  const auto trained = onnx::read_model(whole->onnx);
  ASSERT_TRUE(trained) << trained.error().message();
  const onnx::Model start = yolo11n_detection::yolo11({});
  EXPECT_EQ(trained->graph.initializer("model.23.dfl.conv.weight")->raw, start.graph.initializer("model.23.dfl.conv.weight")->raw);
  EXPECT_NE(trained->graph.initializer("model.0.conv.weight")->raw, start.graph.initializer("model.0.conv.weight")->raw);

  std::atomic<bool> stop = false;
  TrainEvents events;
  events.stop = &stop;
  events.on_step = [&](const StepReport& s) { stop = s.step >= 5; };
  const auto part = make_torch_trainer()->run(request("part"), events);
  ASSERT_TRUE(part) << part.error().message();
  ASSERT_TRUE(part->stopped);
  TrainRequest rest = request("rest");
  rest.resume = scratch_ / "part";
  const auto resumed = make_torch_trainer()->run(rest, {});
  ASSERT_TRUE(resumed) << resumed.error().message();
  EXPECT_EQ(resumed->history["train_loss"], losses);
  EXPECT_EQ(test::slurp(resumed->onnx), test::slurp(whole->onnx));
}

TEST_F(TrainerOnBoxes, FrozenBackbonesStayAsTheyAre) {
  TrainRequest r = request("frozen");
  r.hyperparameters["freeze_encoder"] = true;
  r.hyperparameters["epochs"] = 1;
  const auto result = make_torch_trainer()->run(r, {});
  ASSERT_TRUE(result) << result.error().message();
  const auto trained = onnx::read_model(result->onnx);
  ASSERT_TRUE(trained);
  const onnx::Model start = yolo11n_detection::yolo11({});
  for (const char* const name : {"model.0.conv.weight", "model.10.cv2.bn.running_mean"})
    EXPECT_EQ(trained->graph.initializer(name)->raw, start.graph.initializer(name)->raw) << name;
  EXPECT_NE(trained->graph.initializer("model.13.cv1.conv.weight")->raw, start.graph.initializer("model.13.cv1.conv.weight")->raw);
}

TEST_F(TrainerOnBoxes, WhatCannotBeTrainedIsASentence) {
  TrainRequest odd = request("odd");
  odd.hyperparameters["image_size"] = 100;
  const auto refused = make_torch_trainer()->run(odd, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("multiple of 32"), std::string::npos);
  TrainRequest classes = request("classes");
  classes.classes = {"building", "road"};
  const auto other = make_torch_trainer()->run(classes, {});
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message().find("2 classes"), std::string::npos) << other.error().message();
}

}  // namespace
}  // namespace fair::train
