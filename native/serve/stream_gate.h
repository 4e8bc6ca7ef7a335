// Keeps whoever makes an answer from running far ahead of the client that takes it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace fair::serve {

/// Counts bytes that were handed in and are not sent yet. Safe from several threads.
class StreamGate {
 public:
  explicit StreamGate(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// Waits until less than the limit is on its way. False: it is closed.
  [[nodiscard]] bool enter(std::size_t bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ < most_bytes_ || closed_; });
    if (!closed_) waiting_ += bytes;
    return !closed_;
  }
  void sent(std::size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      waiting_ -= std::min(waiting_, bytes);
    }
    changed_.notify_all();
  }
  /// Nobody waits any more. False where it was closed before.
  bool close() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(closed_, true)) return false;
    }
    changed_.notify_all();
    return true;
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t waiting_ = 0;
  bool closed_ = false;
};

}  // namespace fair::serve
