#include "core/stac/catalog_document.h"

#include <gtest/gtest.h>

#include "tests/unit/stac/items.h"

namespace fair::stac {
namespace {

TEST(CatalogDocument, CatalogPointsAtItsCollections) {
  const Json catalog = catalog_document();
  EXPECT_EQ(catalog["id"], "fair-models");
  EXPECT_EQ(catalog["links"].size(), 4U);
  EXPECT_EQ(catalog["links"][3]["href"], "./datasets/collection.json");
}

TEST(CatalogDocument, CollectionTakesLinksAndExtentFromItsItems) {
  Json collection = collection_document("datasets", "2026-01-01T00:00:00Z");
  EXPECT_EQ(collection["extent"]["spatial"]["bbox"][0][2], 180);
  Json other = test::dataset_json();
  other["id"] = "another";
  other["bbox"] = {85.0, 27.63, 85.6, 28.0};
  other["properties"]["datetime"] = "2025-06-01T00:00:00Z";
  set_items(collection, {test::item(test::dataset_json()), test::item(other)});
  set_items(collection, {test::item(test::dataset_json()), test::item(other)});
  EXPECT_EQ(collection["links"].size(), 4U);
  EXPECT_EQ(collection["links"][2]["href"], "./buildings-banepa/buildings-banepa.json");
  EXPECT_EQ(collection["extent"]["spatial"]["bbox"].dump(), "[[85.0,27.629,85.6,28.0]]");
  EXPECT_EQ(collection["extent"]["temporal"]["interval"].dump(), R"([["2024-01-01T00:00:00Z","2025-06-01T00:00:00Z"]])");
  set_items(collection, {});
  EXPECT_EQ(collection["links"].size(), 2U);
}

TEST(CatalogDocument, PlacedItemsKeepTheirOtherLinks) {
  Item item = test::item(test::dataset_json());
  item.add_link({"license", "https://example.org", "", ""});
  place_item(item, "datasets");
  place_item(item, "datasets");
  EXPECT_EQ(item.json()["collection"], "datasets");
  EXPECT_EQ(item.links().size(), 4U);
  EXPECT_EQ(item.link("root")->href, "../../catalog.json");
}

}  // namespace
}  // namespace fair::stac
