#include "native/stack/stack.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "native/stack/check.h"
#include "native/stack/components.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::stack {
namespace {

class Stacks : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("FAIR_STACK");
    unsetenv("FAIR_CONFIG");
    setenv("XDG_CONFIG_HOME", scratch_.path().c_str(), 1);
  }
  Result<Configuration> read(const std::string& text) {
    std::ofstream(scratch_ / "fair.toml") << text;
    return read_configuration(scratch_.path());
  }
  test::Scratch scratch_;
};

constexpr const char* production = R"(
default = "production"
[stack.production.catalog]
kind = "stac-api"
url = "http://127.0.0.1:1/"
user = "writer"
password_env = "FAIR_TEST_PASSWORD"
[stack.production.artifacts]
kind = "s3"
bucket = "models"
path_style = true
part_megabytes = 8
[stack.production.images]
kind = "registry"
host = "127.0.0.1:1"
insecure = true
[stack.production.versions]
kind = "zenml"
url = "http://127.0.0.1:1"
user = "admin"
password_env = "FAIR_TEST_PASSWORD"
)";

TEST_F(Stacks, WithoutAFileThereIsTheLocalOne) {
  const auto read = read_configuration(scratch_.path());
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->stacks.size(), 1U);
  EXPECT_EQ(choose(*read, "")->name, "local");
  const auto other = choose(*read, "production");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message().find("fair.toml"), std::string::npos);
}

TEST_F(Stacks, AreReadAndChosen) {
  const auto configuration = read(production);
  ASSERT_TRUE(configuration) << configuration.error().message();
  const auto chosen = choose(*configuration, "");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->name, "production");
  EXPECT_EQ(chosen->part("catalog").kind, "stac-api");
  EXPECT_EQ(chosen->part("artifacts").get("bucket"), "models");
  EXPECT_EQ(chosen->part("artifacts").get("part_megabytes"), "8");
  EXPECT_EQ(chosen->part("artifacts").get("path_style"), "true");
  EXPECT_EQ(choose(*configuration, "local")->part("catalog").kind, "files");
  setenv("FAIR_STACK", "local", 1);
  EXPECT_EQ(choose(*configuration, "")->name, "local");
  const auto near = choose(*configuration, "producton");
  ASSERT_FALSE(near);
  EXPECT_NE(near.error().message().find("did you mean production?"), std::string::npos) << near.error().message();
}

TEST_F(Stacks, AllThatIsWrongIsToldAtOnceWithLines) {
  const auto wrong = read(
      "[stack.a.catalog]\nkind = \"stac-api\"\n"
      "[stack.a.artifacts]\nkind = \"s3\"\nbuckt = \"x\"\n"
      "[stack.b.catalogue]\nkind = \"files\"\n"
      "[stack.c.catalog]\nkind = \"oracle\"\n"
      "[stack.local.catalog]\nkind = \"files\"\n"
      "[stacks]\n");
  ASSERT_FALSE(wrong);
  const std::string text = wrong.error().message();
  for (const char* part :
       {"line 1", "needs url", "did you mean bucket?", "needs bucket", "no part of a stack", "not oracle", "built-in stack", "stacks"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  const auto broken = read("[stack.a\n");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Code::invalid);
  EXPECT_NE(broken.error().thing.find("fair.toml:1"), std::string::npos) << broken.error().message();
}

TEST_F(Stacks, SecretsComeFromTheEnvironmentOrFilesAndAreInNoError) {
  const auto configuration = read(production);
  ASSERT_TRUE(configuration);
  const Stack stack = *choose(*configuration, "");
  unsetenv("FAIR_TEST_PASSWORD");
  const auto missing = secret(stack.part("catalog"), "password");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("FAIR_TEST_PASSWORD"), std::string::npos);
  setenv("FAIR_TEST_PASSWORD", "hunter2", 1);
  EXPECT_EQ(secret(stack.part("catalog"), "password").value_or("?"), "hunter2");
  EXPECT_EQ(secret(stack.part("catalog"), "token").value_or("?"), "");
  std::ofstream(scratch_ / "token") << "from-a-file\n";
  EXPECT_EQ(secret(Component{"stac-api", {{"token_file", (scratch_ / "token").string()}}}, "token").value_or("?"), "from-a-file");
}

TEST_F(Stacks, CheckNamesThePartThatIsBad) {
  setenv("FAIR_TEST_PASSWORD", "hunter2", 1);
  setenv("no_proxy", "127.0.0.1", 1);
  unsetenv("AWS_ACCESS_KEY_ID");
  setenv("AWS_SHARED_CREDENTIALS_FILE", (scratch_ / "none").c_str(), 1);
  setenv("AWS_CONFIG_FILE", (scratch_ / "none").c_str(), 1);
  const auto configuration = read(production);
  auto workspace = store::Workspace::create(scratch_ / "workspace", {}, "2026-02-01T00:00:00Z");
  ASSERT_TRUE(workspace);
  std::vector<std::string> begun;
  const auto verdicts = check(*choose(*configuration, ""), *workspace, [&](const std::string& part) { begun.push_back(part); });
  ASSERT_EQ(verdicts.size(), part_names.size());
  EXPECT_EQ(begun.size(), part_names.size());
  EXPECT_EQ(verdicts[0].part, "catalog");
  EXPECT_FALSE(verdicts[0].good);
  EXPECT_FALSE(verdicts[1].good);
  EXPECT_EQ(verdicts[2].part, "versions");
  EXPECT_FALSE(verdicts[2].good);
  EXPECT_NE(verdicts[2].said.find("http://127.0.0.1:1"), std::string::npos) << verdicts[2].said;
  EXPECT_EQ(verdicts[3].part, "images");
  EXPECT_FALSE(verdicts[3].good);
  EXPECT_TRUE(verdicts[4].good) << verdicts[4].said;
  EXPECT_NE(verdicts[1].said.find("AWS_ACCESS_KEY_ID"), std::string::npos) << verdicts[1].said;
  for (const Verdict& v : verdicts) EXPECT_EQ(v.said.find("hunter2"), std::string::npos);
  const auto local = check(Stack{}, *workspace, [](const std::string&) {});
  for (const Verdict& v : local) EXPECT_TRUE(v.good) << v.part << ": " << v.said;
}

}  // namespace
}  // namespace fair::stack
