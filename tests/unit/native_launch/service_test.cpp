#include "native/launch/service.h"

#include <gtest/gtest.h>

#include "native/launch/runtime_image.h"

namespace fair::launch {
namespace {

stac::Item model(const std::string& name) {
  return *stac::Item::from_json(
      {{"type", "Feature"}, {"id", "m"}, {"properties", {{"mlm:name", name}}}, {"assets", Json::object()}, {"links", Json::array()}}, "m");
}

TEST(Service, IsNamedAsFairNamesIt) {
  EXPECT_EQ(service_name(model("UNet_Segmentation")).value_or(""), "unet-segmentation");
  for (const char* wrong : {"", "1st", "a b", "name-", "name.v2"}) EXPECT_FALSE(service_name(model(wrong))) << wrong;
  EXPECT_FALSE(service_name(model(std::string(64, 'a'))));
}

TEST(Service, TheItemSaysWhereItAnswers) {
  stac::Item item = model("UNet_Segmentation");
  ASSERT_TRUE(set_endpoint(item, "https://predict.example.org/"));
  EXPECT_EQ(item.asset_href("mlm:inference-endpoint"), "https://predict.example.org/unet-segmentation/predict");
  EXPECT_EQ(set_endpoint(item, "predict.example.org").error().code, Code::usage);
}

TEST(Service, ItsManifestRunsTheItemsImage) {
  stac::Item item = model("UNet_Segmentation");
  const auto without = service_manifest(item, ServiceKind::knative, "predict", {});
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message().find("--inference-image"), std::string::npos);
  const std::string image = "registry.example.org/unet@sha256:" + std::string(64, '0');
  set_runtime(item, stac::Part::inference_runtime, image);
  const auto knative = service_manifest(item, ServiceKind::knative, "predict", {});
  ASSERT_TRUE(knative) << knative.error().message();
  ASSERT_EQ(knative->size(), 1U);
  const Json& service = knative->front();
  EXPECT_EQ(service["metadata"]["name"], "unet-segmentation");
  EXPECT_EQ(service["spec"]["template"]["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"], "5");
  const Json& container = service["spec"]["template"]["spec"]["containers"][0];
  EXPECT_EQ(container["image"], image);
  EXPECT_EQ(container["ports"][0]["containerPort"], 8080);
  EXPECT_EQ(container["readinessProbe"]["httpGet"]["path"], "/health");
  EXPECT_EQ(container["resources"]["requests"]["memory"], "1Gi");
  const auto plain = service_manifest(item, ServiceKind::deployment, "predict", {});
  ASSERT_TRUE(plain);
  ASSERT_EQ(plain->size(), 2U);
  EXPECT_EQ((*plain)[1]["spec"]["selector"], (*plain)[0]["spec"]["selector"]["matchLabels"]);
}

}  // namespace
}  // namespace fair::launch
