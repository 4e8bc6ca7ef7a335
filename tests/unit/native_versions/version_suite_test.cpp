// One suite for every version store. The server's part runs where FAIR_TEST_ZENML names a ZenML server ("http://127.0.0.1:8237") with the user admin,
// whose password is in FAIR_TEST_ZENML_PASSWORD: tests/peers/run.sh starts one. What ZenML's own client reads is looked at by tests/peers/loop.sh.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "native/versions/sqlite_versions.h"
#include "tests/unit/native_io/scratch.h"
#ifdef FAIR_WITH_CURL
#include "native/versions/zenml_versions.h"
#endif

namespace fair::versions {
namespace {

class Versions : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "sqlite") {
      auto opened = open_sqlite((scratch_ / "runs.sqlite").string());
      ASSERT_TRUE(opened) << opened.error().message();
      store_ = std::move(*opened);
      return;
    }
#ifdef FAIR_WITH_CURL
    const char* url = std::getenv("FAIR_TEST_ZENML");
    const char* password = std::getenv("FAIR_TEST_ZENML_PASSWORD");
    if (url == nullptr || password == nullptr)
      GTEST_SKIP() << "no ZenML server: FAIR_TEST_ZENML is not set; tests/peers/run.sh starts one and sets it";
    server_ = std::make_unique<ZenmlServer>(*ZenmlServer::create(url, "default", {"", "admin", password}));
    store_ = zenml_versions(*ZenmlServer::create(url, "default", {"", "admin", password}), "s3://models/suite");
#else
    GTEST_SKIP() << "a build without libcurl";
#endif
  }
  void TearDown() override {
    if (!store_) return;
    EXPECT_TRUE(store_->remove_model(model_));
  }
  [[nodiscard]] NewVersion made_by(const std::string& run) const {
    NewVersion out;
    out.model = model_;
    out.run_id = model_ + run;
    out.metadata = {{"base_model_id", "unet"}, {"metrics", {{"fair:mean_iou", 0.75}, {"fair:per_class_iou", {{"building", 0.5}}}}}, {"gsd", nullptr}};
    out.artifacts = {{"onnx_model", "runs/" + out.run_id + "/model.onnx"}, {"trained_model", "runs/" + out.run_id + "/checkpoint.pt"}};
    out.figures = {{"fair/loss_history", {{"train_loss", Json::array({1.5, 0.5})}}}, {"fair/training_wall_seconds", 3.25}};
    return out;
  }
  Stage stage(int number) {
    const auto all = store_->versions(model_);
    for (const auto& v : all.value()) {
      if (v.number == number) return v.stage;
    }
    return Stage::none;
  }

  const std::string model_ = "suite of " + std::to_string(::getpid());
  test::Scratch scratch_;
  std::unique_ptr<VersionStore> store_;
#ifdef FAIR_WITH_CURL
  std::unique_ptr<ZenmlServer> server_;  ///< null for the other
#endif
};

TEST_P(Versions, CountUpAndKeepWhatTheyAreGiven) {
  const NewVersion first = made_by("r1");
  const auto one = store_->add(first);
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_EQ(one->number, 1);
  EXPECT_EQ(one->stage, Stage::none);
  EXPECT_EQ(one->uuid.size(), 36U);
  const auto two = store_->add(made_by("r2"));
  ASSERT_TRUE(two) << two.error().message();
  EXPECT_EQ(two->number, 2);
  const auto again = store_->add(first);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->uuid, one->uuid) << "a run has one version";
  const auto all = store_->versions(model_);
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().run_id, first.run_id);
  EXPECT_EQ(all->front().metadata, first.metadata);
  EXPECT_EQ(all->front().artifacts, first.artifacts);
  EXPECT_EQ(all->front().model, model_);
  EXPECT_EQ(all->front().created_at.back(), 'Z');
  const auto everybodys = store_->versions("");
  ASSERT_TRUE(everybodys) << everybodys.error().message();
  EXPECT_GE(everybodys->size(), 2U);
}

TEST_P(Versions, OneIsInProduction) {
  for (const char* run : {"r1", "r2"}) ASSERT_TRUE(store_->add(made_by(run)));
  for (const int number : {1, 2}) {
    const auto set = store_->set_stage(model_, number, Stage::production);
    ASSERT_TRUE(set) << set.error().message();
  }
  EXPECT_EQ(stage(1), Stage::archived);
  EXPECT_EQ(stage(2), Stage::production);
  ASSERT_TRUE(store_->set_stage(model_, 2, Stage::production)) << "once more changes nothing";
  ASSERT_TRUE(store_->set_stage(model_, 1, Stage::staging));
  EXPECT_EQ(stage(1), Stage::staging);
  EXPECT_EQ(stage(2), Stage::production);
  EXPECT_EQ(store_->set_stage(model_, 9, Stage::production).error().code, Code::not_found);
}

TEST_P(Versions, AreRemovedOneByOneAndWithTheirModel) {
  for (const char* run : {"r1", "r2", "r3"}) ASSERT_TRUE(store_->add(made_by(run)));
  ASSERT_TRUE(store_->remove(model_, 1));
  EXPECT_EQ(store_->remove(model_, 1).error().code, Code::not_found);
  EXPECT_EQ(store_->versions(model_)->size(), 2U);
  EXPECT_EQ(store_->add(made_by("r4"))->number, 4);
  ASSERT_TRUE(store_->remove_model(model_));
  EXPECT_TRUE(store_->versions(model_)->empty());
  ASSERT_TRUE(store_->remove_model(model_)) << "none there is no error";
}

#ifdef FAIR_WITH_CURL
TEST_P(Versions, ShowTheirFiguresAndFilesToThoseWhoLookAtTheServer) {
  if (!server_) GTEST_SKIP() << "there is no server";
  const auto one = store_->add(made_by("r1"));
  ASSERT_TRUE(one) << one.error().message();
  const auto shown = server_->call("GET", "/model_versions/" + one->uuid + "?hydrate=true");
  ASSERT_TRUE(shown) << shown.error().message();
  const Json& figures = (*shown)["metadata"]["run_metadata"];
  EXPECT_EQ(figures.value("fair/mean_iou", 0.0), 0.75) << figures;
  EXPECT_EQ(figures.value("fair/training_wall_seconds", 0.0), 3.25);
  EXPECT_EQ(figures["fair/loss_history"]["train_loss"].size(), 2U);
  const auto links = server_->list("/model_version_artifacts", "model_version_id=" + one->uuid + "&hydrate=true");
  ASSERT_TRUE(links) << links.error().message();
  ASSERT_EQ(links->size(), 2U);
  const Json& artifact = links->front()["body"]["artifact_version"]["body"];
  EXPECT_EQ(artifact["uri"].get<std::string>().rfind("s3://models/suite/runs/", 0), 0U) << artifact;
}

TEST_P(Versions, WrongSecretsAndProjectsAreNamedAndNotTold) {
  if (!server_) GTEST_SKIP() << "there is no server";
  const char* url = std::getenv("FAIR_TEST_ZENML");
  const auto refused = zenml_versions(*ZenmlServer::create(url, "default", {"", "admin", "wrong-secret"}), "s3://m")->versions("");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("log-in of admin"), std::string::npos) << refused.error().message();
  EXPECT_EQ(refused.error().message().find("wrong-secret"), std::string::npos);
  const auto nowhere =
      zenml_versions(*ZenmlServer::create(url, "nobody's", {"", "admin", std::getenv("FAIR_TEST_ZENML_PASSWORD")}), "s3://m")->versions("");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message().find("project nobody's"), std::string::npos) << nowhere.error().message();
}

TEST_P(Versions, AServiceAccountsKeyLogsIn) {
  if (!server_) GTEST_SKIP() << "there is no server";
  const auto account =
      server_->call("POST", "/service_accounts", {{"name", "suite-" + std::to_string(::getpid())}, {"description", ""}, {"active", true}});
  ASSERT_TRUE(account) << account.error().message();
  const std::string path = "/service_accounts/" + (*account)["id"].get<std::string>();
  const auto key = server_->call("POST", path + "/api_keys", {{"name", "suite"}});
  ASSERT_TRUE(key) << key.error().message();
  const auto read =
      zenml_versions(*ZenmlServer::create(std::getenv("FAIR_TEST_ZENML"), "default", {(*key)["body"]["key"].get<std::string>(), "", ""}), "s3://m")
          ->versions("");
  EXPECT_TRUE(read) << read.error().message();
  EXPECT_TRUE(server_->call("DELETE", path));
}

TEST(ZenmlServer, WithoutASecretIsRefusedBeforeItIsReached) {
  const auto made = ZenmlServer::create("http://127.0.0.1:1", "default", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::usage);
}
#endif

TEST(SqliteVersions, GiveNoNumberTwice) {
  const test::Scratch scratch;
  const auto store = open_sqlite((scratch / "runs.sqlite").string());
  ASSERT_TRUE(store);
  for (const char* run : {"r1", "r2"}) ASSERT_TRUE((*store)->add({"m", run, Json::object(), Json::object()}));
  ASSERT_TRUE((*store)->remove("m", 2));
  EXPECT_EQ((*store)->add({"m", "r3", Json::object(), Json::object()})->number, 3);
}

INSTANTIATE_TEST_SUITE_P(Each, Versions, testing::Values("sqlite", "zenml"), [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace fair::versions
