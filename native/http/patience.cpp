#include "native/http/patience.h"

#include <mutex>
#include <utility>

namespace fair::http {
namespace {

constexpr std::chrono::seconds later{20};

struct Listener {
  std::mutex mutex;
  std::function<void(const std::string&)> tell;
};

Listener& listener() {
  static Listener one;
  return one;
}

}  // namespace

void tell_of_waits(std::function<void(const std::string&)> tell) {
  const std::lock_guard lock(listener().mutex);
  listener().tell = std::move(tell);
}

Patience::Patience(std::string what, std::chrono::milliseconds first) : what_(std::move(what)), first_(first), next_(begin_ + first) {}

void Patience::still(const std::string& why) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + later;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
  const std::lock_guard lock(listener().mutex);
  if (listener().tell) listener().tell("waiting for " + what_ + " for " + std::to_string(seconds) + " s: " + why);
}

void Patience::moved() {
  begin_ = Clock::now();
  next_ = begin_ + first_;
}

}  // namespace fair::http
