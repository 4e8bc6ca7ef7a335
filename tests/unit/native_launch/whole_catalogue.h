// What holds of a workspace at any moment, and what once a command has come to its end.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "core/catalog/lifecycle.h"
#include "core/catalog/version_links.h"
#include "native/launch/publishing.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::launch {

/// What a reader finds who knows nothing of journals: every document parses and no link leads to nothing.
inline void expect_whole(const std::filesystem::path& catalog, int kill) {
  for (const char* collection : {"base-models", "local-models", "datasets"}) {
    const std::filesystem::path folder = catalog / collection;
    const Json document = Json::parse(test::slurp(folder / "collection.json"), nullptr, false);
    ASSERT_TRUE(document.is_object()) << "kill " << kill << ": " << collection;
    for (const Json& link : document["links"]) {
      if (link["rel"] != "item") continue;
      const Json item = Json::parse(test::slurp(folder / link["href"].get<std::string>()), nullptr, false);
      ASSERT_TRUE(item.is_object()) << "kill " << kill << ": " << link["href"];
    }
  }
}

/// Versions' stages say what their items say, no two versions are active, and their links lead to each other.
inline void expect_agreement(store::Workspace& workspace, versions::VersionStore& versions, int kill) {
  const auto items = workspace.catalog().items(catalog::local_models);
  ASSERT_TRUE(items) << items.error().message();
  std::set<std::string> ids;
  for (const auto& item : *items) ids.insert(item.id());
  std::string active;
  for (const auto& item : *items) {
    for (const char* rel : {catalog::predecessor, catalog::successor}) {
      const std::string other = catalog::linked(item, rel);
      EXPECT_TRUE(other.empty() || ids.count(other) != 0) << "kill " << kill << ": " << item.id() << " points at " << other;
    }
    if (item.deprecated()) continue;
    EXPECT_EQ(active, "") << "kill " << kill;
    active = item.version();
  }
  const auto all = versions.versions("town-buildings");
  ASSERT_TRUE(all) << all.error().message();
  for (const auto& v : *all) {
    EXPECT_EQ(v.stage == versions::Stage::production, std::to_string(v.number) == active) << "kill " << kill << ", version " << v.number;
  }
}

/// Of what is registered under one name exactly one version is active, and no number is given twice. Gives how many versions there are.
inline std::size_t expect_one_active(store::Workspace& workspace, const char* collection) {
  const auto items = workspace.catalog().items(collection);
  EXPECT_TRUE(items) << items.error().message();
  if (!items) return 0;
  int active = 0;
  std::set<std::string> numbers;
  for (const auto& item : *items) {
    active += item.deprecated() ? 0 : 1;
    EXPECT_TRUE(numbers.insert(item.version()).second) << collection << " has version " << item.version() << " twice";
  }
  EXPECT_EQ(active, 1) << collection;
  return items->size();
}

}  // namespace fair::launch
