#include "native/store/workspace.h"

#include <utility>

#include "core/stac/rules.h"

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
  return settings;
}

}  // namespace

Result<Workspace> Workspace::create(const std::filesystem::path& folder, const Settings& settings, const std::string& now) {
  const auto files = posix_files();
  FAIR_TRY(files->make_folder((folder / "artifacts").string()));
  const std::string path = (folder / "workspace.json").string();
  if (!files->exists(path)) {
    const Json json{{"asset_base", settings.asset_base}, {"ids", settings.ids == catalog::IdStyle::uuid ? "uuid" : "name-version"}};
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
  return workspace;
}

Result<std::string> Workspace::href_of(const std::filesystem::path& file) const {
  std::error_code error;
  const std::filesystem::path relative = std::filesystem::absolute(file, error).lexically_normal().lexically_relative(artifacts().lexically_normal());
  const std::string text = relative.generic_string();
  if (text.empty() || text.rfind("..", 0) == 0) {
    return fail(Code::internal, file.string(), "a file below " + artifacts().string(), "one outside", "");
  }
  return settings_.asset_base + "/" + text;
}

std::optional<std::filesystem::path> Workspace::path_of(const std::string& href) const {
  const std::string base = settings_.asset_base + "/";
  if (href.rfind(base, 0) != 0) return std::nullopt;
  const std::string rest = href.substr(base.size());
  if (rest.empty() || stac::climbs_out(rest)) return std::nullopt;
  return artifacts() / rest;
}

}  // namespace fair::store
