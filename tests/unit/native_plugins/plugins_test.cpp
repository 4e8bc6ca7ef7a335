// Plugins on disk: found by their manifests, verified before any of their code runs, opened, and held to the contract.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "core/plugin/conformance.h"
#include "core/plugin/core_processing.h"
#include "native/plugins/open.h"
#include "native/plugins/verify.h"
#include "plugins/built_in.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/native_plugins/fixture_manifest.h"

namespace fair::plugins {
namespace {
namespace fs = std::filesystem;

/// A fixture installed in a folder of the test's own, with a manifest that is right but for `change`.
struct Installed {
  explicit Installed(
      const std::string& name, const std::function<void(Json&)>& change = [](Json&) {}) {
    binary = scratch / (name + ".so");
    fs::copy_file(fs::path(FIXTURES) / (name + ".so"), binary);
    Json json = test_support::fixture_manifest(name, binary);
    change(json);
    manifest = scratch / (name + ".plugin.json");
    test::spill(manifest, json.dump());
  }
  std::string refusal() const {
    const auto found = find_at(manifest);
    if (!found) return found.error().message();
    const auto opened = open(*found);
    if (!opened) return opened.error().message();
    const auto faults = plugin::disagreements(found->manifest, opened->description());
    return faults.empty() ? "accepted" : faults.front();
  }
  plugin::Conformance conformance() const {
    const auto opened = open(*find_at(manifest));
    EXPECT_TRUE(opened) << opened.error().message();
    return check_conformance(*opened, *plugin::example_spec(opened->description()));
  }
  test::Scratch scratch;
  fs::path binary, manifest;
};

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool says(const plugin::Conformance& conformance, const std::string& part) {
  return std::any_of(conformance.faults.begin(), conformance.faults.end(), [&](const std::string& fault) { return says(fault, part); });
}

TEST(Plugin, AGoodOneIsOpenedAndConforms) {
  const Installed good("good");
  EXPECT_EQ(good.refusal(), "accepted");
  const auto conformance = good.conformance();
  EXPECT_EQ(conformance.faults, std::vector<std::string>{});
  EXPECT_GT(conformance.checks, 20);
  for (const fs::path& name : {good.manifest, good.binary, good.scratch.path()}) EXPECT_TRUE(find_at(name)) << name;
}

TEST(BadPlugin, WithoutItsSymbol) { EXPECT_TRUE(says(Installed("no_symbol").refusal(), "fair_plugin_no_symbol")); }

TEST(BadPlugin, OfAnOlderMajor) {
  EXPECT_TRUE(says(Installed("older_major").refusal(), "contract 0.9"));
  EXPECT_TRUE(says(Installed("good", [](Json& j) { j["abi"] = "0.9"; }).refusal(), "contract 0.9")) << "told from the manifest alone";
}

TEST(BadPlugin, OfANewerMinor) {
  EXPECT_TRUE(says(Installed("newer_minor").refusal(), "use a newer version of fair"));
  EXPECT_TRUE(says(Installed("good", [](Json& j) { j["abi"] = "1.7"; }).refusal(), "use a newer version of fair"));
}

TEST(BadPlugin, WithAShortTable) { EXPECT_TRUE(says(Installed("short_struct").refusal(), "16 bytes")); }

TEST(BadPlugin, ThatThrowsSomethingOddInCreate) {
  const Installed throws("throws");
  EXPECT_EQ(throws.refusal(), "accepted") << "it opens";
  EXPECT_TRUE(says(throws.conformance(), "no std::exception"));
}

TEST(BadPlugin, ThatGivesAWrongShape) {
  const auto conformance = Installed("wrong_shape").conformance();
  EXPECT_TRUE(says(conformance, "SCORES must be (windows, classes, height, width) = (2, 2, 32, 32)"));
}

TEST(BadPlugin, ThatReadsRowsItShouldNot) { EXPECT_TRUE(says(Installed("ignores_stride").conformance(), "row_bytes")); }

TEST(BadPlugin, WhoseManifestLies) {
  EXPECT_TRUE(says(Installed("good", [](Json& j) { j["version"] = "2"; }).refusal(), "says version 2, the plugin itself says 1"));
  EXPECT_TRUE(says(Installed("good", [](Json& j) { j["tasks"] = {"classification"}; }).refusal(), "tasks classification"));
  EXPECT_TRUE(says(Installed("good",
                             [](Json& j) {
                               j["name"] = "better";
                               j["binary"] = "good.so";
                             })
                       .refusal(),
                   "fair_plugin_better"));
}

TEST(BadPlugin, OfAnotherPlatform) {
  const std::string why = Installed("good", [](Json& j) { j["platform"] = "linux-m68k"; }).refusal();
  EXPECT_TRUE(says(why, "linux-m68k") && says(why, platform())) << why;
}

TEST(BadPlugin, ThatIsNoBinary) {
  const Installed good("good", [](Json& j) { j["binary"] = "text.so"; });
  test::spill(good.scratch / "text.so", "#!/bin/sh\n");
  EXPECT_TRUE(says(good.refusal(), "a file of another kind"));
}

TEST(BadPlugin, ThatIsHalfThere) {
  const Installed good("good");
  fs::resize_file(good.binary, fs::file_size(good.binary) / 2);
  EXPECT_TRUE(says(good.refusal(), "sha256"));
  fs::remove(good.binary);
  EXPECT_TRUE(says(good.refusal(), "good.so"));
  test::spill(good.manifest, "{\"name\":");
  EXPECT_TRUE(says(good.refusal(), "good.plugin.json"));
  fs::remove(good.manifest);
  EXPECT_TRUE(says(good.refusal(), "nothing there"));
}

TEST(BadPlugin, WhoseManifestPointsElsewhere) {
  EXPECT_TRUE(says(Installed("good", [](Json& j) { j["binary"] = "../../lib/evil.so"; }).refusal(), "beside the manifest"));
}

TEST(Find, LooksInEachFolderAndOneBelowAndTellsWhatItCannotRead) {
  const Installed one("good");
  fs::create_directories(one.scratch / "below");
  fs::copy_file(one.manifest, one.scratch / "below" / "good.plugin.json");
  test::spill(one.scratch / "broken.plugin.json", "[]");
  const Search search = find({one.scratch.path(), one.scratch / "nowhere"});
  ASSERT_EQ(search.found.size(), 2U);
  EXPECT_EQ(search.found[1].binary, one.scratch / "below" / "good.so");
  ASSERT_EQ(search.refused.size(), 1U);
  EXPECT_TRUE(says(search.refused[0].message(), "broken.plugin.json"));
}

TEST(Find, TheEnvironmentsFoldersComeFirst) {
  ::setenv("FAIR_PLUGIN_PATH", "/one::/two", 1);
  const auto folders = plugin_path();
  ::unsetenv("FAIR_PLUGIN_PATH");
  ASSERT_GE(folders.size(), 3U);
  EXPECT_EQ(folders[0], "/one");
  EXPECT_EQ(folders[1], "/two");
}

TEST(Registry, OpensNothingBeforeItIsTheAnswer) {
  plugin::Registry registry;
  int opened = 0;
  for (const char* name : {"first", "second"}) {
    Json json = Json::parse(R"({"version":"1","abi":"1.0","tasks":["classification"]})");
    json["name"] = name;
    json["processing"] = {{"pre", {std::string(name) + ":pre"}}, {"post", {std::string(name) + ":post"}}};
    const auto open = [&opened, name]() -> Result<plugin::LoadedPlugin> { return ++opened, fail(Code::invalid, name, "to open", "it does not"); };
    ASSERT_TRUE(registry.add(*plugin::Manifest::from_json(json, name), open, name));
    EXPECT_EQ(registry.add(*plugin::Manifest::from_json(json, name), open, name).error().code, Code::conflict);
  }
  EXPECT_EQ(opened, 0);
  stac::ModelSpec model;
  model.input.pre_processing = "second:pre", model.output.post_processing = "second:post";
  EXPECT_TRUE(says(registry.for_model(model).error().message(), "second"));
  EXPECT_EQ(opened, 1);
}

TEST(CoreProcessing, SaysOfOurPluginsWhatTheirDescriptionsSay) {
  const auto registry = built_in_registry();
  ASSERT_TRUE(registry);
  EXPECT_EQ(plugin::core_processing().size(), registry->names().size());
  for (const plugin::CoreProcessing& one : plugin::core_processing()) {
    const auto ours = registry->plugin(one.plugin);
    ASSERT_TRUE(ours) << one.plugin;
    const Json& described = (*ours)->description();
    EXPECT_EQ(described["result_kind"], one.postprocess);
    EXPECT_EQ(described["tasks"], Json::array({one.task}));
    const auto same = [&](const char* member, const std::vector<std::string>& words) {
      const auto theirs = described["training"][member].get<std::vector<std::string>>();
      EXPECT_EQ(std::set<std::string>(theirs.begin(), theirs.end()), std::set<std::string>(words.begin(), words.end()))
          << one.plugin << "'s " << member;
    };
    same("losses", one.losses);
    same("metrics", one.metrics);
  }
}

class BuiltInPlugin : public ::testing::TestWithParam<const char*> {};

TEST_P(BuiltInPlugin, ConformsAndItsStaticAndSharedFormsGiveEqualNumbers) {
  const auto one_of = std::find_if(built_in().begin(), built_in().end(), [](const BuiltIn& b) { return std::string(b.name) == GetParam(); });
  ASSERT_NE(one_of, built_in().end());
  const auto statically = plugin::LoadedPlugin::take(one_of->entry, "built in");
  ASSERT_TRUE(statically);
  const auto found = find_at(fs::path(PLUGIN_FOLDERS) / GetParam());
  ASSERT_TRUE(found) << found.error().message();
  const auto shared = open(*found);
  ASSERT_TRUE(shared) << shared.error().message();
  const auto spec = *plugin::example_spec(statically->description());
  const auto one = check_conformance(*statically, spec), other = check_conformance(*shared, spec);
  EXPECT_EQ(one.faults, std::vector<std::string>{});
  EXPECT_EQ(other.faults, std::vector<std::string>{});
  ASSERT_GT(one.numbers.size(), 100000U);
  EXPECT_EQ(one.numbers, other.numbers);
}

INSTANTIATE_TEST_SUITE_P(All, BuiltInPlugin, ::testing::Values("unet_segmentation", "resnet18_classification", "yolo11n_detection"));

}  // namespace
}  // namespace fair::plugins
