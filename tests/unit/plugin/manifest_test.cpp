#include "core/plugin/manifest.h"

#include <gtest/gtest.h>

#include "core/plugin/host.h"

namespace fair::plugin {
namespace {

const char* const good = R"({"name":"mine","version":"2","abi":"1.0","tasks":["classification"],"processing":{"pre":["a:b"],"post":["a:c"]}})";

TEST(Manifest, ReadsAndAnswersWhoRunsWhat) {
  const auto manifest = Manifest::from_json(Json::parse(good), "mine.plugin.json");
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_TRUE(manifest->implements("a:b", "a:c"));
  EXPECT_FALSE(manifest->implements("a:b", "x:c"));
  EXPECT_TRUE(disagreements(*manifest, Json::parse(good)).empty());
  Json lie = Json::parse(good);
  lie["version"] = "3";
  ASSERT_EQ(disagreements(*manifest, lie).size(), 1U);
  EXPECT_EQ(disagreements(*manifest, lie)[0], "its manifest says version 2, the plugin itself says 3");
}

TEST(Manifest, FaultsAreNamed) {
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, Json>>{{"name", "Not A Name"}, {"abi", "one"}, {"tasks", Json::array()}, {"version", 7}}) {
    Json bad = Json::parse(good);
    bad[field] = value;
    const auto manifest = Manifest::from_json(bad, "mine.plugin.json");
    ASSERT_FALSE(manifest) << field;
    EXPECT_NE(manifest.error().thing.find(field), std::string::npos);
  }
}

std::int32_t older_major(const fair_host_table*, fair_plugin_table* out) {
  out->struct_size = sizeof(fair_plugin_table);
  out->abi_major = 0;
  return 0;
}
std::int32_t newer_minor(const fair_host_table*, fair_plugin_table* out) {
  out->struct_size = sizeof(fair_plugin_table);
  out->abi_major = FAIR_ABI_MAJOR;
  out->abi_minor = FAIR_ABI_MINOR + 1;
  return 0;
}
std::int32_t short_table(const fair_host_table*, fair_plugin_table* out) {
  out->struct_size = 8;
  out->abi_major = FAIR_ABI_MAJOR;
  return 0;
}
std::int32_t refuses(const fair_host_table* host, fair_plugin_table*) {
  const fair_text text{"no licence found", 16};
  host->set_error(host->host, &text);
  return 1;
}

TEST(LoadedPlugin, BadTablesAreRefusedWithASentence) {
  const auto why = [](fair_plugin_entry entry) { return LoadedPlugin::take(entry, "plugin x").error().message(); };
  EXPECT_NE(why(&older_major).find("contract 0.0"), std::string::npos);
  EXPECT_NE(why(&newer_minor).find("use a newer version of fair"), std::string::npos);
  EXPECT_NE(why(&short_table).find("8 bytes"), std::string::npos);
  EXPECT_NE(why(&refuses).find("no licence found"), std::string::npos);
}

}  // namespace
}  // namespace fair::plugin
