#include "core/base/error.h"

#include <gtest/gtest.h>

namespace fair {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Code::invalid, "n", "an even number", std::to_string(n), "add one");
  return n / 2;
}

Result<int> quarter(int n) {
  FAIR_TRY_ASSIGN(const int h, half(n));
  FAIR_TRY_ASSIGN(const int q, half(h));
  return q;
}

TEST(Error, MessageNamesThingExpectedFoundAndHint) { EXPECT_EQ(half(3).error().message(), "n: expected an even number, found 3; add one"); }

TEST(Error, TryAssignPassesValuesAndErrors) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().found, "3");
}

TEST(Error, EveryCodeHasAName) { EXPECT_STREQ(name(Code::not_found), "not_found"); }

}  // namespace
}  // namespace fair
