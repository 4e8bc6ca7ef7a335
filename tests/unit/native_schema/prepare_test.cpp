#include "native/schema/prepare.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "native/io/atomic_file.h"
#include "native/schema/validator.h"

namespace fair::schema {
namespace {

namespace fs = std::filesystem;

/// Verdicts of one schema on a list of documents, by both ways of asking.
std::string verdicts(const char* schema, const std::vector<const char*>& documents) {
  const fs::path folder = fs::path(testing::TempDir()) / ("prepare-" + std::to_string(getpid()));
  fs::create_directories(folder / "example.org");
  EXPECT_TRUE(
      io::write_whole(folder / "example.org/s.json",
                      std::string(R"({"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.org/s.json", )") + schema + "}"));
  Options options;
  options.schemas = folder;
  options.download = false;
  Validator validator(options);
  std::string all;
  for (const char* text : documents) all += validator.validate(parse_json(text, "d").value(), "https://example.org/s.json").empty() ? 'v' : 'x';
  fs::remove_all(folder);
  return all;
}

TEST(Prepare, ReferencesToSchemasWithPatternsFindThem) {
  EXPECT_EQ(verdicts(R"json("allOf": [{"$ref": "#/$defs/f"}], "$defs": {"f": {"properties": {"m:a": {"type": "string"}},
                       "patternProperties": {"^(?!m:)": {}}, "additionalProperties": false}})json",
                     {R"({"m:a": "x", "b": 1})", R"({"m:a": 1})", R"({"m:b": 1})", R"({})"}),
            "vxxv");
  EXPECT_EQ(verdicts(R"json("$ref": "#/definitions/f", "definitions": {"f": {"required": ["a1"],
                       "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}})json",
                     {R"({"a1": 1, "b": "x"})", R"({"a1": "x"})", R"({"a1": 1, "b": 1})", R"({"b": "x"})"}),
            "vxxx");
}

TEST(Prepare, FormatsAreAnnotations) {
  EXPECT_EQ(verdicts(R"("properties": {"d": {"type": "string", "format": "date-time"}, "format": {"type": "integer"}})",
                     {R"({"d": "no date"})", R"({"format": "x"})"}),
            "vx");
}

TEST(Prepare, AdditionalPropertiesAreToldWhereTheyAre) {
  EXPECT_EQ(verdicts(R"("properties": {"a.b": {}}, "additionalProperties": {"type": "string"})",
                     {R"({"a.b": 1, "c": "x"})", R"({"aXb": 1})", R"({"a.bc": 1})"}),
            "vxx");
}

TEST(Prepare, AlternativesOfOtherTypesOnlyAreLeftOut) {
  const Json schema =
      parse_json(
          R"({"oneOf": [{"required": ["type"], "properties": {"type": {"const": "Feature"}}}, {"allOf": [{"required": ["type"], "properties": {"type": {"const": "Collection"}}}]}, {"properties": {"type": {"const": "Catalog"}}}]})",
          "s")
          .value();
  Json quick = schema;
  prepare(quick, Purpose::verdict, "Feature");
  EXPECT_TRUE(quick["oneOf"][0].is_object());
  EXPECT_EQ(quick["oneOf"][1], false);
  EXPECT_TRUE(quick["oneOf"][2].is_object());  // it would accept a document without a type
  Json thorough = schema;
  prepare(thorough, Purpose::report, "Feature");
  EXPECT_EQ(thorough, schema);
}

}  // namespace
}  // namespace fair::schema
