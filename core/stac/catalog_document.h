// The catalogue's and its collections' own documents, as pystac writes them (STAC 1.1 catalog-spec, collection-spec). Times come from outside.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/stac/item.h"

namespace fair::stac {

inline constexpr const char* catalog_id = "fair-models";
/// base-models, local-models, datasets.
inline constexpr std::array<const char*, 3> collection_ids{"base-models", "local-models", "datasets"};

/// Extensions that items of a collection declare; empty for an id that is none of the three.
[[nodiscard]] std::vector<std::string> collection_extensions(const std::string& collection);

/// catalog.json with a child link per collection, relative.
[[nodiscard]] Json catalog_document();

/// <id>/collection.json without items: the whole world, from `since` (RFC 3339 UTC) on. Links to root and parent, relative.
[[nodiscard]] Json collection_document(const std::string& collection, const std::string& since);

/// Sets a collection's item links (sorted as given, "./<id>/<id>.json") and, from the items, its extent; without items the extent is left.
void set_items(Json& collection, const std::vector<Item>& items);

/// Sets an item's structural links (root, parent, collection, self-contained and relative) and its `collection`; others are kept.
void place_item(Item& item, const std::string& collection);

}  // namespace fair::stac
