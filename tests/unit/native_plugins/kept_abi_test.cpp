// The template's binaries of released contracts: every later host must load them and get the same numbers. Only ever added to.
#include <gtest/gtest.h>

#include "core/plugin/conformance.h"
#include "native/plugins/open.h"
#include "native/plugins/verify.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::plugins {
namespace {

TEST(KeptAbi, BinariesOfFormerReleasesAreLoadedAndGiveTheSameNumbers) {
  const std::filesystem::path folder = std::filesystem::path(FAIR_SOURCE_DIR) / "tests/unit/native_plugins/kept";
  const auto expected = json_from(test::slurp(folder / "digests.json"));
  ASSERT_TRUE(expected && !expected->empty());
  int loaded = 0;
  for (const auto& [release, digest] : expected->items()) {
    const auto found = find_at(folder / release / "template_plugin.plugin.json");
    ASSERT_TRUE(found) << found.error().message();
    if (found->manifest.platform != platform()) continue;
    const auto opened = open(*found);
    ASSERT_TRUE(opened) << release << ": a plugin built against it can no longer be loaded: " << opened.error().message();
    const auto conformance = check_conformance(*opened, *plugin::example_spec(opened->description()));
    EXPECT_EQ(conformance.faults, std::vector<std::string>{}) << release;
    EXPECT_EQ(plugin::digest(conformance), digest.get<std::string>()) << release;
    ++loaded;
  }
  if (loaded == 0) GTEST_SKIP() << "no binaries are kept for " << platform();
}

}  // namespace
}  // namespace fair::plugins
