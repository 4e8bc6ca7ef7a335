// Several ranks as threads of this process: what they agree on, what they learn, how they fail.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "native/onnx/builder.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/write.h"
#include "native/train/batch_norm.h"
#include "native/train/own_cores.h"
#include "native/train/rank_group.h"
#include "native/train/sync_batch_norm.h"
#include "native/train/torch_trainer.h"
#include "tests/unit/native_train/masked_pack.h"

namespace {

using namespace fair;
namespace fs = std::filesystem;

/// One that nobody listens at now.
std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(listener);
  return ntohs(address.sin_port);
}

train::Rank rank_of(int rank, int ranks, std::uint16_t port) {
  train::Rank out;
  out.rank = rank, out.ranks = ranks, out.port = port, out.patience = 20;
  return out;
}

/// Does `work` as every rank, each in a thread.
void as_ranks(int ranks, const std::function<void(const train::Rank&)>& work) {
  const std::uint16_t port = free_port();
  std::vector<std::thread> threads;
  for (int r = 0; r < ranks; ++r) threads.emplace_back([&, r] { work(rank_of(r, ranks, port)); });
  for (std::thread& t : threads) t.join();
}

TEST(RankFromEnvironment, IsTorchruns) {
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}) ::unsetenv(name);
  EXPECT_TRUE(train::Rank::from_environment()->alone());
  ::setenv("RANK", "2", 1);
  EXPECT_EQ(train::Rank::from_environment().error().code, Code::usage) << "WORLD_SIZE is missing";
  ::setenv("WORLD_SIZE", "4", 1);
  EXPECT_NE(train::Rank::from_environment().error().message().find("MASTER_ADDR"), std::string::npos);
  ::setenv("MASTER_ADDR", "10.0.0.1", 1), ::setenv("MASTER_PORT", "1234", 1), ::setenv("LOCAL_RANK", "1", 1), ::setenv("LOCAL_WORLD_SIZE", "2", 1);
  const auto rank = train::Rank::from_environment();
  ASSERT_TRUE(rank) << rank.error().message();
  EXPECT_EQ(rank->name(), "rank 2 of 4");
  EXPECT_EQ(rank->local, 1);
  EXPECT_EQ(rank->on_machine, 2);
  EXPECT_EQ(rank->address, "10.0.0.1");
  EXPECT_EQ(rank->port, 1234);
  ::setenv("RANK", "4", 1);
  EXPECT_FALSE(train::Rank::from_environment()) << "there is no fifth of four";
  for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}) ::unsetenv(name);
}

TEST(OwnCores, AreThisRanksShareWhileItTrains) {
  const auto cores = [] {
    cpu_set_t now;
    ::sched_getaffinity(0, sizeof now, &now);
    return now;
  };
  const cpu_set_t all = cores();
  const int count = CPU_COUNT(&all);
  if (count < 2) GTEST_SKIP() << "one processor cannot be shared out";
  train::Rank rank = rank_of(0, 2, 1);
  rank.on_machine = 2;
  cpu_set_t first, second, both;
  {
    const train::OwnCores own(rank, 1);
    first = cores();
  }
  rank.local = 1;
  {
    const train::OwnCores own(rank, 0);
    second = cores();
  }
  EXPECT_EQ(CPU_COUNT(&first), count / 2);
  EXPECT_EQ(CPU_COUNT(&second), count / 2);
  CPU_AND(&both, &first, &second);
  EXPECT_EQ(CPU_COUNT(&both), 0);
  const cpu_set_t after = cores();
  EXPECT_TRUE(CPU_EQUAL(&after, &all));
  {
    const train::OwnCores own(rank, count);  // more threads than the share: not ours to share out
    const cpu_set_t now = cores();
    EXPECT_TRUE(CPU_EQUAL(&now, &all));
  }
}

TEST(RankGroup, AddsUpAndSpreads) {
  as_ranks(3, [](const train::Rank& rank) {
    const auto group = train::RankGroup::join(rank, {});
    ASSERT_TRUE(group) << group.error().message();
    const at::Tensor mine = at::full({5}, rank.rank + 1.0, at::kDouble);
    (*group)->sum(mine, "the test");
    EXPECT_TRUE(at::equal(mine, at::full({5}, 6.0, at::kDouble)));
    const at::Tensor a = at::full({2, 3}, rank.rank, at::kFloat), b = at::full({4}, rank.rank, at::kLong), c = at::full({1}, rank.rank, at::kFloat);
    (*group)->spread({a, b, c}, "the test");
    EXPECT_EQ(a.sum().item<double>() + b.sum().item<double>() + c.sum().item<double>(), 0.0);
    EXPECT_EQ((*group)->spread(rank.first() ? std::string("from rank 0") : std::string("mine"), "the test"), "from rank 0");
    EXPECT_EQ((*group)->spread(std::string(), "the test"), "");
  });
}

TEST(RankGroup, SaysWhatDiffers) {
  as_ranks(2, [](const train::Rank& rank) {
    train::RankMeeting meeting;
    meeting.facts = {{"seed", 1}, {"task", rank.first() ? "a" : "b"}};
    const auto group = train::RankGroup::join(rank, meeting);
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().code, Code::incompatible);
    EXPECT_NE(group.error().message().find("the task of rank 0, \"a\", found \"b\""), std::string::npos) << group.error().message();
  });
}

TEST(RankGroup, NamesWhoDidNotCome) {
  train::Rank rank = rank_of(0, 3, free_port());
  rank.patience = 1;
  const auto group = train::RankGroup::join(rank, {});
  ASSERT_FALSE(group);
  EXPECT_NE(group.error().message().find("rank 1, 2 within 1 s"), std::string::npos) << group.error().message();
  rank = rank_of(1, 3, free_port());
  rank.patience = 1;
  const auto alone = train::RankGroup::join(rank, {});
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message().find("rank 0 at 127.0.0.1:"), std::string::npos) << alone.error().message();
  std::atomic<bool> stop{true};
  train::RankMeeting meeting;
  meeting.stop = &stop;
  EXPECT_EQ(train::RankGroup::join(rank, meeting).error().code, Code::cancelled);
}

TEST(RankGroup, NoticesThatOneHasGone) {
  as_ranks(2, [](const train::Rank& rank) {
    auto group = train::RankGroup::join(rank, {});
    ASSERT_TRUE(group) << group.error().message();
    if (!rank.first()) return;  // gone
    EXPECT_THROW((*group)->sum(at::ones({4}), "the test"), train::RankLost);
  });
}

TEST(SyncBatchNorm, IsThatOfTheWholeBatch) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    at::manual_seed(3);
    const at::Tensor whole = at::randn({6, 5, 4, 4}, type) * 3 + 7, weight = at::randn({6, 5, 4, 4}, type);
    const at::Tensor scale = at::randn({5}, type), shift = at::randn({5}, type);
    const train::BatchNormOptions options{true, 0.1, 1e-5, train::Activation::relu};
    const auto prepared = [](const at::Tensor& t) { return t.clone().requires_grad_(true); };
    const at::Tensor x = prepared(whole), a = prepared(scale), b = prepared(shift);
    const at::Tensor mean = at::zeros({5}, type), variance = at::ones({5}, type);
    const at::Tensor wanted = train::batch_norm(x, a, b, mean, variance, options);
    (wanted * weight).sum().backward();
    const double bound = type == at::kDouble ? 1e-10 : 2e-4;
    as_ranks(3, [&](const train::Rank& rank) {
      const auto group = train::RankGroup::join(rank, {});
      ASSERT_TRUE(group) << group.error().message();
      const auto part = [&](const at::Tensor& t) { return t.slice(0, 2 * rank.rank, 2 * rank.rank + 2); };
      const at::Tensor mine = prepared(part(whole)), my_scale = prepared(scale), my_shift = prepared(shift);
      const at::Tensor my_mean = at::zeros({5}, type), my_variance = at::ones({5}, type);
      const at::Tensor y = train::sync_batch_norm(mine, my_scale, my_shift, my_mean, my_variance, options, **group);
      (y * part(weight)).sum().backward();
      const at::Tensor d_scale = my_scale.grad().clone(), d_shift = my_shift.grad().clone();
      (*group)->sum(d_scale, "the test"), (*group)->sum(d_shift, "the test");
      const auto same = [&](const at::Tensor& found, const at::Tensor& expected) { return at::allclose(found, expected, bound, bound); };
      EXPECT_TRUE(same(y, part(wanted)));
      EXPECT_TRUE(same(mine.grad(), part(x.grad())));
      EXPECT_TRUE(same(d_scale, a.grad()) && same(d_shift, b.grad()));
      EXPECT_TRUE(same(my_mean, mean) && same(my_variance, variance));
    });
  }
}

/// Noise whose bright half is a class, and a net without batch statistics, or with.
class RanksOnNoise : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) / ("fair_ranks_" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    constexpr std::int32_t size = 32;
    std::vector<test::MaskedChip> chips(6);
    for (std::size_t i = 0; i < chips.size(); ++i) {
      auto& [pixels, mask, things] = chips[i];
      const onnx::CounterRandom random(4, i);
      for (std::uint64_t p = 0; p < size * size; ++p) {
        const auto grey = static_cast<std::uint8_t>(random.below(p / 16, 256));
        pixels.insert(pixels.end(), 3, grey);
        mask.push_back(grey > 127 ? 1 : 0);
      }
    }
    ASSERT_TRUE(test::write_masked_pack(folder_ / "dataset.pack", Json::object({{"id", "noise"}}), chips, size));
    for (const bool statistics : {false, true}) {
      onnx::Builder b("net", 18, 5);
      auto y = b.conv("first", b.input("input", {{-1, "batch"}, {3, ""}, {16, ""}, {16, ""}}), onnx::ConvShape{3, 8, 3, 1, true});
      if (statistics) y = b.batch_norm("bn", y, 8);
      b.output(b.conv("head", b.relu("relu", y), onnx::ConvShape{8, 2, 3, 1, true}), {});
      ASSERT_TRUE(onnx::write_model(folder_ / (statistics ? "statistics.onnx" : "plain.onnx"), std::move(b).build("test")));
    }
  }

  [[nodiscard]] train::TrainRequest request(const std::string& net, const std::string& output, const train::Rank& rank) const {
    train::TrainRequest r;
    r.model = folder_ / (net + ".onnx");
    r.dataset = folder_ / "dataset.pack";
    r.output = folder_ / output;
    r.hyperparameters = {{"epochs", 3}, {"batch_size", 5}, {"learning_rate", 0.01}, {"samples_per_epoch", 20}, {"precision", "float32"}};
    r.plugin = {{"window", 16}};
    r.classes = {"dark", "bright"};
    r.threads = 1;
    r.device = "cpu";
    r.rank = rank;
    return r;
  }

  fs::path folder_;
};

TEST_F(RanksOnNoise, LearnWhatOneWould) {
  const auto one = train::make_torch_trainer()->run(request("plain", "one", {}), {});
  ASSERT_TRUE(one) << one.error().message();
  std::vector<double> others(3);
  // 5 samples over 3 ranks: parts of different sizes count by their size.
  as_ranks(3, [&](const train::Rank& rank) {
    train::TrainEvents events;
    events.on_step = [&](const train::StepReport& s) { others[static_cast<std::size_t>(rank.rank)] += s.loss; };
    const auto result = train::make_torch_trainer()->run(request("plain", "three-" + std::to_string(rank.rank), rank), events);
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->steps, one->steps);
    if (!rank.first()) return;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(result->history["train_loss"][i].get<double>(), one->history["train_loss"][i].get<double>(), 1e-5);
      EXPECT_NEAR(result->history["val_loss"][i].get<double>(), one->history["val_loss"][i].get<double>(), 1e-5);
    }
  });
  EXPECT_EQ(others[0], others[1]) << "all ranks see the batch's loss";
  EXPECT_TRUE(fs::exists(folder_ / "three-0" / "model.onnx"));
  EXPECT_FALSE(fs::exists(folder_ / "three-1")) << "rank 0 alone writes";
}

TEST_F(RanksOnNoise, GoOnWithAnotherNumberOfRanks) {
  const auto whole = train::make_torch_trainer()->run(request("plain", "whole", {}), {});
  ASSERT_TRUE(whole) << whole.error().message();
  std::atomic<bool> stop{false};
  as_ranks(2, [&](const train::Rank& rank) {
    train::TrainEvents events;
    // Asked of rank 1 alone, in the middle of the second epoch.
    const std::atomic<bool> never{false};
    events.stop = rank.first() ? &never : &stop;
    events.on_step = [&](const train::StepReport& s) {
      if (s.step == 6) stop = true;
    };
    const auto result = train::make_torch_trainer()->run(request("plain", "half", rank), events);
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_TRUE(result->stopped);
  });
  as_ranks(4, [&](const train::Rank& rank) {
    train::TrainRequest r = request("plain", "rest", rank);
    if (rank.first()) r.resume = folder_ / "half";  // the others take it from rank 0
    const auto result = train::make_torch_trainer()->run(r, {});
    ASSERT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->steps, whole->steps);
    if (!rank.first()) return;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(result->history["train_loss"][i].get<double>(), whole->history["train_loss"][i].get<double>(), 1e-5);
  });
}

TEST_F(RanksOnNoise, ShareStatisticsWhereAsked) {
  for (const bool sync : {false, true}) {
    train::TrainRequest alone = request("statistics", "alone", {});
    alone.hyperparameters["batch_size"] = 4;
    const auto one = train::make_torch_trainer()->run(alone, {});
    ASSERT_TRUE(one) << one.error().message();
    as_ranks(2, [&](const train::Rank& rank) {
      train::TrainRequest r = request("statistics", sync ? "sync" : "local", rank);
      r.hyperparameters["batch_size"] = 4;
      r.sync_batch_norm = sync;
      const auto result = train::make_torch_trainer()->run(r, {});
      ASSERT_TRUE(result) << result.error().message();
      if (!rank.first()) return;
      const double off = std::abs(result->history["train_loss"][0].get<double>() - one->history["train_loss"][0].get<double>());
      std::printf("%s statistics: the first epoch's loss is off by %.1e\n", sync ? "shared" : "local", off);
      if (sync) EXPECT_LT(off, 2e-6) << "as if one had seen the whole batch";
      else EXPECT_GT(off, 5e-5) << "each by its own part";
    });
  }
  train::TrainRequest uneven = request("statistics", "uneven", rank_of(0, 2, 1));
  uneven.sync_batch_norm = true;
  EXPECT_EQ(train::make_torch_trainer()->run(uneven, {}).error().code, Code::usage) << "5 samples, 2 ranks";
  EXPECT_EQ(train::make_torch_trainer()->run(request("plain", "few", rank_of(0, 6, 1)), {}).error().code, Code::usage) << "5 samples, 6 ranks";
}

}  // namespace
