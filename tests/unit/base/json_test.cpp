#include "core/base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace fair {
namespace {

TEST(Json, KeepsFieldOrder) { EXPECT_EQ(parse_json(R"({"b":1,"a":2})", "x")->dump(), R"({"b":1,"a":2})"); }

TEST(Json, NamesTheThingThatDoesNotParse) {
  const auto bad = parse_json("{\"a\":", "item.json");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().thing, "item.json");
  EXPECT_EQ(bad.error().code, Code::invalid);
}

TEST(Json, RefusesDeepNestingBeforeParsing) {
  const auto bad = parse_json(std::string(100000, '['), "deep.json");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().found.find("100000"), std::string::npos);
}

TEST(Json, BracketsInStringsAreNoNesting) { EXPECT_TRUE(parse_json("\"" + std::string(1000, '[') + "\"", "x")); }

TEST(Json, RefusesHugeText) {
  JsonLimits limits;
  limits.max_bytes = 10;
  EXPECT_FALSE(parse_json("[1,2,3,4,5,6,7]", "x", limits));
}

}  // namespace
}  // namespace fair
