// A workspace: one folder with a catalogue, its artifacts and its runs.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/catalog/local_item.h"
#include "native/store/file_catalog.h"
#include "native/store/object_store.h"

namespace fair::store {

/// A place for small notes: keys of a store that begin with the prefix.
struct Notes {
  std::shared_ptr<ObjectStore> store;
  std::string prefix;
};

/// catalog/, artifacts/, runs.sqlite and workspace.json {asset_base, ids, stack}. Where another catalogue or another place for artifacts is used,
/// artifacts/ holds this machine's copies.
class Workspace {
 public:
  using Reach = std::function<Result<std::filesystem::path>(const std::string& address)>;
  static constexpr const char* default_asset_base = "http://127.0.0.1:8765/artifacts";

  struct Settings {
    std::string asset_base = default_asset_base;  ///< URL that stands for artifacts/ in published items; http or https, no final slash
    catalog::IdStyle ids = catalog::IdStyle::name_version;
    std::string stack;  ///< that its verbs use where nothing else is asked for, or ""
  };

  /// Makes what is missing; settings of a workspace that is there are kept. `now` is RFC 3339 UTC.
  [[nodiscard]] static Result<Workspace> create(const std::filesystem::path& folder, const Settings& settings, const std::string& now);
  [[nodiscard]] static Result<Workspace> open(const std::filesystem::path& folder);

  /// From now on: null leaves the workspace's own.
  void use(std::unique_ptr<catalog::CatalogStore> catalog, std::unique_ptr<ObjectStore> artifacts);
  /// From now on files that lie outside of the workspace are brought by this: it gives where on this machine an address's file lies then.
  void reach(Reach outside) { outside_ = std::move(outside); }
  /// Keeps the name of the stack that its verbs are to use.
  Result<> prefer(const std::string& stack);

  [[nodiscard]] catalog::CatalogStore& catalog() { return *catalog_; }
  /// Where artifacts lie that are no files of this workspace, or null.
  [[nodiscard]] ObjectStore* remote() const { return remote_.get(); }
  /// Where programs tell each other what they are about to do: beside the artifacts, for whoever shares them.
  [[nodiscard]] const Notes& notes() const { return notes_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path artifacts() const { return folder_ / "artifacts"; }
  [[nodiscard]] std::filesystem::path runs() const { return folder_ / "runs.sqlite"; }

  /// The URL of a file or folder below artifacts/, as items give it. Errors name one that is not.
  [[nodiscard]] Result<std::string> href_of(const std::filesystem::path& file) const;
  /// The same; where artifacts lie elsewhere, its files are stored there first.
  [[nodiscard]] Result<std::string> publish(const std::filesystem::path& file) const;
  /// The file or folder that a published href stands for, brought to this machine where it is not there yet. Nothing where it climbs out of the asset
  /// base, or is not under it and nothing outside can be reached.
  [[nodiscard]] Result<std::optional<std::filesystem::path>> fetch(const std::string& href) const;
  /// The same of what lies under the asset base alone: for addresses that strangers name.
  [[nodiscard]] Result<std::optional<std::filesystem::path>> fetch_own(const std::string& href) const;
  /// Takes a file or folder below artifacts/ away, from wherever artifacts lie.
  Result<> discard(const std::filesystem::path& file) const;

 private:
  Workspace() = default;
  /// The file's path below artifacts/, or "".
  [[nodiscard]] std::string key_of(const std::filesystem::path& file) const;
  [[nodiscard]] std::string base() const;

  std::filesystem::path folder_;
  Settings settings_;
  std::unique_ptr<catalog::CatalogStore> catalog_;
  std::shared_ptr<ObjectStore> remote_;
  Notes notes_;
  Reach outside_;
};

/// An object, or all below the key, brought to `path`, unless it is there as it is in the store. Code::not_found.
Result<std::filesystem::path> bring_object(ObjectStore& store, const std::string& key, const std::filesystem::path& path);

}  // namespace fair::store
