#include "native/launch/datasets.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/stac/rules.h"
#include "core/stac/vocabulary.h"
#include "native/io/chip_labels.h"
#include "native/io/chips.h"
#include "native/io/make_dataset.h"
#include "native/io/masks.h"
#include "native/io/scratch_folder.h"
#include "native/runs/clock.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

constexpr const char* pack_asset = "pack";
constexpr const char* pack_name = "dataset.pack";

Result<fs::path> local(const stac::Item& item, const char* asset, const store::Workspace& workspace, const fs::path& beside) {
  const std::string href = item.asset_href(asset);
  const std::string thing = item.id() + "#/assets/" + asset;
  if (href.empty()) return fail(Code::invalid, thing, "an asset with a href", "none", "add it to the item");
  fs::path path = href;
  if (href.find("://") != std::string::npos) {
    FAIR_TRY_ASSIGN(const auto own, workspace.fetch(href));
    if (!own) return fail(Code::unsupported, thing, "files on this machine", href, "download them and make the dataset with fair dataset make");
    path = *own;
  } else if (path.is_relative()) {
    if (beside.empty()) return fail(Code::invalid, thing, "an http(s) href in the catalogue", href, "register the dataset again");
    path = beside / path;
  }
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(Code::not_found, thing, "a file or folder on this machine", path.lexically_normal().string(), "check the item's hrefs");
  return path.lexically_normal();
}

Result<> duplicate(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) return fail(Code::io, to.string(), "a copy of " + from.string(), error.message(), "check permissions and free space");
  return {};
}

Result<> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::io, folder.string(), "a folder that can be made", error.message(), "check permissions and free space");
  return {};
}

/// Chips with their georeference files; nothing else that lies in the folder.
Result<> copy_chips(const fs::path& from, const fs::path& to) {
  FAIR_TRY_ASSIGN(const auto chips, io::list_chips(from));
  FAIR_TRY(make_folder(to));
  std::error_code error;
  for (const io::Chip& chip : chips) {
    FAIR_TRY(duplicate(chip.path, to / chip.path.filename()));
    const fs::path beside = chip.path.string() + ".aux.xml";
    if (fs::is_regular_file(beside, error)) FAIR_TRY(duplicate(beside, to / beside.filename()));
  }
  return {};
}

/// What the item says of its labels. Its tasks are spelt as labels' or as models'; the class is its keyword that names a feature.
io::LabelSource source_of(const stac::Item& item, const fs::path& path) {
  io::LabelSource out;
  out.path = path;
  for (const Json& word : item.property("label:tasks")) {
    const auto task = word.is_string() ? io::label_task_from(word.get<std::string>()) : std::nullopt;
    if (!task) continue;
    out.task = *task;
    break;
  }
  out.classes = io::label_classes_from(item.property(io::classes_property));
  if (const Json& attribute = item.property(io::class_attribute_property); attribute.is_string()) out.class_attribute = attribute.get<std::string>();
  if (const Json& cover = item.property(io::min_cover_property); cover.is_number()) out.min_cover = cover.get<double>();
  for (const Json& word : item.property("keywords")) {
    if (!word.is_string() || !stac::Vocabulary::fair().is_feature(word.get<std::string>())) continue;
    out.class_name = word.get<std::string>();
    break;
  }
  return out;
}

/// The file of labels that a path means: itself, or the only one of a folder. A folder of masks is itself.
Result<fs::path> labels_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error) || io::MaskFolder::is_one(path)) return path;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".geojson" || ending == ".json" || ending == ".fgb" || ending == ".gpkg" || ending == ".csv") files.push_back(entry.path());
  }
  if (files.size() != 1)
    return fail(Code::invalid, path.string(), "one file of labels", std::to_string(files.size()) + " of them", "name the file itself");
  return files.front();
}

/// Gives the name they have in `folder`.
Result<std::string> copy_labels(const io::LabelSource& labels, const fs::path& folder) {
  const fs::path& from = labels.path;
  if (!io::MaskFolder::is_one(from)) {
    FAIR_TRY(io::open_labels(labels));
    FAIR_TRY(duplicate(from, folder / from.filename()));
    return from.filename().string();
  }
  FAIR_TRY_ASSIGN(const auto masks, io::MaskFolder::open(from));
  FAIR_TRY(make_folder(folder / "masks"));
  for (const auto& [chip, mask] : masks.files()) FAIR_TRY(duplicate(mask, folder / "masks" / mask.filename()));
  return std::string("masks");
}

/// A folder name of this process, and what dead ones have left under such names is removed: a killed program cleans up nothing.
fs::path working_folder(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(prefix, 0) != 0) continue;
    const int owner = std::atoi(name.c_str() + prefix.size());
    if (owner == ::getpid() || (::kill(owner, 0) != 0 && errno == ESRCH)) left.push_back(entry.path());
  }
  for (const fs::path& path : left) fs::remove_all(path, error);
  return parent / (prefix + std::to_string(::getpid()));
}

Result<> pack(const stac::Item& item, const fs::path& chips, const io::LabelSource& labels, const fs::path& beside, const fs::path& to) {
  std::error_code error;
  if (!beside.empty() && fs::is_regular_file(beside / pack_name, error)) return duplicate(beside / pack_name, to);
  const io::ScratchFolder scratch(working_folder(to.parent_path(), ".packing-"));
  io::DatasetOptions options;
  options.chips = chips, options.labels = labels, options.out = scratch.path();
  options.id = item.id();
  if (const Json& gsd = item.property(io::resampled_property); gsd.is_number()) options.gsd = gsd.get<double>();
  for (const Json& word : item.property("keywords")) {
    if (word == "line" || word == "point") options.geometry = word.get<std::string>();
  }
  FAIR_TRY(io::make_dataset(options, runs::utc_now()));
  fs::rename(scratch.path() / pack_name, to, error);
  if (error) return fail(Code::io, to.string(), "a packed dataset", error.message(), "check permissions and free space");
  return {};
}

/// Moves a finished folder to the first free number below the dataset's own: versions that were there keep their files, also those that another
/// program puts there meanwhile.
Result<fs::path> move_to_next(const fs::path& from, const fs::path& parent) {
  std::error_code error;
  for (int n = 1;; ++n) {
    fs::path to = parent / std::to_string(n);
    if (fs::exists(to, error)) continue;
    fs::rename(from, to, error);
    if (!error) return to;
    if (error != std::errc::directory_not_empty && error != std::errc::file_exists) {
      return fail(Code::io, to.string(), "the dataset's files", error.message(), "check permissions and free space");
    }
  }
}

}  // namespace

Result<stac::Item> place_dataset(const store::Workspace& workspace, stac::Item item, const fs::path& beside) {
  if (!stac::safe_id(item.id()))
    return fail(Code::invalid, "dataset " + item.id(), "an id that can be a folder's name", item.id(), "choose letters, digits, '.', '_' and '-'");
  FAIR_TRY_ASSIGN(const fs::path chips, local(item, "chips", workspace, beside));
  FAIR_TRY_ASSIGN(const fs::path labels_path, local(item, "labels", workspace, beside));
  FAIR_TRY_ASSIGN(const fs::path labels_found, labels_file(labels_path));
  const io::LabelSource labels = source_of(item, labels_found);
  const fs::path parent = workspace.artifacts() / "datasets" / item.id();
  io::ScratchFolder scratch(working_folder(parent, ".placing-"));
  FAIR_TRY(make_folder(scratch.path()));
  FAIR_TRY(copy_chips(chips, scratch.path() / "chips"));
  FAIR_TRY_ASSIGN(const std::string labels_name, copy_labels(labels, scratch.path()));
  FAIR_TRY(pack(item, chips, labels, beside, scratch.path() / pack_name));
  FAIR_TRY_ASSIGN(const fs::path folder, move_to_next(scratch.path(), parent));
  scratch.keep();

  Json& assets = item.json()["assets"];
  FAIR_TRY_ASSIGN(assets["chips"]["href"], workspace.publish(folder / "chips"));
  FAIR_TRY_ASSIGN(assets["labels"]["href"], workspace.publish(folder / labels_name));
  FAIR_TRY_ASSIGN(const std::string pack_href, workspace.publish(folder / pack_name));
  assets[pack_asset] = {
      {"href", pack_href}, {"type", "application/octet-stream"}, {"roles", Json::array({"data"})}, {"title", "Chips and labels in one file"}};
  return item;
}

Result<fs::path> packed_dataset(const store::Workspace& workspace, const stac::Item& item) {
  std::error_code error;
  FAIR_TRY_ASSIGN(const auto packed, workspace.fetch(item.asset_href(pack_asset)));
  if (packed && fs::is_regular_file(*packed, error)) return *packed;
  FAIR_TRY_ASSIGN(const fs::path chips, local(item, "chips", workspace, {}));
  FAIR_TRY_ASSIGN(const fs::path labels_path, local(item, "labels", workspace, {}));
  FAIR_TRY_ASSIGN(const fs::path labels_found, labels_file(labels_path));
  const io::LabelSource labels = source_of(item, labels_found);
  const fs::path to = workspace.artifacts() / "datasets" / item.id() / pack_name;
  if (fs::is_regular_file(to, error)) return to;
  FAIR_TRY(make_folder(to.parent_path()));
  FAIR_TRY(pack(item, chips, labels, {}, to));
  return to;
}

}  // namespace fair::launch
