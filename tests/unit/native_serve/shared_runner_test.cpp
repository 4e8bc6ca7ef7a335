#include "native/serve/shared_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

namespace fair::serve {
namespace {

/// Adds one to every value; remembers how many were inside at once and how large the batches were.
class PlusOne final : public infer::Runner {
 public:
  explicit PlusOne(int lanes) : lanes_(lanes) {}
  [[nodiscard]] int lanes() const override { return lanes_; }
  Result<std::vector<infer::Output>> run(const TensorView& input) override {
    const int now = ++inside_;
    int most = most_inside;
    while (now > most && !most_inside.compare_exchange_weak(most, now)) {
    }
    std::int64_t batch = largest_batch;
    while (input.shape[0] > batch && !largest_batch.compare_exchange_weak(batch, input.shape[0])) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++runs;
    --inside_;
    if (fails_joined && input.shape[0] > 1) return fail(Code::invalid, "model", "a run", "a fault made for this test");
    auto values = std::make_shared<std::vector<float>>(input.as<const float>(), input.as<const float>() + input.elements());
    for (float& value : *values) value += 1;
    infer::Output out{input, values};
    out.view.data = values->data();
    if (whole_batch_in_one) {
      out.view.rank = 1;
      out.view.shape[0] = input.elements();
    }
    return std::vector<infer::Output>{out};
  }
  std::atomic<int> most_inside{0}, runs{0};
  std::atomic<std::int64_t> largest_batch{0};
  bool fails_joined = false, whole_batch_in_one = false;

 private:
  int lanes_;
  std::atomic<int> inside_{0};
};

/// Many threads, each with windows of its own values; all must come back as their own.
void ask_from_many(SharedRunner& runner, int threads, int times, std::int64_t width = 3) {
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      for (int i = 0; i < times; ++i) {
        std::vector<float> values(static_cast<std::size_t>(2 * width));
        std::iota(values.begin(), values.end(), static_cast<float>(1000 * t + 10 * i));
        const TensorView input{values.data(), DType::f32, 2, {2, width}};
        const auto outputs = runner.run(input);
        ASSERT_TRUE(outputs) << outputs.error().message();
        ASSERT_EQ(outputs->front().view.elements(), 2 * width);
        for (std::size_t k = 0; k < values.size(); ++k) ASSERT_EQ(outputs->front().view.as<float>()[k], values[k] + 1) << t << " " << i;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
}

TEST(SharedRunner, LetsAsManyInAsThereAreLanes) {
  PlusOne session(2);
  SharedRunner runner(session, 1, true);
  EXPECT_EQ(runner.lanes(), 2);
  ask_from_many(runner, 8, 5);
  EXPECT_EQ(session.most_inside, 2);
  EXPECT_EQ(session.runs, 40);
  EXPECT_EQ(runner.counts().runs, 40U);
  EXPECT_EQ(runner.counts().windows, 80U);
}

TEST(SharedRunner, JoinsWhatWaitsUpToTheLimit) {
  PlusOne session(1);
  SharedRunner runner(session, 6, true);
  ask_from_many(runner, 8, 5);
  EXPECT_EQ(session.most_inside, 1);
  EXPECT_EQ(session.largest_batch, 6);
  EXPECT_LT(session.runs, 30);
  EXPECT_EQ(runner.counts().windows, 80U);
}

TEST(SharedRunner, WindowsOfOtherSizesAreNotJoined) {
  PlusOne session(1);
  SharedRunner runner(session, 100, true);
  std::thread other([&] { ask_from_many(runner, 4, 5, 7); });
  ask_from_many(runner, 4, 5, 3);
  other.join();
  EXPECT_LE(session.largest_batch, 8);
}

TEST(SharedRunner, AFixedBatchIsLeftAlone) {
  PlusOne session(1);
  SharedRunner runner(session, 8, false);
  ask_from_many(runner, 4, 3);
  EXPECT_EQ(session.largest_batch, 2);
}

TEST(SharedRunner, OneWindowsFaultIsNotAnothersAndOutputsThatDoNotSplitEndJoining) {
  PlusOne faulty(1);
  faulty.fails_joined = true;
  SharedRunner runner(faulty, 2, true);
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([&] {
      float value = 1;
      const auto outputs = runner.run({&value, DType::f32, 2, {1, 1}});
      ASSERT_TRUE(outputs) << outputs.error().message();
      EXPECT_EQ(*outputs->front().view.as<float>(), 2);
    });
  }
  for (std::thread& thread : all) thread.join();
  PlusOne lumps(1);
  lumps.whole_batch_in_one = true;
  SharedRunner lumping(lumps, 8, true);
  ask_from_many(lumping, 4, 6);
  EXPECT_GE(lumps.runs, 20);
}

}  // namespace
}  // namespace fair::serve
