// Files of some folders over HTTP, for a browser on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "native/serve/message.h"

namespace fair::serve {

/// A folder shown under a path: {"/artifacts", ".fair/artifacts"} makes /artifacts/a/model.onnx that folder's a/model.onnx.
struct Mount {
  std::string prefix;  ///< "/" or "/name"; the longest that fits wins
  std::filesystem::path folder;
};

/// The media type for a file name: by its ending, STAC's and ONNX's among them.
[[nodiscard]] std::string media_type(const std::filesystem::path& file);

/// The file a request path means, or not_found: never one outside the mounts, whatever `..`, links or escapes say. A folder means its
/// index.html.
[[nodiscard]] Result<std::filesystem::path> resolve(const std::vector<Mount>& mounts, const std::string& path);

/// That file, one range of it, or that it is what the client has already (If-None-Match: 304), for GET and HEAD. Spec: RFC 9110.
[[nodiscard]] Answer answer_file(const std::vector<Mount>& mounts, const Request& request);

}  // namespace fair::serve
