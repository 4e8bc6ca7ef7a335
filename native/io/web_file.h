// A file of the web kept on this machine.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "native/http/client.h"

namespace fair::io {

struct WebFile {
  std::string url;
  std::filesystem::path to;
  std::uint64_t most_bytes = 0;  ///< 0: any number
  const std::atomic<bool>* stop = nullptr;
  int attempts = 1;  ///< of a way that breaks off in the middle; before that the client tries again itself
};

/// Beside a kept file: what its server calls it (ETag, Last-Modified). Its time is when that was asked last.
[[nodiscard]] std::filesystem::path web_note(const std::filesystem::path& file);

/// Brings it, or learns that it has not changed (RFC 9110, 13.1). The file appears whole or not at all. Code::not_found where the server answers with
/// no file, Code::io where none answers, Code::invalid where it is larger. Errors show no query of the address, where keys stand.
Result<> fetch_web_file(const http::Client& client, const WebFile& wanted);

}  // namespace fair::io
