#include "native/store/workspace.h"

#include <utility>

#include "core/stac/rules.h"
#include "native/io/digest.h"
#include "native/store/folder_store.h"

namespace fair::store {
namespace {

Result<Workspace::Settings> settings_from(const Json& json, const std::string& thing) {
  Workspace::Settings settings;
  if (!json.is_object())
    return fail(Code::invalid, thing, "an object with asset_base and ids", json.type_name(), "correct the file, or remove it and run fair init");
  if (json.contains("asset_base")) {
    const Json& base = json["asset_base"];
    const std::string text = base.is_string() ? base.get<std::string>() : "";
    if (text.rfind("http://", 0) != 0 && text.rfind("https://", 0) != 0) {
      return fail(Code::invalid, thing + "#/asset_base", "an http or https URL", base.dump(), "give the URL under which artifacts/ is served");
    }
    settings.asset_base = text;
  }
  while (!settings.asset_base.empty() && settings.asset_base.back() == '/') settings.asset_base.pop_back();
  const std::string ids = json.contains("ids") && json["ids"].is_string() ? json["ids"].get<std::string>() : "name-version";
  if (ids != "name-version" && ids != "uuid")
    return fail(Code::invalid, thing + "#/ids", "name-version or uuid", ids, "choose how local models' items are named");
  settings.ids = ids == "uuid" ? catalog::IdStyle::uuid : catalog::IdStyle::name_version;
  if (json.contains("stack") && json["stack"].is_string()) settings.stack = json["stack"].get<std::string>();
  return settings;
}

Json document_of(const Workspace::Settings& settings) {
  Json json{{"asset_base", settings.asset_base}, {"ids", settings.ids == catalog::IdStyle::uuid ? "uuid" : "name-version"}};
  if (!settings.stack.empty()) json["stack"] = settings.stack;
  return json;
}

}  // namespace

Result<Workspace> Workspace::create(const std::filesystem::path& folder, const Settings& settings, const std::string& now) {
  const auto files = posix_files();
  FAIR_TRY(files->make_folder((folder / "artifacts").string()));
  const std::string path = (folder / "workspace.json").string();
  if (!files->exists(path)) {
    const Json json = document_of(settings);
    FAIR_TRY(settings_from(json, path));
    FAIR_TRY(replace(*files, path, to_text(json)));
  }
  FAIR_TRY(FileCatalog::create((folder / "catalog").string(), now, files));
  return open(folder);
}

Result<Workspace> Workspace::open(const std::filesystem::path& folder) {
  Workspace workspace;
  std::error_code error;
  workspace.folder_ = std::filesystem::absolute(folder, error);
  const auto files = posix_files();
  const std::string path = (workspace.folder_ / "workspace.json").string();
  if (!files->exists(path)) {
    return fail(Code::not_found, folder.string(), "a workspace", "no workspace.json in it",
                "make one with fair init, or name another with --workspace or FAIR_WORKSPACE");
  }
  FAIR_TRY_ASSIGN(const std::string text, files->read(path));
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, path));
  FAIR_TRY_ASSIGN(workspace.settings_, settings_from(json, path));
  FAIR_TRY_ASSIGN(workspace.catalog_, FileCatalog::open((workspace.folder_ / "catalog").string(), files));
  workspace.notes_ = {folder_store(workspace.folder_ / "intents", ""), ""};
  return workspace;
}

void Workspace::use(std::unique_ptr<catalog::CatalogStore> catalog, std::unique_ptr<ObjectStore> artifacts) {
  if (catalog) catalog_ = std::move(catalog);
  if (!artifacts) return;
  remote_ = std::move(artifacts);
  notes_ = {remote_, "intents/"};
}

Result<> Workspace::prefer(const std::string& stack) {
  settings_.stack = stack;
  return replace(*posix_files(), (folder_ / "workspace.json").string(), to_text(document_of(settings_)));
}

std::string Workspace::key_of(const std::filesystem::path& file) const {
  std::error_code error;
  const std::filesystem::path relative = std::filesystem::absolute(file, error).lexically_normal().lexically_relative(artifacts().lexically_normal());
  const std::string text = relative.generic_string();
  return text == "." || text.rfind("..", 0) == 0 ? "" : text;
}

std::string Workspace::base() const {
  if (!remote_) return settings_.asset_base + "/";
  const std::string any = remote_->href("x");
  return any.substr(0, any.size() - 1);
}

Result<std::string> Workspace::href_of(const std::filesystem::path& file) const {
  const std::string key = key_of(file);
  if (key.empty()) return fail(Code::internal, file.string(), "a file below " + artifacts().string(), "one outside", "");
  return remote_ ? remote_->href(key) : base() + key;
}

Result<std::string> Workspace::publish(const std::filesystem::path& file) const {
  FAIR_TRY_ASSIGN(std::string href, href_of(file));
  if (!remote_) return href;
  const std::string key = key_of(file);
  std::error_code error;
  if (!std::filesystem::is_directory(file, error)) {
    FAIR_TRY(remote_->put(key, file));
  } else {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(file, error)) {
      std::error_code none;
      if (entry.is_regular_file(none)) FAIR_TRY(remote_->put(key_of(entry.path()), entry.path()));
    }
    if (error) return fail(Code::io, file.string(), "a folder that can be read", error.message(), "check its permissions");
  }
  return href;
}

Result<std::optional<std::filesystem::path>> Workspace::fetch(const std::string& href) const {
  using Path = std::optional<std::filesystem::path>;
  if (!outside_ || href.rfind(base(), 0) == 0 || href.find("://") == std::string::npos) return fetch_own(href);
  FAIR_TRY_ASSIGN(auto path, outside_(href));
  return Path(std::move(path));
}

Result<std::optional<std::filesystem::path>> Workspace::fetch_own(const std::string& href) const {
  using Path = std::optional<std::filesystem::path>;
  const std::string before = base();
  const std::string key = href.rfind(before, 0) == 0 ? href.substr(before.size()) : "";
  if (key.empty() || stac::climbs_out(key)) return Path();
  std::filesystem::path path = artifacts() / key;
  std::error_code error;
  if (!remote_ || std::filesystem::exists(path, error)) return Path(std::move(path));
  FAIR_TRY_ASSIGN(path, bring_object(*remote_, key, path));
  return Path(std::move(path));
}

Result<> Workspace::discard(const std::filesystem::path& file) const {
  const std::string key = key_of(file);
  if (key.empty()) return fail(Code::internal, file.string(), "a file below " + artifacts().string(), "one outside", "");
  std::error_code error;  // what cannot be removed here is only disk space
  std::filesystem::remove_all(file, error);
  if (!remote_) return {};
  FAIR_TRY(remove_below(*remote_, key + "/"));
  return remote_->remove(key);
}

Result<std::filesystem::path> bring_object(ObjectStore& store, const std::string& key, const std::filesystem::path& path) {
  std::error_code error;
  FAIR_TRY_ASSIGN(const auto one, store.info(key));
  if (one) {
    if (std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == one->size) {
      FAIR_TRY_ASSIGN(const std::string sum, io::digest_of(io::Digest::Kind::sha256, path));
      if (one->sha256.empty() || one->sha256 == sum) return path;
    }
    FAIR_TRY(store.get(key, path));
    return path;
  }
  if (std::filesystem::is_directory(path, error)) return path;
  FAIR_TRY_ASSIGN(const auto below, store.list(key + "/"));
  if (below.empty()) return fail(Code::not_found, store.name() + "/" + key, "an object, or objects below it", "none of that key", "was it deleted?");
  // Beside it first: a folder that is there is whole.
  const std::filesystem::path scratch = path.parent_path() / ("." + path.filename().string() + ".fetched");
  for (const ObjectInfo& object : below) FAIR_TRY(store.get(object.key, scratch / object.key.substr(key.size() + 1)));
  std::filesystem::rename(scratch, path, error);
  if (error) return fail(Code::io, path.string(), "a folder that can be made", error.message(), "check permissions and free space");
  return path;
}

}  // namespace fair::store
