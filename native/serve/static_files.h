// Files of some folders over HTTP, for a browser on this machine.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "native/serve/listener.h"

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

/// That file, or one range of it (RFC 9110), for GET and HEAD.
[[nodiscard]] Answer answer_file(const std::vector<Mount>& mounts, const Request& request);

struct StaticOptions {
  std::vector<Mount> mounts;
  std::string host = "127.0.0.1";
  int port = 8765;        ///< 0: any free one
  bool isolated = false;  ///< COOP and COEP headers, which threads in WebAssembly need
  /// Called once a request with "GET /path 200"; from several threads.
  std::function<void(const std::string&)> log;
};

/// Files of folders and nothing else, with CORS for everybody.
class StaticServer {
 public:
  /// Binds the port. Code::conflict where somebody else has it.
  [[nodiscard]] static Result<StaticServer> bind(const StaticOptions& options);

  [[nodiscard]] int port() const { return listener_.port(); }
  [[nodiscard]] std::string url() const;
  /// Answers until `stop`.
  Result<> run();
  /// From any thread; requests under way are finished.
  void stop() { listener_.stop(std::chrono::seconds(10)); }

 private:
  StaticServer(StaticOptions options, Listener listener) : options_(std::move(options)), listener_(std::move(listener)) {}
  StaticOptions options_;
  Listener listener_;
};

}  // namespace fair::serve
