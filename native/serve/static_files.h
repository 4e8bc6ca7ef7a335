// Files of some folders over HTTP, for a browser on this machine.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::serve {

/// A folder shown under a path: {"/artifacts", ".fair/artifacts"} makes /artifacts/a/model.onnx that folder's a/model.onnx.
struct Mount {
  std::string prefix;  ///< "/" or "/name"; the longest that fits wins
  std::filesystem::path folder;
};

struct StaticOptions {
  std::vector<Mount> mounts;
  std::string host = "127.0.0.1";
  int port = 8765;        ///< 0: any free one
  bool isolated = false;  ///< COOP and COEP headers, which threads in WebAssembly need
  int threads = 8;
  /// Called once a request with "GET /path 200"; from several threads.
  std::function<void(const std::string&)> log;
};

/// The media type for a file name: by its ending, STAC's and ONNX's among them.
[[nodiscard]] std::string media_type(const std::filesystem::path& file);

/// The file a request path means, or not_found: never one outside the mounts, whatever `..`, links or escapes say. A folder means its
/// index.html.
[[nodiscard]] Result<std::filesystem::path> resolve(const std::vector<Mount>& mounts, const std::string& path);

/// GET and HEAD with byte ranges (RFC 9110), CORS for everybody, nothing else.
class StaticServer {
 public:
  /// Binds the port. Code::conflict where somebody else has it.
  [[nodiscard]] static Result<StaticServer> bind(const StaticOptions& options);
  StaticServer(StaticServer&&) noexcept;
  ~StaticServer();

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string url() const;
  /// Answers until `stop`.
  Result<> run();
  /// From any thread; requests under way are finished.
  void stop();

 private:
  struct State;
  explicit StaticServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fair::serve
