#include "native/serve/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace fair::serve {
namespace {

TEST(WorkQueue, IsNoLongerThanIsSaidAndForgetsWhoLeaves) {
  std::promise<void> open;
  const auto opened = open.get_future().share();
  std::atomic<int> done{0};
  {
    WorkQueue queue(1, 2);
    std::promise<void> begun;
    ASSERT_TRUE(queue.add([&] {
      begun.set_value();
      opened.wait();
      ++done;
    }));
    begun.get_future().wait();
    const auto second = queue.add([&] { ++done; }), third = queue.add([&] { done += 10; });
    ASSERT_TRUE(second && third);
    EXPECT_FALSE(queue.add([] {}));
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_EQ(queue.running(), 1U);
    EXPECT_GE(queue.seconds_to_wait(), 1);
    EXPECT_TRUE(queue.forget(*third));
    EXPECT_FALSE(queue.forget(*third));
    EXPECT_TRUE(queue.add([&] { ++done; }));
    open.set_value();
  }
  EXPECT_EQ(done, 3);
}

TEST(WorkQueue, WithoutALineStillTakesWhatIdleThreadsCanDo) {
  std::promise<void> open;
  const auto opened = open.get_future().share();
  WorkQueue queue(2, 0);
  EXPECT_TRUE(queue.add([&] { opened.wait(); }));
  EXPECT_TRUE(queue.add([&] { opened.wait(); }));
  while (queue.running() < 2) std::this_thread::yield();
  EXPECT_FALSE(queue.add([] {}));
  open.set_value();
}

}  // namespace
}  // namespace fair::serve
