#include "core/stac/model_card.h"

#include <gtest/gtest.h>

#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

bool says(const std::string& card, const std::string& words) { return card.find(words) != std::string::npos; }

TEST(ModelCard, OfABaseModelNamesWhatIsNotKnown) {
  const Item base = test::item(test::base_model_json());
  const std::string card = model_card(base, {});
  EXPECT_EQ(card.rfind("# U-Net\n", 0), 0U);
  EXPECT_TRUE(says(card, "None are recorded."));
  EXPECT_TRUE(says(card, "Not finetuned here"));
  EXPECT_TRUE(says(card, "ground resolution it learnt at is not recorded"));
  EXPECT_TRUE(says(card, "**this model**: MIT"));
}

TEST(ModelCard, OfAFinetunedModelTellsItsDataMetricsAndLicences) {
  Item base = test::item(test::base_model_json());
  Item data = test::item(test::dataset_json());
  data.properties()["license"] = "ODbL-1.0";
  data.properties()["fair:chip_count"] = 40;
  Json json = test::base_model_json();
  json["properties"]["fair:base_model_id"] = base.id();
  json["properties"]["fair:dataset_id"] = data.id();
  json["properties"]["license"] = "ODbL-1.0";
  json["properties"]["fair:mean_iou"] = 0.7654321;
  json["properties"]["fair:instance_f1"] = 0.61;
  json["properties"]["gsd"] = 0.13;
  const std::string card = model_card(test::item(json), {&base, &data});
  for (const char* words : {"buildings-banepa", "**chips**: 40", "**Mean IoU**: 0.7654", "instance_f1**: 0.61", "0.13 m a pixel",
                            "**the labels it learnt**: ODbL-1.0", "**the weights it began with**: MIT", "It knows one place"}) {
    EXPECT_TRUE(says(card, words)) << words << "\n" << card;
  }
}

}  // namespace
}  // namespace fair::stac
