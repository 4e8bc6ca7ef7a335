// A catalogue behind a STAC API with transactions (stac-fastapi + pgstac): https://github.com/stac-api-extensions/transaction, OGC API - Features
// part 4.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "core/catalog/store.h"
#include "native/http/client.h"

namespace fair::store {

struct ApiOptions {
  std::string url;            ///< of the landing page
  std::string authorization;  ///< the header's value ("Bearer …", "Basic …"), or ""; in no error and no log
  double lease_seconds = 30;  ///< after which a writer that says nothing is taken for dead
  double wait_seconds = 20;   ///< for another writer; then Code::conflict
  const std::atomic<bool>* stop = nullptr;
};

/// Such an API has no transactions over several items, and no ETags. Writers take turns: the collection "fair-writers" holds one item a turn,
/// numbered; who creates the next number (409: somebody was quicker) may write, once the turn before is free or its lease is over. A turn's item
/// holds the journal of what is to be written: writing it there is the commit point, and whoever comes next does it again where its writer died.
/// Readers who come through here see a journal's documents as soon as it is there, all of them or none.
class ApiCatalog final : public catalog::CatalogStore {
 public:
  /// Reads the landing page: Code::unsupported, naming what is missing, where the API takes no transactions.
  [[nodiscard]] static Result<std::unique_ptr<ApiCatalog>> open(const ApiOptions& options);
  /// Makes the three collections where they are missing. `now` is RFC 3339 UTC.
  Result<> create_collections(const std::string& now);

  [[nodiscard]] Result<std::vector<stac::Item>> items(const std::string& collection) override;
  [[nodiscard]] Result<stac::Item> item(const std::string& collection, const std::string& id) override;
  [[nodiscard]] std::string address(const std::string& collection, const std::string& id) const override;
  Result<> commit(const std::vector<catalog::Write>& writes) override;

  /// What the API's landing page says it is: its id and version, for people.
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  struct Turn;
  ApiCatalog(ApiOptions options, http::Client client) : options_(std::move(options)), client_(std::move(client)) {}

  [[nodiscard]] Result<http::Response> call(const char* method, const std::string& path, const Json& body = {}) const;
  [[nodiscard]] Result<Json> document(const std::string& path) const;
  [[nodiscard]] Result<std::vector<Json>> pages(const std::string& path) const;
  Result<> put(const std::string& collection, const std::string& id, const Json& item);
  Result<> erase(const std::string& collection, const std::string& id);
  Result<> apply(const Json& journal, const Turn& turn);
  [[nodiscard]] Result<std::vector<Turn>> turns() const;
  [[nodiscard]] Result<Turn> take_turn();
  Result<> write_turn(const Turn& turn) const;
  Result<> give_turn_back(Turn turn);
  [[nodiscard]] Result<Json> pending() const;
  [[nodiscard]] Json placed(stac::Item item, const std::string& collection) const;

  ApiOptions options_;
  http::Client client_;
  std::string title_;
  std::map<std::string, std::size_t> seen_;  ///< fingerprints of the collections that `items` gave since the last commit
};

}  // namespace fair::store
