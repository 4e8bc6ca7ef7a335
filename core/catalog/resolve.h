// Finding items by the names people use.
#pragma once

#include <string>

#include "core/catalog/store.h"

namespace fair::catalog {

struct Found {
  std::string collection;
  stac::Item item;
};

/// A base or local model by item id, by mlm:name (the active one), as "<name>-v<N>" (the page's ids, also where the store keeps UUIDs), or by the
/// version's UUID. Code::not_found suggests near names.
[[nodiscard]] Result<Found> find_model(CatalogStore& store, const std::string& name);
/// A dataset by id, or by title (the active one).
[[nodiscard]] Result<stac::Item> find_dataset(CatalogStore& store, const std::string& name);

}  // namespace fair::catalog
