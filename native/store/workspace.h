// A workspace: one folder with a catalogue, its artifacts and its runs.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/catalog/local_item.h"
#include "native/store/file_catalog.h"

namespace fair::store {

/// catalog/, artifacts/, runs.sqlite and workspace.json {asset_base, ids}.
class Workspace {
 public:
  static constexpr const char* default_asset_base = "http://127.0.0.1:8765/artifacts";

  struct Settings {
    std::string asset_base = default_asset_base;  ///< URL that stands for artifacts/ in published items; http or https, no final slash
    catalog::IdStyle ids = catalog::IdStyle::name_version;
  };

  /// Makes what is missing; settings of a workspace that is there are kept. `now` is RFC 3339 UTC.
  [[nodiscard]] static Result<Workspace> create(const std::filesystem::path& folder, const Settings& settings, const std::string& now);
  [[nodiscard]] static Result<Workspace> open(const std::filesystem::path& folder);

  [[nodiscard]] FileCatalog& catalog() { return *catalog_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path artifacts() const { return folder_ / "artifacts"; }
  [[nodiscard]] std::filesystem::path runs() const { return folder_ / "runs.sqlite"; }

  /// The URL of a file below artifacts/. Errors name a file that is not.
  [[nodiscard]] Result<std::string> href_of(const std::filesystem::path& file) const;
  /// The file that a published href stands for; nothing where it is not under the asset base, or climbs out of it.
  [[nodiscard]] std::optional<std::filesystem::path> path_of(const std::string& href) const;

 private:
  Workspace() = default;
  std::filesystem::path folder_;
  Settings settings_;
  std::unique_ptr<FileCatalog> catalog_;
};

}  // namespace fair::store
