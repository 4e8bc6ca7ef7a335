#include "native/runs/config_file.h"

#include <gtest/gtest.h>

namespace fair::runs {
namespace {

TEST(ConfigFile, ComesBackAsItWas) {
  const Json config = Json::parse(R"({"model":{"name":"a: b"},"parameters":{"epochs":5,"learning_rate":1e-07,"ratio":0.2,"freeze":true,"nothing":null,
    "version":"1","word":"yes","empty":"","text":"two\nlines","tags":["model:x","0123"],"none":[],"map":{}},"z":1,"a":-3.5})");
  const auto back = from_yaml(to_yaml(config), "x");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->dump(), config.dump());
}

TEST(ConfigFile, FaultsNameTheLine) {
  const auto bad = from_yaml("a: 1\nb: [1, 2\nc: 3\n", "run.yaml");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().thing.find("run.yaml:"), std::string::npos);
}

}  // namespace
}  // namespace fair::runs
