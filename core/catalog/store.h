// Where a catalogue's documents live, as core sees it. Implementations: a file catalogue (native/store), a STAC API (later), memory (tests).
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stac/item.h"

namespace fair::catalog {

inline constexpr const char* base_models = "base-models";
inline constexpr const char* local_models = "local-models";
inline constexpr const char* datasets = "datasets";

/// One change of a plan.
struct Write {
  enum class Kind { put, remove } kind = Kind::put;
  std::string collection;
  std::string id;
  stac::Item item;  ///< for put
};

/// All of a plan's changes become visible together, or none does.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;
  [[nodiscard]] virtual Result<std::vector<stac::Item>> items(const std::string& collection) = 0;
  /// Code::not_found where there is none.
  [[nodiscard]] virtual Result<stac::Item> item(const std::string& collection, const std::string& id) = 0;
  /// Where an item's document lies, for people: a path or a URL.
  [[nodiscard]] virtual std::string address(const std::string& collection, const std::string& id) const { return collection + "/" + id; }
  /// Code::conflict when another writer came between.
  virtual Result<> commit(const std::vector<Write>& writes) = 0;
};

}  // namespace fair::catalog
