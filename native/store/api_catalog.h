// A catalogue behind a STAC API, whose writers take turns.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/catalog/store.h"
#include "native/store/stac_api.h"

namespace fair::store {

struct ApiOptions {
  std::string url;            ///< of the landing page
  std::string authorization;  ///< as StacApi takes it
  double lease_seconds = 30;  ///< after which a writer that says nothing is taken for dead
  double wait_seconds = 20;   ///< for another writer; then Code::conflict
};

/// Such an API has no transactions over several items, and no ETags. Writers take turns: the collection "fair-writers" holds one item a turn,
/// numbered; who creates the next number (409: somebody was quicker) may write, once the turn before is free or its lease is over. A turn's item
/// holds the journal of what is to be written: writing it there is the commit point, and whoever comes next does it again where its writer died.
/// Readers who come through here see a journal's documents as soon as it is there, all of them or none. The first writer makes the collections.
class ApiCatalog final : public catalog::CatalogStore {
 public:
  /// Reads the landing page; errors as StacApi's.
  [[nodiscard]] static Result<std::unique_ptr<ApiCatalog>> open(const ApiOptions& options);

  [[nodiscard]] Result<std::vector<stac::Item>> items(const std::string& collection) override;
  [[nodiscard]] Result<stac::Item> item(const std::string& collection, const std::string& id) override;
  [[nodiscard]] std::string address(const std::string& collection, const std::string& id) const override { return api_.address(collection, id); }
  Result<> commit(const std::vector<catalog::Write>& writes) override;

 private:
  struct Turn;
  ApiCatalog(ApiOptions options, StacApi api) : options_(std::move(options)), api_(std::move(api)) {}

  Result<> create_collections() const;
  [[nodiscard]] Result<std::vector<Turn>> turns() const;
  [[nodiscard]] Result<Turn> take_turn() const;
  Result<> write_turn(const Turn& turn) const;
  Result<> give_turn_back(Turn turn) const;
  Result<> apply(const Json& journal, const Turn& turn) const;
  [[nodiscard]] Result<Json> pending() const;
  [[nodiscard]] Json placed(stac::Item item, const std::string& collection) const;

  ApiOptions options_;
  StacApi api_;
  std::map<std::string, std::size_t> seen_;  ///< fingerprints of the collections that `items` gave since the last commit
};

}  // namespace fair::store
