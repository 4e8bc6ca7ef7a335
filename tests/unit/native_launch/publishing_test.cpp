#include <map>

#include "core/catalog/resolve.h"
#include "native/onnx/half_weights.h"
#include "native/onnx/read.h"
#include "native/weights/read.h"
#include "plugins/unet_segmentation/training/starting_weights.h"
#include "tests/unit/native_launch/publishing_workspace.h"

namespace fair::launch {
namespace {

TEST_F(Publishing, APromotedVersionIsAnItemWhoseHrefsAreFilesOfTheWorkspace) {
  const int one = version();
  const auto promoted = promote(*workspace_, *versions_, "town-buildings", one);
  ASSERT_TRUE(promoted) << promoted.error().message();
  EXPECT_EQ(promoted->item.id(), "town-buildings-v1");
  for (const char* asset : {"model", "checkpoint", "training-metrics"}) {
    const auto path = workspace_->fetch(promoted->item.asset_href(asset)).value_or(std::nullopt);
    ASSERT_TRUE(path) << asset;
    EXPECT_TRUE(fs::exists(*path)) << asset;
  }
  // "x", as the file extension says it: a multihash of SHA-256.
  EXPECT_EQ(promoted->item.asset("model").value("file:checksum", ""), "12202d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  EXPECT_EQ(promoted->item.asset("model").value("file:size", 0), 1);
  EXPECT_EQ(promoted->item.property("gsd"), 0.3);
  EXPECT_EQ(promoted->item.property("fair:mean_iou"), 0.8);
  EXPECT_FALSE(promoted->item.property("fair:hyperparameters_spec").is_null());
  EXPECT_EQ(stage(one), versions::Stage::production);
}

TEST_F(Publishing, TheSmallModelStartsFromItsPluginsWeights) {
  const auto file = unet_segmentation::starting_weights("unet-segmentation-small");
  ASSERT_GT(file.size(), 2'000'000U);
  EXPECT_TRUE(unet_segmentation::starting_weights("unet-segmentation").empty());
  const auto state = weights::parse_state_dict(file, "starting weights");
  ASSERT_TRUE(state) << state.error().message();
  const auto model = onnx::read_model(workspace_->artifacts() / "base-models" / "unet-segmentation-small" / "model.onnx");
  ASSERT_TRUE(model) << model.error().message();
  std::map<std::string, const onnx::Tensor*> known;
  for (const onnx::Tensor& t : state->tensors) known[t.name] = &t;
  std::size_t compared = 0;
  for (const onnx::Tensor& t : model->graph.initializers) {
    if (!t.name.ends_with(".conv.weight")) continue;
    ASSERT_TRUE(known.contains(t.name)) << t.name;
    const onnx::Tensor& kept = *known[t.name];
    ASSERT_EQ(kept.dims, t.dims) << t.name;
    EXPECT_EQ(onnx::halves_of(t.raw, t.name).value_or(""), kept.raw) << t.name;
    compared += kept.raw.size() / 2;
  }
  EXPECT_GT(compared, 1'000'000U);
}

TEST_F(Publishing, ANewerVersionTakesOverAndAnOlderOneAgainIsARollback) {
  const int one = version(), two = version();
  ASSERT_TRUE(promote(*workspace_, *versions_, "town-buildings", one));
  const auto second = promote(*workspace_, *versions_, "town-buildings", two);
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->deprecated, "town-buildings-v1");
  EXPECT_EQ(stage(one), versions::Stage::archived);
  const auto again = promote(*workspace_, *versions_, "town-buildings", two);
  EXPECT_EQ(again->effect, catalog::Promotion::Effect::unchanged);
  const auto back = promote(*workspace_, *versions_, "town-buildings", one);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->effect, catalog::Promotion::Effect::rolled_back);
  EXPECT_EQ(catalog::find_model(workspace_->catalog(), "town-buildings")->item.id(), "town-buildings-v1");
  EXPECT_EQ(stage(one), versions::Stage::production);
  EXPECT_EQ(stage(two), versions::Stage::archived);
}

TEST_F(Publishing, ArchivedAndDeletedVersionsLeaveNothingHalf) {
  const int one = version(), two = version();
  ASSERT_TRUE(promote(*workspace_, *versions_, "town-buildings", one));
  ASSERT_TRUE(archive(*workspace_, *versions_, "town-buildings", one));
  EXPECT_TRUE(workspace_->catalog().item(catalog::local_models, "town-buildings-v1")->deprecated());
  ASSERT_TRUE(archive(*workspace_, *versions_, "town-buildings", two)) << "a version without an item can be archived too";
  const auto item = *workspace_->catalog().item(catalog::local_models, "town-buildings-v1");
  const auto model = **workspace_->fetch(item.asset_href("model"));
  ASSERT_TRUE(remove(*workspace_, *versions_, "town-buildings", one));
  EXPECT_FALSE(fs::exists(model));
  EXPECT_FALSE(workspace_->catalog().item(catalog::local_models, "town-buildings-v1"));
  const auto gone = remove_all(*workspace_, *versions_, "town-buildings");
  ASSERT_TRUE(gone) << gone.error().message();
  EXPECT_EQ(*gone, 1U);
  EXPECT_TRUE(versions_->versions("town-buildings")->empty());
}

TEST_F(Publishing, WhatIsMissingIsNamed) {
  const int one = version();
  EXPECT_NE(promote(*workspace_, *versions_, "town-buildings", 7).error().message().find("only 1"), std::string::npos);
  EXPECT_EQ(promote(*workspace_, *versions_, "nobody", 1).error().code, Code::not_found);
  const auto versions = *versions_->versions("town-buildings");
  fs::remove(workspace_->artifacts() / versions.at(0).artifacts["onnx_model"].get<std::string>());
  const auto refused = promote(*workspace_, *versions_, "town-buildings", one);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("onnx_model"), std::string::npos);
  EXPECT_TRUE(workspace_->catalog().items(catalog::local_models)->empty());
  EXPECT_EQ(stage(one), versions::Stage::none);
}

}  // namespace
}  // namespace fair::launch
