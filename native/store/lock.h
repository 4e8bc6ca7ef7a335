// One writer at a time, across programs.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"

namespace fair::store {

/// Held until destroyed; the system lets go of it when the program dies.
class Lock {
 public:
  /// Waits up to `seconds`; then Code::conflict, naming the holder's process.
  [[nodiscard]] static Result<std::unique_ptr<Lock>> take(const std::string& path, double seconds = 5.0);
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  explicit Lock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace fair::store
