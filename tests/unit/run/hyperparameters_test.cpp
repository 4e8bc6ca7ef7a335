#include "core/run/hyperparameters.h"

#include <gtest/gtest.h>

#include "tests/unit/stac/items.h"

namespace fair::run {
namespace {

HyperparameterSpec spec() { return HyperparameterSpec::from_item(test::item(test::base_model_json())).value(); }

TEST(Hyperparameters, DefaultsAreTheItems) {
  Json json = test::base_model_json();
  json["properties"]["mlm:hyperparameters"]["training.epochs"] = 7;
  const Hyperparameters values = HyperparameterSpec::from_item(test::item(json)).value().defaults();
  EXPECT_EQ(values.training.dump(), R"({"epochs":7,"batch_size":4,"learning_rate":0.0001,"optimizer":"AdamW","freeze_encoder":true})");
  EXPECT_EQ(values.inference.dump(), R"({"confidence_threshold":0.5})");
  EXPECT_EQ(values.prefixed(), json["properties"]["mlm:hyperparameters"]);
}

TEST(Hyperparameters, AssignmentsAreTypedAndGrouped) {
  const Hyperparameters values =
      spec().with({"epochs=3", "training.learning_rate=1e-3", "optimizer=SGD", "freeze_encoder=no", "confidence_threshold=1", "epochs=4"}).value();
  EXPECT_EQ(values.training["epochs"], 4);
  EXPECT_TRUE(values.training["epochs"].is_number_integer());
  EXPECT_EQ(values.training["learning_rate"], 1e-3);
  EXPECT_EQ(values.training["optimizer"], "SGD");
  EXPECT_EQ(values.training["freeze_encoder"], false);
  EXPECT_TRUE(values.inference["confidence_threshold"].is_number_float());
  EXPECT_EQ(values.inference["confidence_threshold"], 1.0);
}

TEST(Hyperparameters, NumbersAsPeopleTypeThem) {
  const auto rate = [](const char* text) { return spec().parse("learning_rate", text).value().get<double>(); };
  EXPECT_EQ(rate(".5"), 0.5);
  EXPECT_EQ(rate("+1"), 1.0);
  EXPECT_EQ(rate("1."), 1.0);
  EXPECT_EQ(rate("5E-2"), 0.05);
}

TEST(Hyperparameters, FaultsNameKeyExpectedFoundAndNear) {
  const auto error = [](const char* assignment) { return spec().with({assignment}).error(); };
  struct Case {
    const char *assignment, *expected, *found;
  };
  for (const Case& one : {Case{"epochs=0", "a whole number from 1 to 500", "0"},
                          {"epochs=501", "a whole number from 1 to 500", "501"},
                          {"epochs=2.5", "a whole number from 1 to 500", "2.5"},
                          {"epochs=many", "a whole number from 1 to 500", "\"many\""},
                          {"epochs=", "a whole number from 1 to 500", "\"\""},
                          {"learning_rate=2", "a number from", "2"},
                          {"learning_rate=nan", "a number from", "\"nan\""},
                          {"learning_rate=1e999", "a number from", "1e999"},
                          {"freeze_encoder=maybe", "true or false", "\"maybe\""},
                          {"optimizer=AdamX", "one of AdamW, Adam, SGD", "\"AdamX\""},
                          {"epochs", "key=value", ""},
                          {"=3", "key=value", ""}}) {
    const Error wrong = error(one.assignment);
    EXPECT_EQ(wrong.code, Code::usage) << one.assignment;
    EXPECT_NE(wrong.expected.find(one.expected), std::string::npos) << one.assignment << ": " << wrong.message();
    EXPECT_NE(wrong.message().find(one.found), std::string::npos) << one.assignment << ": " << wrong.message();
    EXPECT_NE(wrong.thing.find(std::string(one.assignment).substr(0, std::string(one.assignment).find('='))), std::string::npos);
  }
  EXPECT_NE(error("lerning_rate=1").hint.find("learning_rate"), std::string::npos);
  EXPECT_NE(error("optimizer=Adan").hint.find("Adam"), std::string::npos);
  EXPECT_NE(error("inference.epochs=1").message().find("unknown"), std::string::npos);
}

TEST(Hyperparameters, ValuesAsJson) {
  EXPECT_EQ(spec().with_values({{"epochs", 3.0}, {"inference.confidence_threshold", 0}}).value().training["epochs"], 3);
  EXPECT_FALSE(spec().with_values({{"epochs", "3"}}));
  EXPECT_FALSE(spec().with_values({{"epochs", nullptr}}));
  EXPECT_FALSE(spec().with_values(Json::array()));
}

TEST(Hyperparameters, ItemsThatLostTheirSpecStillRun) {
  Json json = test::base_model_json();
  json["properties"].erase("fair:hyperparameters_spec");
  json["properties"]["mlm:hyperparameters"]["inference.confidence_threshold"] = 1;
  const HyperparameterSpec lost = HyperparameterSpec::from_item(test::item(json)).value();
  EXPECT_EQ(lost.defaults().training["epochs"], 5);
  EXPECT_EQ(lost.with({"epochs=9", "confidence_threshold=0.25"}).value().inference["confidence_threshold"], 0.25);
  EXPECT_FALSE(lost.with({"epochs=few"}));
}

TEST(Hyperparameters, SpecEntriesWithoutAValueUseTheirDefault) {
  Json json = test::base_model_json();
  json["properties"]["mlm:hyperparameters"].erase("training.batch_size");
  json["properties"]["mlm:hyperparameters"].erase("inference.confidence_threshold");
  const Hyperparameters values = HyperparameterSpec::from_item(test::item(json)).value().defaults();
  EXPECT_EQ(values.training["batch_size"], 4);
  EXPECT_EQ(values.inference["confidence_threshold"], 0.5);
}

TEST(Hyperparameters, WrongSpecsNameTheirEntry) {
  const auto thing = [](const Json& spec) { return HyperparameterSpec::from_json(Json::object(), spec, "m").error().thing; };
  const std::string at = "m#/properties/fair:hyperparameters_spec";
  EXPECT_EQ(thing(Json::object()), at);
  EXPECT_EQ(thing({{{"type", "int"}}}), at + "/0/key");
  EXPECT_EQ(thing({{{"key", "a"}, {"type", "number"}}}), at + "/0/type");
  EXPECT_EQ(thing({{{"key", "a"}, {"type", "int"}, {"min", 3}, {"max", 2}}}), at + "/0");
  EXPECT_EQ(HyperparameterSpec::from_json(Json::array(), Json::array(), "m").error().thing, "m#/properties/mlm:hyperparameters");
}

}  // namespace
}  // namespace fair::run
