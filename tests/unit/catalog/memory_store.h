// A catalogue in memory, which can refuse its next commit; and items small enough to read in a test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/catalog/store.h"

namespace fair::test {

class MemoryStore final : public catalog::CatalogStore {
 public:
  Result<std::vector<stac::Item>> items(const std::string& collection) override {
    std::vector<stac::Item> out;
    for (const auto& [id, item] : documents[collection]) out.push_back(item);
    return out;
  }
  Result<stac::Item> item(const std::string& collection, const std::string& id) override {
    const auto found = documents[collection].find(id);
    if (found == documents[collection].end()) return fail(Code::not_found, id, "an item", "none");
    return found->second;
  }
  Result<> commit(const std::vector<catalog::Write>& writes) override {
    ++commits;
    if (refuse) return fail(Code::io, "disk", "to be written to", "nothing works");
    for (const auto& write : writes) {
      if (write.kind == catalog::Write::Kind::put) {
        documents[write.collection].insert_or_assign(write.id, write.item);
      } else {
        documents[write.collection].erase(write.id);
      }
    }
    return {};
  }

  std::map<std::string, std::map<std::string, stac::Item>> documents;
  bool refuse = false;
  int commits = 0;
};

/// `family` is the mlm:name of models and the title of datasets.
inline stac::Item small_item(const std::string& id, const std::string& family, const std::string& version = {}) {
  Json json{{"type", "Feature"},
            {"stac_version", "1.1.0"},
            {"id", id},
            {"geometry", nullptr},
            {"properties", {{"datetime", "2026-01-15T10:15:30Z"}, {"mlm:name", family}, {"title", family}}},
            {"links", Json::array()},
            {"assets", Json::object()}};
  if (!version.empty()) json["properties"]["version"] = version;
  return *stac::Item::from_json(std::move(json), id);
}

}  // namespace fair::test
