#include "core/stac/value_scaling.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/stac/linear_expression.h"

namespace fair::stac {
namespace {

Result<Scaling> scaling(const char* steps, std::size_t bands = 3, const char* type = "float32") {
  Json input = Json::object();
  if (steps != nullptr) input["value_scaling"] = parse_json(steps, "s").value();
  return scaling_of(input, bands, type, "in");
}

TEST(ValueScaling, WhatIsNotSaid) {
  EXPECT_DOUBLE_EQ(scaling(nullptr)->scale[0], 1.0 / 255.0);
  EXPECT_DOUBLE_EQ(scaling("null")->scale[0], 1.0);
  EXPECT_DOUBLE_EQ(scaling(nullptr, 3, "uint8")->scale[0], 1.0);
}

TEST(ValueScaling, EveryTypeOfMlm) {
  const auto at = [](const char* step, double value) {
    const Scaling s = scaling((std::string("[") + step + "]").c_str()).value();
    if (!s.low.empty()) value = std::min(std::max(value, s.low[0]), s.high[0]);
    return value * s.scale[0] + s.offset[0];
  };
  EXPECT_NEAR(at(R"({"type": "min-max", "minimum": 55, "maximum": 255})", 155), 0.5, 1e-12);
  EXPECT_NEAR(at(R"({"type": "z-score", "mean": 100, "stddev": 50})", 150), 1.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "offset", "value": 10})", 15), 5.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "scale", "value": 255})", 255), 1.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "clip", "minimum": 10, "maximum": 20})", 255), 20.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "clip-min", "minimum": 10})", 3), 10.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "clip-max", "maximum": 10})", 30), 10.0, 1e-12);
  EXPECT_NEAR(at(R"({"type": "processing", "format": "gdal-calc", "expression": "(A - 127.5) / 127.5"})", 255), 1.0, 1e-12);
}

TEST(ValueScaling, ReadsBackWhatItWrites) {
  for (const char* steps :
       {R"([{"type": "scale", "value": 255}])", R"([{"type": "clip", "minimum": 1, "maximum": 9}])", R"([{"type": "clip-max", "maximum": 9}])",
        R"([{"type": "z-score", "mean": 1, "stddev": 2}, {"type": "offset", "value": 4}, {"type": "min-max", "minimum": 0, "maximum": 10}])"}) {
    const Scaling first = scaling(steps).value();
    const Scaling again = scaling(to_json(first).dump().c_str()).value();
    ASSERT_EQ(first.scale.size(), again.scale.size());
    for (std::size_t i = 0; i < first.scale.size(); ++i) {
      EXPECT_NEAR(first.scale[i], again.scale[i], 1e-15);
      EXPECT_NEAR(first.offset[i], again.offset[i], 1e-12);
    }
    EXPECT_EQ(first.low, again.low);
    EXPECT_EQ(first.high, again.high);
  }
}

TEST(ValueScaling, Faults) {
  for (const char* steps : {R"([{"type": "min-max", "minimum": 5, "maximum": 5}])", R"([{"type": "z-score", "mean": 5, "stddev": 0}])",
                            R"([{"type": "scale", "value": 0}])", R"([{"type": "scale"}])", R"([{"type": "magic"}])", "[1]", "[]", "{}",
                            R"([{"type": "offset", "value": 1}, {"type": "offset", "value": 1}])",
                            R"([{"type": "processing", "format": "python", "expression": "models.x:scale"}])"}) {
    const auto result = scaling(steps);
    ASSERT_FALSE(result) << steps;
    EXPECT_EQ(result.error().thing.rfind("in/value_scaling", 0), 0U) << steps;
  }
}

TEST(LinearExpression, ReadsLinesAndNothingElse) {
  const auto line = linear_expression("-(2 * B1 - 3e1) / (4 - 2.)");
  ASSERT_TRUE(line);
  EXPECT_DOUBLE_EQ(line->scale, -1.0);
  EXPECT_DOUBLE_EQ(line->offset, 15.0);
  for (const char* text : {"", "3", "A * A", "A / B", "A + B", "1 / A", "A / 0", "A +", "(A", "A)", "A; B", "numpy.log(A)", "A ** 2", "1e999 * A"})
    EXPECT_FALSE(linear_expression(text)) << text;
  EXPECT_FALSE(linear_expression(std::string(900, '(') + "A"));
  EXPECT_FALSE(linear_expression(std::string(100000, '-') + "A"));
}

}  // namespace
}  // namespace fair::stac
