// The file operations a catalogue needs, in one place so that tests can make each of them fail.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::store {

/// Every call names its path in errors. Nothing is durable before `sync` (a file's bytes) and `sync_folder` (its name).
class Files {
 public:
  virtual ~Files() = default;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  /// Code::not_found where there is no such file.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
  /// Names in a folder; empty where it does not exist.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  virtual Result<> make_folder(const std::string& path) = 0;  ///< with its parents
  virtual Result<> write(const std::string& path, const std::string& text) = 0;
  virtual Result<> sync(const std::string& path) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> sync_folder(const std::string& path) = 0;
  virtual Result<> remove(const std::string& path) = 0;  ///< a file or an empty folder; none there is no error
};

/// This machine's files.
[[nodiscard]] std::shared_ptr<Files> posix_files();

/// Replaces a file's content: whoever reads sees the old or the new, and after return the new survives a power cut.
Result<> replace(Files& files, const std::string& path, const std::string& text);

}  // namespace fair::store
