// fair plugins new, check, install and remove, as a person types them. What is built of a new plugin is tests/stranger's business.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/cli/command.h"
#include "tests/unit/native_io/scratch.h"

namespace fair {
namespace {

namespace fs = std::filesystem;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PluginsNew, TheTemplateIsWhatItMakes) {
  const test::Bench bench;
  const auto made = bench.fair({"plugins", "new", "template_plugin", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  const fs::path source = fs::path(FAIR_SOURCE_DIR) / "plugins/template";
  for (const Json& file : made.json()["files"]) {
    const auto name = file.get<std::string>();
    if (fs::path(name).extension() == ".md" || fs::path(name).extension() == ".yml") continue;  // those hold parts for every task
    EXPECT_TRUE(Json::parse(bench.read("template_plugin/" + name), nullptr, false) == Json::parse(test::slurp(source / name), nullptr, false) ||
                bench.read("template_plugin/" + name) == test::slurp(source / name))
        << name << " in plugins/template is another: copy what `fair plugins new template_plugin` makes";
  }
  EXPECT_FALSE(says(bench.read("template_plugin/README.md"), "<!--"));
  EXPECT_FALSE(says(bench.read("template_plugin/.github/workflows/plugin.yml"), "<!--"));
}

TEST(PluginsNew, EveryNameIsInPlaceAndTheItemFitsTheGraph) {
  const test::Bench bench;
  for (const char* task : {"segmentation", "detection", "classification"}) {
    const std::string name = std::string("my_") + task;
    const auto made = bench.fair({"plugins", "new", name, "--task", task, "--feature", "road", "--geometry", "line", "--license", "MIT", "--json"});
    ASSERT_EQ(made.status, 0) << made.err;
    for (const Json& file : made.json()["files"]) {
      const std::string text = bench.read(name + "/" + file.get<std::string>());
      for (const char* word : {"template_plugin", "template-plugin", "TemplatePlugin"}) EXPECT_FALSE(says(text, word)) << file << " holds " << word;
    }
    const auto item = Json::parse(bench.read(made.json()["item"].get<std::string>().substr(2)));
    EXPECT_EQ(item["properties"]["keywords"][0], "road");
    EXPECT_EQ(item["properties"]["license"], "MIT");
    EXPECT_TRUE(says(bench.read(name + "/README.md"), "--register --class road --geometry line\n"));
    EXPECT_EQ(item["properties"]["mlm:input"][0]["pre_processing_function"]["expression"], "models." + name + ".pipeline:preprocess");
  }
}

TEST(PluginsNew, ItsReadmeSaysHowToLabelSeveralClasses) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "land_cover", "--classes", "other,water,tree", "--feature", "landuse"}).status, 0);
  EXPECT_TRUE(says(bench.read("land_cover/README.md"), "--class landuse --geometry polygon --classes other,water,tree --class-from ATTRIBUTE\n"));
}

TEST(PluginsNew, RefusesWhatCannotBe) {
  const test::Bench bench;
  EXPECT_TRUE(says(bench.fair({"plugins", "new", "My-Roads"}).err, "small letters"));
  EXPECT_TRUE(says(bench.fair({"plugins", "new", "unet_segmentation"}).err, "one of the program's own"));
  bench.write("text.onnx", "no graph");
  EXPECT_EQ(bench.fair({"plugins", "new", "my_roads", "--onnx", "text.onnx"}).status, 1);
  EXPECT_FALSE(bench.exists("my_roads")) << "nothing half";
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads"}).status, 0);
  EXPECT_TRUE(says(bench.fair({"plugins", "new", "my_roads"}).err, "one that is there"));
  EXPECT_TRUE(says(bench.fair({"plugins", "new", "my_boxes", "--task", "detection", "--onnx", "my_roads/model/model.onnx"}).err, "3 axes"));
}

TEST(PluginsWithoutCode, AreCheckedInstalledTrainedAndPredictWith) {
  const test::Bench bench;
  for (const char* task : {"segmentation", "detection", "classification"}) {
    const std::string name = std::string("no_") + task;
    ASSERT_EQ(bench.fair({"plugins", "new", name, "--task", task, "--no-code"}).status, 0);
    const auto checked = bench.fair({"plugins", "check", name, "--offline", "--json"});
    EXPECT_EQ(checked.status, 0) << checked.out;
    const Json last = checked.json()[0]["checks"].back();
    EXPECT_EQ(last["what"], "some steps of training, then a prediction");
    EXPECT_EQ(last["state"], "ok") << last;
  }
  const std::string home = "XDG_DATA_HOME=" + (bench.folder / "data").string();
  ASSERT_EQ(bench.fair({"plugins", "install", "no_detection"}, home).status, 0);
  EXPECT_TRUE(says(bench.fair({"plugins", "list"}, home).out, "no_detection"));
  EXPECT_EQ(bench.fair({"plugins", "remove", "no_detection"}, home).status, 0);
  EXPECT_FALSE(says(bench.fair({"plugins", "list"}, home).out, "no_detection"));
}

TEST(PluginsRemove, TakesNoFolderAwayThatIsNotThePlugins) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "my_boxes", "--task", "detection", "--no-code"}).status, 0);
  ASSERT_EQ(bench.fair({"plugins", "install", "my_boxes", "--into", "own"}).status, 0);
  // A manifest beside the folder that --from names, and a name that climbs to it.
  bench.write("my_boxes.plugin.json", bench.read("own/my_boxes/my_boxes.plugin.json"));
  bench.write("precious", "mine");
  EXPECT_NE(bench.fair({"plugins", "remove", "../my_boxes", "--from", "own"}).status, 0);
  EXPECT_TRUE(bench.exists("precious"));
  EXPECT_TRUE(bench.exists("own/my_boxes"));
  EXPECT_EQ(bench.fair({"plugins", "remove", "my_boxes", "--from", "own"}).status, 0);
  EXPECT_FALSE(bench.exists("own/my_boxes"));
}

TEST(PluginsInstall, OfAFolderThatIsNotBuiltSaysHowToBuildIt) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads"}).status, 0);
  EXPECT_TRUE(says(bench.fair({"plugins", "install", "my_roads", "--into", "here"}).err, "cmake --build build"));
  EXPECT_FALSE(bench.exists("here"));
}

TEST(PluginsCheck, EachFaultSaysWhatToDo) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads", "--no-code"}).status, 0);
  const auto faults = [&] { return bench.fair({"plugins", "check", "my_roads", "--offline", "--no-training"}); };
  EXPECT_EQ(faults().status, 0);
  const std::string readme = bench.read("my_roads/README.md"), item = bench.read("my_roads/model/my-roads.json");
  bench.write("my_roads/README.md", "# Roads\n");
  EXPECT_EQ(faults().status, 3);
  EXPECT_TRUE(says(faults().out, "no section \"## Limits\": add it"));
  bench.write("my_roads/README.md", readme);
  auto change = [&](const std::function<void(Json&)>& with) {
    Json json = Json::parse(item);
    with(json["properties"]);
    bench.write("my_roads/model/my-roads.json", json.dump());
    return faults().out;
  };
  EXPECT_TRUE(says(change([](Json& p) { p["license"] = "GPL-2.0-only"; }), "use one of"));
  EXPECT_TRUE(says(change([](Json& p) { p["mlm:hyperparameters"]["training.loss"] = "MagicLoss"; }), "choose one of them"));
  EXPECT_TRUE(
      says(change([](Json& p) { p["mlm:input"][0]["pre_processing_function"]["expression"] = "models.other:pre"; }), "write the same in both"));
  EXPECT_TRUE(says(change([](Json& p) { p["mlm:input"][0]["input"]["shape"] = {-1, 3, 64, 64}; }), "fault"));
}

TEST(PluginsCheck, WhatIsNotBuiltIsSaidToBeUnchecked) {
  const test::Bench bench;
  ASSERT_EQ(bench.fair({"plugins", "new", "my_roads"}).status, 0);
  const auto checked = bench.fair({"plugins", "check", "my_roads", "--offline", "--no-training"});
  EXPECT_EQ(checked.status, 3);
  EXPECT_TRUE(says(checked.out, "skipped  the static form: there is no libfair_plugin_my_roads.a")) << checked.out;
  EXPECT_TRUE(says(checked.out, "skipped  the browsers' form: it is not built")) << checked.out;
  EXPECT_TRUE(says(checked.out, "fault    the shared form\n           it is not built: cmake -B build")) << checked.out;
}

}  // namespace
}  // namespace fair
