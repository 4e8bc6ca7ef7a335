// What registering, promoting, archiving and deleting do to items and their links. Each action is one commit of the store.
// The effects are those of fAIr's architecture page; `now` is RFC 3339 UTC, since core has no clock.
#pragma once

#include <string>

#include "core/catalog/store.h"

namespace fair::catalog {

/// Puts a base model in. An active one of the same mlm:name is kept as "<id>-v<version>": deprecated, its successor the new one, whose
/// version is the old one's plus 1 and whose predecessor it is. Gives the item as it now stands.
[[nodiscard]] Result<stac::Item> register_base_model(CatalogStore& store, stac::Item item, const std::string& now);
/// The same for a dataset, matched by title.
[[nodiscard]] Result<stac::Item> register_dataset(CatalogStore& store, stac::Item item, const std::string& now);

/// What a promotion did.
struct Promotion {
  enum class Effect { created, unchanged, rolled_back } effect = Effect::created;
  stac::Item item;         ///< the active item
  std::string deprecated;  ///< id of the item it took over from, or ""
};

/// Makes `item` (local_item.h) the active one of its mlm:name. The one that was active is deprecated, loses latest-version and, where the
/// new one is newer, gains a successor. The active version again changes nothing; an older one again is a rollback.
[[nodiscard]] Result<Promotion> promote(CatalogStore& store, stac::Item item, const std::string& now);

/// Deprecates a version's item; its neighbours' links stay. Archiving it again changes nothing.
[[nodiscard]] Result<stac::Item> archive(CatalogStore& store, const std::string& model, const std::string& version, const std::string& now);
/// Removes a version's item and links its neighbours to each other.
Result<> remove_version(CatalogStore& store, const std::string& model, const std::string& version, const std::string& now);
/// Removes all items of a finetuned model. Gives how many there were; none is Code::not_found.
[[nodiscard]] Result<std::size_t> remove_model(CatalogStore& store, const std::string& model);

}  // namespace fair::catalog
