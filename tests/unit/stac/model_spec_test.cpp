#include "core/stac/model_spec.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

Result<ModelSpec> spec_of(const Json& json) { return ModelSpec::from_item(test::item(json)); }

TEST(ModelSpec, ReadsADeployedItem) {
  const auto json = test::shared_json("stac/base-models/unet_segmentation.json");
  if (!json) GTEST_SKIP() << "no shared material";
  const ModelSpec spec = spec_of(*json).value();
  EXPECT_EQ(spec.task, Task::semantic_segmentation);
  EXPECT_EQ(spec.input.channels, 3);
  EXPECT_EQ(spec.input.height, 256);
  EXPECT_EQ(spec.input.layout, Layout::nchw);
  EXPECT_EQ(spec.input.bands, (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(spec.output.channels, 2);
  ASSERT_EQ(spec.output.classes.size(), 2U);
  EXPECT_EQ(spec.output.classes[1].name, "building");
  EXPECT_EQ(spec.geometry, GeometryKind::polygon);
  EXPECT_NE(spec.model_href.find(".onnx"), std::string::npos);
  EXPECT_NE(spec.checkpoint_href.find(".pth"), std::string::npos);
  EXPECT_DOUBLE_EQ(spec.input.scaling.scale[0], 1.0 / 255.0);
}

TEST(ModelSpec, AllDeployedTasks) {
  for (const auto& [file, task] : {std::pair{"resnet18_classification", Task::classification}, {"yolo11n_detection", Task::object_detection}}) {
    const auto json = test::shared_json(std::string("stac/base-models/") + file + ".json");
    if (!json) GTEST_SKIP() << "no shared material";
    EXPECT_EQ(spec_of(*json).value().task, task);
  }
}

TEST(ModelSpec, ChannelsLast) {
  Json json = test::base_model_json();
  Json& input = json["properties"]["mlm:input"][0]["input"];
  Json& result = json["properties"]["mlm:output"][0]["result"];
  input["shape"] = {-1, 128, 192, 3};
  input["dim_order"] = {"batch", "height", "width", "bands"};
  result["shape"] = {-1, 128, 192, 1};
  result["dim_order"] = {"batch", "height", "width", "channel"};
  const ModelSpec spec = spec_of(json).value();
  EXPECT_EQ(spec.input.layout, Layout::nhwc);
  EXPECT_EQ(spec.input.height, 128);
  EXPECT_EQ(spec.input.width, 192);
  EXPECT_EQ(spec.output.layout, Layout::nhwc);
  EXPECT_EQ(spec.output.channels, 1);
  // Without a usable order the sizes tell.
  input.erase("dim_order");
  EXPECT_EQ(spec_of(json).value().input.layout, Layout::nhwc);
}

TEST(ModelSpec, MetadataReadsBackAsTheSameSpec) {
  Json json = test::base_model_json();
  json["properties"]["gsd"] = 0.298;
  json["properties"]["keywords"] = {"building", "line"};
  json["properties"]["mlm:output"][0]["classification:classes"][1]["color_hint"] = "FF8800";
  json["properties"]["mlm:input"][0]["value_scaling"] = Json::array();
  for (const double mean : {0.485, 0.456, 0.406})
    json["properties"]["mlm:input"][0]["value_scaling"].push_back({{"type", "z-score"}, {"mean", mean * 255}, {"stddev", 58.4}});
  const ModelSpec spec = spec_of(json).value();
  const Json metadata = spec.to_metadata();
  const ModelSpec back = ModelSpec::from_metadata(parse_json(to_text(metadata), "m").value(), "m").value();
  EXPECT_EQ(to_text(back.to_metadata()), to_text(metadata));
  EXPECT_EQ(back.gsd, spec.gsd);
  EXPECT_EQ(back.geometry, GeometryKind::line);
  EXPECT_EQ(back.output.classes[1].color_hint, "FF8800");
  ASSERT_EQ(back.input.scaling.scale.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(back.input.scaling.scale[i], spec.input.scaling.scale[i], 1e-15);
    EXPECT_NEAR(back.input.scaling.offset[i], spec.input.scaling.offset[i], 1e-12);
  }
}

TEST(ModelSpec, FaultsNameTheField) {
  const auto thing = [](const std::function<void(Json&)>& change) {
    Json json = test::base_model_json();
    change(json["properties"]);
    const auto spec = spec_of(json);
    return spec ? std::string("read") : spec.error().thing;
  };
  const std::string at = "unet-segmentation#/properties/";
  EXPECT_EQ(thing([](Json& p) { p["mlm:tasks"] = {"dreaming"}; }), at + "mlm:tasks");
  EXPECT_EQ(thing([](Json& p) { p.erase("mlm:input"); }), at + "mlm:input/0");
  EXPECT_EQ(thing([](Json& p) { p["mlm:input"] = "none"; }), at + "mlm:input/0");
  EXPECT_EQ(thing([](Json& p) { p["mlm:input"][0]["input"]["shape"] = {1, 3}; }), at + "mlm:input/0/input/shape");
  EXPECT_EQ(thing([](Json& p) { p["mlm:input"][0]["input"]["shape"] = {1, 3, 0, 9}; }), at + "mlm:input/0/input/shape");
  EXPECT_EQ(thing([](Json& p) { p["mlm:input"][0]["input"]["shape"] = {1, 7, 9, 9}; }), at + "mlm:input/0/input/shape");
  EXPECT_EQ(thing([](Json& p) { p["mlm:output"][0]["classification:classes"] = Json::array(); }), at + "mlm:output/0/classification:classes");
  EXPECT_EQ(thing([](Json& p) { p["mlm:output"][0]["classification:classes"][0]["value"] = 4000000000; }),
            at + "mlm:output/0/classification:classes");
  EXPECT_EQ(thing([](Json& p) { p["mlm:output"][0]["classification:classes"] = {1, 2}; }), at + "mlm:output/0/classification:classes");
}

}  // namespace
}  // namespace fair::stac
