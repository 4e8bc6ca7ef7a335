#include "core/stac/licence.h"

#include <gtest/gtest.h>

namespace fair::stac {
namespace {

TEST(Licence, ConditionsOfBothParentsStay) {
  EXPECT_EQ(derived_licence("MIT", "CC-BY-4.0"), "MIT");
  EXPECT_EQ(derived_licence("AGPL-3.0-only", "CC0-1.0"), "AGPL-3.0-only");
  EXPECT_EQ(derived_licence("Apache-2.0", "ODbL-1.0"), "ODbL-1.0");
  EXPECT_EQ(derived_licence("AGPL-3.0-only", "ODbL-1.0"), "AGPL-3.0-only AND ODbL-1.0");
  EXPECT_EQ(derived_licence("MIT", "CC-BY-NC-4.0"), "CC-BY-NC-4.0");
}

TEST(Licence, AnUnknownParentLeavesItUnknown) {
  EXPECT_EQ(derived_licence("MIT", "other"), "other");
  EXPECT_EQ(derived_licence("", "CC0-1.0"), "other");
}

TEST(Licence, AGrandchildNamesNothingTwice) {
  const std::string child = derived_licence("AGPL-3.0-only", "ODbL-1.0");
  EXPECT_EQ(derived_licence(child, "ODbL-1.0"), child);
  EXPECT_EQ(derived_licence(child, "CC-BY-SA-4.0"), child + " AND CC-BY-SA-4.0");
}

TEST(Licence, NotesTellKindsApart) {
  EXPECT_NE(licence_note("MIT"), licence_note("ODbL-1.0"));
  EXPECT_NE(licence_note("MIT"), licence_note("other"));
}

}  // namespace
}  // namespace fair::stac
