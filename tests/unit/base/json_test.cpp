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

TEST(Json, EveryKindOfValueComesBackAsItWas) {
  const std::string text = R"({"o":{"a":[1,-2,3.5,true,null,"\u00e9",[],{}],"b":{"c":[[1],[2,[3]]]}},"n":18446744073709551615,"last":"x"})";
  const auto read = parse_json(text, "x");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, Json::parse(text));
  EXPECT_EQ(parse_json("7", "x")->get<int>(), 7);
  EXPECT_EQ(parse_json(R"({"a":1,"b":2,"a":3})", "x")->dump(), R"({"a":3,"b":2})");
}

TEST(Json, SaysWhereItDoesNotParse) {
  for (const char* text : {"", "{\"a\":}", "[1,2", "[1] 2", "{\"a\" 1}", "\"\xff\"", "1e999", "nul"}) {
    const auto bad = parse_json(text, "x");
    ASSERT_FALSE(bad) << text;
    EXPECT_FALSE(bad.error().found.empty()) << text;
    EXPECT_FALSE(json_from(text)) << text;
  }
  EXPECT_NE(parse_json("[1,\n2,]", "x").error().found.find("line 2"), std::string::npos);
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
