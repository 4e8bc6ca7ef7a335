// The whole trainer on a tiny task: bright squares on dark ground.
#include "native/train/trainer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "native/io/dataset_pack.h"
#include "native/onnx/builder.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/int8_weights.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/sampler.h"
#include "native/train/torch_trainer.h"
#include "tests/unit/native_train/masked_pack.h"

namespace {

using namespace fair;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

onnx::Model tiny_net(std::int64_t channels = 2, std::int64_t width = 8) {
  onnx::Builder b("tiny", 18, 5);
  const auto x = b.input("input", {{-1, "batch"}, {3, ""}, {32, ""}, {32, ""}});
  auto y = b.relu("encoder.relu", b.batch_norm("encoder.bn", b.conv("encoder.conv", x, onnx::ConvShape{3, width, 3, 2}), width));
  y = b.relu("mid.relu", b.batch_norm("mid.bn", b.conv("mid.conv", y, onnx::ConvShape{width, width}), width));
  y = b.upsample("up", b.conv("head", y, onnx::ConvShape{width, channels, 3, 1, true}), 2, onnx::Builder::Resizing::linear);
  b.output(b.identity("logits", y), {});
  return std::move(b).build("test");
}

class TrainerOnSquares : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("fair_trainer_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    constexpr int size = 48;
    std::vector<test::MaskedChip> chips(6);
    for (std::size_t i = 0; i < chips.size(); ++i) {
      auto& [pixels, mask, things] = chips[i];
      const onnx::CounterRandom random(9, i);
      mask.assign(size * size, 0);
      for (std::uint64_t k = 0; k < 5; ++k) {
        const auto x0 = random.below(2 * k, size - 12);
        const auto y0 = random.below(2 * k + 1, size - 12);
        for (std::size_t y = y0; y < y0 + 10; ++y) std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(y * size + x0), 10, 1);
      }
      for (std::size_t p = 0; p < mask.size(); ++p) {
        for (std::uint64_t c = 0; c < 3; ++c) pixels.push_back(static_cast<std::uint8_t>((mask[p] ? 150 : 60) + random.below(1000 + 3 * p + c, 60)));
      }
    }
    ASSERT_TRUE(test::write_masked_pack(folder_ / "dataset.pack", Json::object({{"id", "squares"}}), chips, size));
    ASSERT_TRUE(onnx::write_model(folder_ / "start.onnx", tiny_net()));
  }

  train::TrainRequest request(const std::string& output, int epochs) const {
    train::TrainRequest r;
    r.model = folder_ / "start.onnx";
    r.dataset = folder_ / "dataset.pack";
    r.output = folder_ / output;
    r.hyperparameters = {{"epochs", epochs}, {"batch_size", 4}, {"learning_rate", 0.02}, {"samples_per_epoch", 24}, {"freeze_encoder", false}};
    r.plugin = {{"window", 32}, {"parameter_groups", {{"encoder", {"encoder."}}}}};
    r.classes = {"background", "square"};
    r.threads = 2;
    r.device = "cpu";
    return r;
  }

  fs::path folder_;
};

TEST_F(TrainerOnSquares, TargetsArePlacesAmongTheModelsClasses) {
  const auto pack = io::DatasetPack::open(folder_ / "dataset.pack");
  ASSERT_TRUE(pack);
  auto sampler = train::Sampler::create(*pack, 32, {}, {}, 1);
  ASSERT_TRUE(sampler);
  const at::Tensor values = sampler->draw(0, 4).targets;
  const auto pixels = sampler->training_pixels();
  sampler->know_places({{0, 2}, {1, 0}});
  EXPECT_TRUE(at::equal(sampler->draw(0, 4).targets, at::where(values == 0, 2, 0)));
  EXPECT_EQ(sampler->training_pixels()[2], pixels[0]);
  sampler->know_places({{1, 0}});
  EXPECT_TRUE(at::equal(sampler->draw(0, 4).targets, at::where(values == 0, 255, 0))) << "what the model lacks is ignored";
}

TEST_F(TrainerOnSquares, Learns) {
  int epochs = 0;
  train::TrainEvents events;
  events.on_epoch = [&](const train::EpochReport& e) { EXPECT_EQ(e.epoch, ++epochs); };
  const auto result = train::make_torch_trainer()->run(request("run", 8), events);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_FALSE(result->stopped);
  EXPECT_EQ(epochs, 8);
  EXPECT_EQ(result->steps, 48);
  EXPECT_GT(result->metrics["fair:mean_iou"].get<double>(), 0.9);
  EXPECT_EQ(result->history["train_loss"].size(), 8U);
  const auto model = onnx::read_model(result->onnx);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_NE(model->graph.initializer("mid.conv.weight")->raw, tiny_net().graph.initializer("mid.conv.weight")->raw);
  EXPECT_NE(model->metadata_value("fair.item"), nullptr);
  EXPECT_TRUE(fs::exists(result->checkpoint));
}

TEST_F(TrainerOnSquares, LearnsInEitherPrecision) {
  std::vector<double> first_losses;
  for (const char* const precision : {"float32", "bfloat16"}) {
    auto wanted = request(precision, 8);
    wanted.hyperparameters["precision"] = precision;
    const auto result = train::make_torch_trainer()->run(wanted, {});
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->precision, precision);
    EXPECT_GT(result->metrics["fair:mean_iou"].get<double>(), 0.9) << precision;
    first_losses.push_back(result->history["train_loss"][0].get<double>());
  }
  EXPECT_NE(first_losses[0], first_losses[1]) << "bfloat16 was not used";
  EXPECT_NEAR(first_losses[0], first_losses[1], 0.03 * first_losses[0]);
  auto odd = request("odd", 1);
  odd.hyperparameters["precision"] = "half";
  const auto refused = train::make_torch_trainer()->run(odd, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::usage);
}

TEST_F(TrainerOnSquares, TrainsOnFromInt8Weights) {
  const auto small = onnx::with_int8_weights(tiny_net(2, 16));
  ASSERT_TRUE(small) << small.error().message();
  ASSERT_TRUE(onnx::write_model(folder_ / "start.onnx", *small));
  const auto result = train::make_torch_trainer()->run(request("run", 1), {});
  ASSERT_TRUE(result) << result.error().message();
  const auto model = onnx::read_model(result->onnx);
  ASSERT_TRUE(model) << model.error().message();
  const auto* trained = model->graph.initializer("mid.conv.weight");
  ASSERT_NE(trained, nullptr);
  EXPECT_EQ(trained->type, onnx::ElementType::f32);
  const auto start = onnx::with_int8_weights_restored(*small);
  EXPECT_NE(trained->raw, start.graph.initializer("mid.conv.weight")->raw);
}

TEST_F(TrainerOnSquares, ResumesBitForBitAfterAStop) {
  const auto whole = train::make_torch_trainer()->run(request("whole", 4), {});
  ASSERT_TRUE(whole) << whole.error().message();
  for (const int stop_at : {12, 15}) {  // at the end of an epoch and in the middle of one
    const auto name = "part" + std::to_string(stop_at);
    std::atomic<bool> stop = false;
    train::TrainEvents events;
    events.stop = &stop;
    events.on_step = [&](const train::StepReport& s) { stop = s.step == stop_at; };
    const auto first = train::make_torch_trainer()->run(request(name, 4), events);
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_TRUE(first->stopped);
    EXPECT_EQ(first->steps, stop_at);
    auto onwards = request(name + "_resumed", 4);
    onwards.resume = folder_ / name;
    const auto second = train::make_torch_trainer()->run(onwards, {});
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_EQ(second->steps, whole->steps);
    EXPECT_EQ(bytes_of(second->onnx), bytes_of(whole->onnx));
    EXPECT_EQ(bytes_of(second->checkpoint), bytes_of(whole->checkpoint));
    EXPECT_EQ(second->history, whole->history);
  }
}

TEST_F(TrainerOnSquares, RefusesADamagedCheckpoint) {
  ASSERT_TRUE(train::make_torch_trainer()->run(request("run", 1), {}));
  const auto bytes = bytes_of(folder_ / "run" / "last.checkpoint");
  const auto refused = [&](const std::string& spoiled, const std::string& named) {
    fs::create_directories(folder_ / "bad");
    std::ofstream(folder_ / "bad" / "last.checkpoint", std::ios::binary) << spoiled;
    auto onwards = request("more", 2);
    onwards.resume = folder_ / "bad";
    const auto result = train::make_torch_trainer()->run(onwards, {});
    ASSERT_FALSE(result) << named;
    EXPECT_NE(result.error().message().find(named), std::string::npos) << result.error().message();
  };
  for (const std::size_t at : {std::size_t{40}, bytes.size() - 9}) {  // in its text and in its tensors
    auto spoiled = bytes;
    spoiled[at] = static_cast<char>(spoiled[at] ^ 1);
    refused(spoiled, "damaged bytes");
  }
  refused(bytes.substr(0, bytes.size() / 2), "another length");
  refused(bytes.substr(0, 20), "another kind of file");
  refused("", "another kind of file");
  auto onwards = request("more", 2);
  onwards.hyperparameters["optimizer"] = "SGD";
  onwards.resume = folder_ / "run";
  EXPECT_FALSE(train::make_torch_trainer()->run(onwards, {}));
  onwards.resume = folder_ / "nowhere";
  EXPECT_FALSE(train::make_torch_trainer()->run(onwards, {}));
}

TEST_F(TrainerOnSquares, KeepsAFrozenEncoder) {
  auto r = request("run", 1);
  r.hyperparameters["freeze_encoder"] = true;
  const auto result = train::make_torch_trainer()->run(r, {});
  ASSERT_TRUE(result) << result.error().message();
  const auto after = *onnx::read_model(result->onnx);
  const auto before = tiny_net();
  for (const auto* name : {"encoder.conv.weight", "encoder.bn.weight", "encoder.bn.running_var"}) {
    EXPECT_EQ(after.graph.initializer(name)->raw, before.graph.initializer(name)->raw) << name;
  }
  EXPECT_NE(after.graph.initializer("mid.bn.running_var")->raw, before.graph.initializer("mid.bn.running_var")->raw);
  r.plugin["parameter_groups"] = {{"encoder", {"backbone."}}};
  EXPECT_FALSE(train::make_torch_trainer()->run(r, {}));
}

TEST_F(TrainerOnSquares, LearnsWithOneChannelAndOtherLosses) {
  ASSERT_TRUE(onnx::write_model(folder_ / "start.onnx", tiny_net(1)));
  for (const char* loss : {"CrossEntropyLoss", "BCEWithLogitsLoss", "ce+dice"}) {
    auto r = request("one", 8);
    r.hyperparameters["loss"] = loss;
    const auto result = train::make_torch_trainer()->run(r, {});
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_GT(result->metrics["fair:mean_iou"].get<double>(), 0.85) << loss;
  }
}

TEST_F(TrainerOnSquares, KeepsToItsTime) {
  auto r = request("run", 1);
  r.max_minutes = 0.05;
  const auto result = train::make_torch_trainer()->run(r, {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_GT(result->steps, 6);
  EXPECT_LT(result->seconds, 6.0);
  r.epochs_limit = true;
  r.max_minutes = 10;
  const auto short_one = train::make_torch_trainer()->run(r, {});
  ASSERT_TRUE(short_one) << short_one.error().message();
  EXPECT_EQ(short_one->steps, 6);
}

TEST_F(TrainerOnSquares, NamesWhatDoesNotFit) {
  const auto refused = [&](const std::function<void(train::TrainRequest&)>& spoil, const std::string& named) {
    auto r = request("refused", 1);
    spoil(r);
    const auto result = train::make_torch_trainer()->run(r, {});
    ASSERT_FALSE(result) << named;
    EXPECT_NE(result.error().message().find(named), std::string::npos) << result.error().message();
    EXPECT_FALSE(fs::exists(r.output / "model.onnx"));
  };
  refused([](auto& r) { r.hyperparameters["optimizer"] = "Newton"; }, "Newton");
  refused([](auto& r) { r.hyperparameters["loss"] = "Hinge"; }, "Hinge");
  refused([](auto& r) { r.classes = {"a", "b", "c"}; }, "classes");
  refused([](auto& r) { r.plugin["window"] = 64; }, "64");
  refused([](auto& r) { r.device = "tpu"; }, "tpu");
  refused([this](auto& r) { r.dataset = folder_ / "start.onnx"; }, "start.onnx");
  refused([this](auto& r) { r.model = folder_ / "dataset.pack"; }, "dataset.pack");
}

}  // namespace
