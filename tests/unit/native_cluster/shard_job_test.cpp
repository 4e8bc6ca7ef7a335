#include "native/cluster/shard_job.h"

#include <gtest/gtest.h>

#include "native/store/folder_store.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::cluster {
namespace {
namespace fs = std::filesystem;

class ShardJobInAStore : public testing::Test {
 protected:
  /// A shard that writes what it was given.
  Result<> run(std::int64_t index) {
    return job_.run(index, scratch_ / ("pod" + std::to_string(index)), [&](const fs::path& model, const fs::path& config, const fs::path& out) {
      ++predicted_;
      test::spill(out, test::slurp(model) + " " + test::slurp(config) + " " + std::to_string(index));
      return Result<>();
    });
  }

  test::Scratch scratch_;
  std::unique_ptr<store::ObjectStore> objects_ = store::folder_store(scratch_ / "bucket", "http://127.0.0.1:8765");
  ShardJob job_{*objects_, "jobs/fair-x"};
  int predicted_ = 0;
};

TEST_F(ShardJobInAStore, ShardsAreDoneOnceAndBroughtTogether) {
  EXPECT_EQ(*job_.count(), 0) << "nothing was put there";
  test::spill(scratch_ / "model.onnx", "model");
  ASSERT_TRUE(job_.put(scratch_ / "model.onnx", "config", 2));
  EXPECT_EQ(*job_.count(), 2);
  EXPECT_EQ(*job_.done(), 0);
  ASSERT_TRUE(run(1));
  EXPECT_EQ(*job_.done(), 1);
  ASSERT_TRUE(run(1)) << "a pod that is begun again finds its shard done";
  EXPECT_EQ(predicted_, 1);
  EXPECT_FALSE(job_.bring(2, scratch_ / "here")) << "the first is lacking";
  ASSERT_TRUE(run(0));
  const auto files = job_.bring(2, scratch_ / "here");
  ASSERT_TRUE(files) << files.error().message();
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(test::slurp((*files)[0]), "model config 0");
  EXPECT_EQ(test::slurp((*files)[1]), "model config 1");
  ASSERT_TRUE(job_.clear());
  EXPECT_EQ(*job_.count(), 0);
  EXPECT_EQ(*job_.done(), 0);
}

TEST_F(ShardJobInAStore, AShardThatFailsIsNotDone) {
  test::spill(scratch_ / "model.onnx", "model");
  ASSERT_TRUE(job_.put(scratch_ / "model.onnx", "config", 1));
  const auto failed = job_.run(0, scratch_ / "pod", [](const fs::path&, const fs::path&, const fs::path& out) -> Result<> {
    test::spill(out, "half of it");
    return fail(Code::io, "the tiles", "an answer", "none", "");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(*job_.done(), 0);
}

}  // namespace
}  // namespace fair::cluster
