// Datasets of the catalogue: their files brought into the workspace, and the packed form that training reads.
#pragma once

#include <filesystem>
#include <string>

#include "core/stac/item.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// Copies the chips and labels that an item's file names (relative to `beside`, its folder, or absolute) below artifacts/datasets/<id>/, packs them
/// (or takes dataset.pack from beside the item) and gives the item with http(s) hrefs to all of it; registers nothing. On failure nothing new is
/// left.
[[nodiscard]] Result<stac::Item> place_dataset(const store::Workspace& workspace, stac::Item item, const std::filesystem::path& beside);

/// The packed dataset of a catalogue's item on this machine; made now where it is missing but chips and labels are here.
[[nodiscard]] Result<std::filesystem::path> packed_dataset(const store::Workspace& workspace, const stac::Item& item);

}  // namespace fair::launch
