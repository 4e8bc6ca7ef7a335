#include "native/cluster/rank_job.h"

#include <gtest/gtest.h>

#include "native/store/folder_store.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::cluster {
namespace {
namespace fs = std::filesystem;

/// Learns nothing: writes the files of a training and counts its epochs on from the checkpoint that it is given.
class Learner final : public train::Trainer {
 public:
  explicit Learner(int stop_after = 1000) : stop_after_(stop_after) {}

  Result<train::TrainResult> run(const train::TrainRequest& request, const train::TrainEvents& events) override {
    train::TrainResult out;
    const int epochs = request.hyperparameters.value("epochs", 0);
    int done = request.resume.empty() ? 0 : std::stoi(test::slurp(request.resume));
    seen = {test::slurp(request.model), test::slurp(request.dataset), request.loss_graph.empty() ? "" : test::slurp(request.loss_graph)};
    first_epoch = done + 1;
    for (int made = 0; done < epochs && made < stop_after_; ++made) {
      ++done;
      if (!request.rank.first()) continue;
      for (const char* name : {"model.onnx", "checkpoint.pt"}) test::spill(request.output / name, "after " + std::to_string(done));
      test::spill(request.output / "last.checkpoint", std::to_string(done));
      events.on_epoch({done, epochs, 0.5, 0.25, {{"fair:mean_iou", 0.75}}, true});
    }
    out.stopped = done < epochs;
    out.epochs = done;
    out.metrics = {{"fair:mean_iou", 0.75}};
    return out;
  }
  Result<std::vector<onnx::Tensor>> run_graph(const fs::path&, const onnx::Tensor&) override { return fail(Code::internal, "", "", "", ""); }
  Result<train::TrainingTrial> try_training(const train::TrialRequest&, const onnx::Tensor&) override { return fail(Code::internal, "", "", "", ""); }
  std::vector<train::OperatorInfo> operators() const override { return {}; }
  Json build_info() const override { return {}; }

  std::vector<std::string> seen;
  int first_epoch = 0;

 private:
  int stop_after_;
};

class RankJobInAStore : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"start.onnx", "town.pack", "loss.onnx"}) test::spill(scratch_ / name, std::string("given ") + name);
    request_.model = scratch_ / "start.onnx";
    request_.dataset = scratch_ / "town.pack";
    request_.loss_graph = scratch_ / "loss.onnx";
    request_.hyperparameters = {{"epochs", 4}};
  }
  Result<train::TrainResult> run(Learner& learner, int rank = 0, int ranks = 1) {
    train::Rank one;
    one.rank = rank, one.ranks = ranks;
    return job_.run(
        learner, one, scratch_ / ("pod" + std::to_string(++pods_)), [&](const std::string& line) { said_ += line + "\n"; }, nullptr);
  }

  test::Scratch scratch_;
  std::unique_ptr<store::ObjectStore> objects_ = store::folder_store(scratch_ / "bucket", "http://127.0.0.1:8765");
  RankJob job_{*objects_, "jobs/fair-x"};
  train::TrainRequest request_;
  std::string said_;
  int pods_ = 0;
};

TEST_F(RankJobInAStore, IsDoneByWhoeverComes) {
  EXPECT_EQ(*job_.job(), "") << "nobody was told to do it";
  ASSERT_TRUE(job_.put(request_));
  ASSERT_TRUE(job_.assign("fair-x"));
  EXPECT_EQ(*job_.job(), "fair-x");
  Learner learner;
  ASSERT_TRUE(run(learner));
  EXPECT_EQ(learner.seen, (std::vector<std::string>{"given start.onnx", "given town.pack", "given loss.onnx"}));
  EXPECT_TRUE(job_.done());
  ASSERT_EQ(job_.epochs()->size(), 4U);
  EXPECT_EQ(job_.epochs()->back().metrics["fair:mean_iou"], 0.75);
  const auto brought = job_.bring(scratch_ / "home", false);
  ASSERT_TRUE(brought) << brought.error().message();
  EXPECT_EQ(brought->epochs, 4);
  EXPECT_FALSE(brought->stopped);
  EXPECT_EQ(test::slurp(brought->onnx), "after 4");
  Learner late;
  ASSERT_TRUE(run(late)) << "a pod that is begun again after the end";
  EXPECT_TRUE(late.seen.empty()) << "has nothing to do";
  ASSERT_TRUE(job_.clear());
  EXPECT_EQ(*job_.job(), "");
  EXPECT_FALSE(job_.done());
}

TEST_F(RankJobInAStore, GoesOnWhereTheLastPodStopped) {
  ASSERT_TRUE(job_.put(request_));
  Learner evicted(2);
  ASSERT_TRUE(run(evicted));
  EXPECT_FALSE(job_.done());
  EXPECT_EQ(job_.epochs()->size(), 2U);
  const auto so_far = job_.bring(scratch_ / "so far", true);
  ASSERT_TRUE(so_far) << so_far.error().message();
  EXPECT_TRUE(so_far->stopped);
  EXPECT_EQ(test::slurp(so_far->last), "2");
  EXPECT_FALSE(job_.bring(scratch_ / "not yet", false)) << "no result is there";
  Learner next;
  ASSERT_TRUE(run(next));
  EXPECT_EQ(next.first_epoch, 3);
  EXPECT_NE(said_.find("goes on from the checkpoint"), std::string::npos) << said_;
  EXPECT_TRUE(job_.done());
  EXPECT_EQ(job_.epochs()->size(), 4U);
}

TEST_F(RankJobInAStore, BeginsWithTheCheckpointThatComesAlong) {
  fs::create_directories(scratch_ / "before");
  test::spill(scratch_ / "before/last.checkpoint", "3");
  test::spill(scratch_ / "before/model.onnx", "after 3");
  request_.resume = scratch_ / "before/last.checkpoint";
  ASSERT_TRUE(job_.put(request_));
  Learner learner;
  ASSERT_TRUE(run(learner));
  EXPECT_EQ(learner.first_epoch, 4);
}

TEST_F(RankJobInAStore, NamesAFileThatIsGone) {
  ASSERT_TRUE(job_.put(request_));
  ASSERT_TRUE(objects_->remove("jobs/fair-x/dataset.pack"));
  Learner learner;
  const auto refused = run(learner);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("dataset.pack"), std::string::npos) << refused.error().message();
}

}  // namespace
}  // namespace fair::cluster
