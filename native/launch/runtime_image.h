// The images that an item's runtimes are.
#pragma once

#include <string>

#include "core/catalog/store.h"
#include "core/stac/assets.h"

namespace fair::launch {

/// Names the image, "host/name@sha256:…", as the item's training or inference runtime, as fAIr's items have it. The spelling of an asset that is
/// there is kept.
void set_runtime(stac::Item& item, stac::Part runtime, const std::string& image);

/// The same for a base model of the catalogue, which keeps its version. Gives the item as it now stands.
[[nodiscard]] Result<stac::Item> publish_runtime(catalog::CatalogStore& catalog, const std::string& model, stac::Part runtime,
                                                 const std::string& image, const std::string& now);

}  // namespace fair::launch
