// Models that requests name by an address, kept on this machine's disk.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/error.h"

namespace fair::http {
class Client;
}

namespace fair::serve {

struct DownloadOptions {
  std::filesystem::path folder;                          ///< made when it is first needed
  std::uint64_t most_bytes = std::uint64_t{1} << 30U;    ///< of one model
  std::uint64_t folder_bytes = std::uint64_t{8} << 30U;  ///< of all: the ones fetched longest ago go first
  std::chrono::seconds fresh{600};                       ///< before the server is asked whether its file has changed (ETag)
};

/// Each address is fetched once at a time, however many ask for it. Files appear whole or not at all.
class ModelDownloads {
 public:
  /// `client` brings the rules about which addresses may be asked.
  ModelDownloads(DownloadOptions options, std::shared_ptr<const http::Client> client) : options_(std::move(options)), client_(std::move(client)) {}

  [[nodiscard]] Result<std::filesystem::path> get(const std::string& url, const std::atomic<bool>* stop);

 private:
  [[nodiscard]] Result<> fetch(const std::string& url, const std::filesystem::path& file, const std::atomic<bool>* stop) const;

  DownloadOptions options_;
  std::shared_ptr<const http::Client> client_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::mutex>> busy_;
};

}  // namespace fair::serve
