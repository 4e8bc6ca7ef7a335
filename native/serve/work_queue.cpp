#include "native/serve/work_queue.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fair::serve {

WorkQueue::WorkQueue(int workers, std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (int i = 0; i < std::max(1, workers); ++i) threads_.emplace_back([this] { work(); });
}

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<std::uint64_t> WorkQueue::add(std::function<void()> work) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t idle = threads_.size() - running_;
    if (closing_ || line_.size() >= most_waiting_ + idle) return std::nullopt;
    number = next_++;
    line_.push_back({number, std::move(work)});
  }
  wanted_.notify_one();
  return number;
}

bool WorkQueue::forget(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(line_.begin(), line_.end(), [&](const Waiting& w) { return w.number == number; });
  if (found == line_.end()) return false;
  line_.erase(found);
  return true;
}

std::size_t WorkQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return line_.size();
}

std::size_t WorkQueue::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

int WorkQueue::seconds_to_wait() const {
  const std::lock_guard lock(mutex_);
  return std::clamp(static_cast<int>(std::ceil(usual_seconds_ / static_cast<double>(threads_.size()))), 1, 60);
}

void WorkQueue::work() {
  for (;;) {
    std::function<void()> next;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return closing_ || !line_.empty(); });
      if (line_.empty()) return;
      next = std::move(line_.front().work);
      line_.pop_front();
      ++running_;
    }
    const auto begin = std::chrono::steady_clock::now();
    next();
    next = nullptr;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const std::lock_guard lock(mutex_);
    --running_;
    usual_seconds_ += (seconds - usual_seconds_) / 8;
  }
}

}  // namespace fair::serve
