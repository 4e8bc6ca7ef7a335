// Ctrl-C as a wish to stop cleanly; a second one means at once.
#pragma once

#include <atomic>
#include <functional>

namespace fair::cli {

/// While one lives, SIGINT and SIGTERM set its flag (and call `on_stop`, from a thread of its own) instead of ending the program. The second
/// signal ends it as usual. One at a time.
class Interrupt {
 public:
  explicit Interrupt(std::function<void()> on_stop = {});
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] const std::atomic<bool>& flag() const { return stop_; }

 private:
  std::atomic<bool> stop_{false};
  struct Watch;
  Watch* watch_;
};

}  // namespace fair::cli
