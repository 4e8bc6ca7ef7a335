// Work that waits for its turn: a few threads, and a line that is never longer than somebody will wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace fair::serve {

class WorkQueue {
 public:
  WorkQueue(int workers, std::size_t most_waiting);
  /// Does what still waits.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// A number for forget(); nothing where the line is full. `work` must not throw.
  [[nodiscard]] std::optional<std::uint64_t> add(std::function<void()> work);
  /// Takes work out of the line. False where it has begun, or is done.
  bool forget(std::uint64_t number);

  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t running() const;
  /// Until a newcomer would find a place, guessed from how long work took lately; at least 1.
  [[nodiscard]] int seconds_to_wait() const;

 private:
  void work();

  struct Waiting {
    std::uint64_t number;
    std::function<void()> work;
  };
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Waiting> line_;
  std::uint64_t next_ = 1;
  std::size_t running_ = 0;
  double usual_seconds_ = 1;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fair::serve
