// A base model with weights from elsewhere becomes a base model of the catalogue.
#pragma once

#include <string>

#include "core/stac/item.h"
#include "native/onnx/graph.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// Where the weights came from, and what they shall be called.
struct WeightsOrigin {
  std::string file;     ///< the file's name, without folders
  std::string sha256;   ///< of it, in hexadecimal
  std::string name;     ///< id and mlm:name of the new item; "": those of the base, as its next version
  std::string license;  ///< of the weights; "": the base's
};

/// Writes `graph` and its state dict below artifacts/base-models/<id>/ and registers the item of `base` pointed at them: pretrained, with its source.
/// An active base model of that name is kept as an older version. Gives the item as it now stands. On failure nothing new is left.
[[nodiscard]] Result<stac::Item> register_weights(store::Workspace& workspace, stac::Item base, onnx::Model graph, const WeightsOrigin& origin,
                                                  const std::string& now);

}  // namespace fair::launch
