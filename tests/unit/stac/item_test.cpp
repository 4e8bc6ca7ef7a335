#include "core/stac/item.h"

#include <gtest/gtest.h>

#include "core/stac/assets.h"
#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

TEST(Item, KeepsWhatItDoesNotKnow) {
  Json json = test::base_model_json();
  json["x:unknown"] = {{"deep", {1, 2.5, nullptr}}};
  const std::string before = to_text(json);
  EXPECT_EQ(to_text(test::item(json).json()), before);
}

TEST(Item, RefusesWhatIsNone) {
  const auto found = [](const char* text) { return Item::from_json(parse_json(text, "t").value(), "x.json").error(); };
  EXPECT_EQ(found("[]").thing, "x.json");
  EXPECT_NE(found(R"({"type": "Collection", "id": "a"})").found.find("Collection"), std::string::npos);
  EXPECT_EQ(found(R"({"type": "Feature"})").thing, "x.json#/id");
  EXPECT_EQ(found(R"({"type": "Feature", "id": 3, "properties": {}})").thing, "x.json#/id");
  EXPECT_EQ(found(R"({"type": "Feature", "id": "a"})").thing, "x.json#/properties");
  EXPECT_EQ(found(R"({"type": "Feature", "id": "a", "properties": {}, "links": {}})").thing, "x.json#/links");
  EXPECT_EQ(found(R"({"type": "Feature", "id": "a", "properties": {}, "assets": []})").thing, "x.json#/assets");
}

TEST(Item, LinksAreSetAddedAndRemoved) {
  Item item = test::item(test::base_model_json());
  item.add_link({"derived_from", "../a/a.json", "application/json", "A"});
  item.add_link({"derived_from", "../b/b.json", "", ""});
  item.set_link({"self", "one", "", ""});
  item.set_link({"self", "two", "", ""});
  EXPECT_EQ(item.links("derived_from").size(), 2U);
  EXPECT_EQ(item.links("self").size(), 1U);
  EXPECT_EQ(item.link("self")->href, "two");
  item.remove_links("derived_from");
  EXPECT_FALSE(item.link("derived_from"));
}

TEST(Item, WrongTypesReadAsAbsent) {
  Json json = test::base_model_json();
  json["properties"]["title"] = 5;
  json["properties"]["deprecated"] = "yes";
  json["assets"]["model"] = "nowhere";
  const Item item = test::item(json);
  EXPECT_EQ(item.text("title"), "");
  EXPECT_FALSE(item.deprecated());
  EXPECT_EQ(item.asset_href("model"), "");
}

TEST(Assets, EverySpellingIsRead) {
  Json json = test::base_model_json();
  EXPECT_EQ(key_of(test::item(json), Part::onnx), "model");
  EXPECT_EQ(key_of(test::item(json), Part::checkpoint), "checkpoint");
  EXPECT_EQ(image_of(test::item(json), Part::training_runtime), "ghcr.io/example/unet:latest");
  EXPECT_EQ(image_of(test::item(json), Part::inference_runtime), "");
  // As the architecture page has it: `model` is the weights, runtimes by other names.
  json["assets"] = {{"model", {{"href", "https://example.org/a.pth"}, {"mlm:artifact_type", "torch.save"}}},
                    {"mlm:model", {{"href", "https://example.org/a.onnx"}}},
                    {"training-runtime", {{"href", "docker://ghcr.io/example/unet:1"}, {"type", "application/vnd.oci.image.index.v1+json"}}},
                    {"anything", {{"href", "x"}, {"roles", Json::array({"mlm:inference-runtime"})}}}};
  const Item page = test::item(json);
  EXPECT_EQ(href_of(page, Part::onnx), "https://example.org/a.onnx");
  EXPECT_EQ(href_of(page, Part::checkpoint), "https://example.org/a.pth");
  EXPECT_EQ(image_of(page, Part::training_runtime), "ghcr.io/example/unet:1");
  EXPECT_EQ(key_of(page, Part::inference_runtime), "anything");
  EXPECT_EQ(key_of(page, Part::source_code), "");
}

}  // namespace
}  // namespace fair::stac
