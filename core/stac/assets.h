// Assets by what they are for, whichever of fAIr's spellings an item uses.
#pragma once

#include <string>

#include "core/stac/item.h"

namespace fair::stac {

/// The deployed spelling comes first in each list; roles and artifact types settle what names leave open.
enum class Part {
  onnx,               ///< model | mlm:model, with mlm:artifact_type onnx, or a href that ends in .onnx
  checkpoint,         ///< checkpoint | model | mlm:model | weights, other than ONNX
  source_code,        ///< source-code | code | role code
  training_runtime,   ///< mlm:training | training-runtime | role mlm:training-runtime
  inference_runtime,  ///< mlm:inference | inference-runtime | role mlm:inference-runtime
};

/// The asset's key in the item, or "" where it has none.
[[nodiscard]] std::string key_of(const Item& item, Part part);
/// The asset's href, or "".
[[nodiscard]] std::string href_of(const Item& item, Part part);
/// The OCI image of a runtime without its scheme ("docker://"), or "" where the asset is absent or no image ("local").
[[nodiscard]] std::string image_of(const Item& item, Part runtime);

/// Hrefs that are relative to the item's document become addresses, from that of the document. Code::invalid names one that climbs out of its folder.
Result<> make_absolute(Item& item, const std::string& address);

}  // namespace fair::stac
