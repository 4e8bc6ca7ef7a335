// A catalogue as JSON files, laid out and linked as pystac does: catalog.json, <collection>/collection.json, <collection>/<id>/<id>.json.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "core/catalog/store.h"
#include "native/store/files.h"

namespace fair::store {

/// Commits are all or nothing: the changes are written to a journal whose renaming into place is the commit point; then they are
/// done to the files, and done again at the next opening where a crash came between. What a plan was made from must still stand when it is
/// committed: a collection that `items` gave and another writer changed since is Code::conflict.
class FileCatalog final : public catalog::CatalogStore {
 public:
  /// Makes an empty catalogue; one that is there is opened instead. `now` is RFC 3339 UTC.
  [[nodiscard]] static Result<std::unique_ptr<FileCatalog>> create(const std::string& folder, const std::string& now,
                                                                   std::shared_ptr<Files> files = posix_files());
  /// Opens a catalogue and finishes what a crash left. Code::not_found where there is none.
  [[nodiscard]] static Result<std::unique_ptr<FileCatalog>> open(const std::string& folder, std::shared_ptr<Files> files = posix_files());

  [[nodiscard]] Result<std::vector<stac::Item>> items(const std::string& collection) override;
  [[nodiscard]] Result<stac::Item> item(const std::string& collection, const std::string& id) override;
  Result<> commit(const std::vector<catalog::Write>& writes) override;

  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// Path of an item's file.
  [[nodiscard]] std::string address(const std::string& collection, const std::string& id) const override;

 private:
  FileCatalog(std::string folder, std::shared_ptr<Files> files) : folder_(std::move(folder)), files_(std::move(files)) {}
  Result<> recover();
  Result<> apply(const Json& journal);
  Result<> clear(const std::string& collection, const std::string& id);
  [[nodiscard]] Result<Json> collection_json(const std::string& collection);
  [[nodiscard]] Result<std::vector<std::string>> linked_ids(const std::string& collection);
  /// Changes where any document of the collection does.
  [[nodiscard]] Result<std::size_t> fingerprint(const std::string& collection);

  std::map<std::string, std::size_t> seen_;  ///< fingerprints of the collections that `items` gave since the last commit
  std::string folder_;
  std::shared_ptr<Files> files_;
};

}  // namespace fair::store
