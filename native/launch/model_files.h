// The files that a base model's item names, brought into the workspace.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/stac/item.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// What is to be copied where, decided before anything is written.
struct ModelFiles {
  stac::Item item;               ///< with the hrefs it will have
  std::filesystem::path folder;  ///< artifacts/base-models/<id>/<n>, of its own; "" where nothing is to be copied
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> copies;  ///< from, to
};

/// For the ONNX file and the checkpoint of `item`: hrefs relative to `beside` (the item's folder) and s3:// addresses become files of the workspace,
/// with checksums; http(s) hrefs stay. Hrefs that climb out of `beside`, are absolute or lead to nothing are errors. Writes nothing.
[[nodiscard]] Result<ModelFiles> plan_model_files(const store::Workspace& workspace, stac::Item item, const std::filesystem::path& beside);

/// What the file extension (https://github.com/stac-extensions/file, 2.1.0) says of an asset's file: file:size, and file:checksum as a multihash of
/// SHA-256.
Result<> describe_file(stac::Item& item, const std::string& asset, const std::filesystem::path& file);

/// Makes a folder below artifacts/base-models/<id>/ that nobody has. Code::conflict where another program was quicker.
[[nodiscard]] Result<std::filesystem::path> make_model_folder(const store::Workspace& workspace, const std::string& id);

/// Copies them, synced to the disk. On failure nothing new is left.
Result<> copy_model_files(const ModelFiles& files);
/// Takes them away again.
void remove_model_files(const ModelFiles& files);

}  // namespace fair::launch
