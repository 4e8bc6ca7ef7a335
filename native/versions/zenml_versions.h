// Versions as models of a ZenML server, where fAIr keeps its own.
#pragma once

#include "native/versions/version_store.h"
#include "native/versions/zenml_server.h"

namespace fair::versions {

/// A version's description ends with what this toolkit must know of it, as JSON: it is there from the moment the version is. Figures are its run
/// metadata, its files artifact versions named as fAIr's steps name them (trained_model, onnx_model …), linked to it. `artifact_base` is what their
/// paths stand below: "s3://bucket/prefix", or a folder. The server numbers versions itself: that of a removed last version is given again.
[[nodiscard]] std::unique_ptr<VersionStore> zenml_versions(ZenmlServer server, std::string artifact_base);

}  // namespace fair::versions
