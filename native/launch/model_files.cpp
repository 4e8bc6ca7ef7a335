#include "native/launch/model_files.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "core/stac/assets.h"
#include "core/stac/rules.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

Result<> duplicate(const fs::path& from, const fs::path& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in) return fail(Code::io, from.string(), "a file that can be read", "it cannot be opened", "check its permissions");
  FAIR_TRY_ASSIGN(auto out, io::AtomicFile::create(to));
  std::vector<char> buffer(1U << 20U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    FAIR_TRY(out.write(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) return fail(Code::io, from.string(), "a file that can be read", "reading failed", "check the disk");
  return out.commit();
}

/// A number nobody has: items of former versions keep pointing at their own files.
fs::path free_folder(const fs::path& parent) {
  std::error_code error;
  for (int n = 1;; ++n) {
    if (!fs::exists(parent / std::to_string(n), error)) return parent / std::to_string(n);
  }
}

Result<> make(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  const bool ours = !error && fs::create_directory(folder, error);
  if (error) return fail(Code::io, folder.string(), "a folder for the model's files", error.message(), "check permissions and free space");
  if (!ours) return fail(Code::conflict, folder.string(), "a folder that nobody has", "one that another program made meanwhile", "try again");
  return {};
}

/// The file's own name, or one with the asset's before it where two assets' files share a name.
fs::path free_name(const ModelFiles& files, const fs::path& folder, const fs::path& from, const std::string& asset) {
  for (const auto& [other, taken] : files.copies) {
    if (taken.filename() == from.filename() && other != from) return folder / (asset + "-" + from.filename().string());
  }
  return folder / from.filename();
}

}  // namespace

Result<ModelFiles> plan_model_files(const store::Workspace& workspace, stac::Item item, const fs::path& beside) {
  if (!stac::safe_id(item.id()))
    return fail(Code::invalid, "id " + Json(item.id()).dump(), "letters, digits, '.', '_' and '-', not beginning with '.'",
                "an id that can't be a folder's name", "rename the item");
  ModelFiles out;
  const fs::path folder = free_folder(workspace.artifacts() / "base-models" / item.id());
  for (const stac::Part part : {stac::Part::onnx, stac::Part::checkpoint}) {
    const std::string key = stac::key_of(item, part), href = stac::href_of(item, part);
    const bool bucket = href.rfind("s3://", 0) == 0;
    if (key.empty() || (href.find("://") != std::string::npos && !bucket)) continue;
    const std::string thing = item.id() + "#/assets/" + key;
    if (bucket) {
      FAIR_TRY_ASSIGN(const auto here, workspace.fetch(href));
      if (!here) return fail(Code::unsupported, thing, "an address that this fair can reach", href, "download the file and put it beside the item");
      const fs::path into = free_name(out, folder, *here, key);
      FAIR_TRY(describe_file(item, key, *here));
      FAIR_TRY_ASSIGN(item.json()["assets"][key]["href"], workspace.href_of(into));
      out.copies.emplace_back(*here, into);
      continue;
    }
    if (href.empty() || stac::climbs_out(href) || fs::path(href).is_absolute())
      return fail(Code::invalid, thing, "an http(s) href, or a file beside the item", Json(href).dump(), "move the file beside the item");
    const fs::path from = (beside / href).lexically_normal(), to = free_name(out, folder, from, key);
    std::error_code error;
    if (!fs::is_regular_file(from, error))
      return fail(Code::not_found, thing, "a file beside the item", "nothing at " + from.string(), "check the href");
    FAIR_TRY(describe_file(item, key, from));
    FAIR_TRY_ASSIGN(item.json()["assets"][key]["href"], workspace.href_of(to));
    out.copies.emplace_back(from, to);
  }
  if (!out.copies.empty()) out.folder = folder;
  out.item = std::move(item);
  return out;
}

Result<> describe_file(stac::Item& item, const std::string& asset, const fs::path& file) {
  FAIR_TRY_ASSIGN(const std::string sum, io::digest_of(io::Digest::Kind::sha256, file));
  std::error_code error;
  Json& described = item.json()["assets"][asset];
  described["file:size"] = fs::file_size(file, error);
  described["file:checksum"] = "1220" + sum;  // multihash: sha2-256, 32 bytes
  constexpr const char* extension = "https://stac-extensions.github.io/file/v2.1.0/schema.json";
  Json& extensions = item.json()["stac_extensions"];
  if (!extensions.is_array()) extensions = Json::array();
  if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) extensions.push_back(extension);
  return {};
}

Result<fs::path> make_model_folder(const store::Workspace& workspace, const std::string& id) {
  const fs::path folder = free_folder(workspace.artifacts() / "base-models" / id);
  FAIR_TRY(make(folder));
  return folder;
}

Result<> copy_model_files(const ModelFiles& files) {
  if (files.copies.empty()) return {};
  FAIR_TRY(make(files.folder));
  for (const auto& [from, to] : files.copies) {
    if (auto copied = duplicate(from, to); !copied) {
      remove_model_files(files);
      return copied;
    }
  }
  return {};
}

void remove_model_files(const ModelFiles& files) {
  std::error_code error;  // what cannot be removed is only disk space
  if (files.folder.empty()) return;
  fs::remove_all(files.folder, error);
  fs::remove(files.folder.parent_path(), error);  // where it is empty
}

}  // namespace fair::launch
