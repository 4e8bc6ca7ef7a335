// Nobody waits for long without knowing for what.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace fair::http {

/// Who is told, of the whole program: a sentence such as "waiting for http://host for 8 s: no answer yet". May be called from any thread, one at a
/// time. Empty, as it is at first: nobody.
void tell_of_waits(std::function<void(const std::string&)> listener);

/// One wait. Says so after `first`, and again every 20 s.
class Patience {
 public:
  explicit Patience(std::string what, std::chrono::milliseconds first = std::chrono::seconds(8));
  /// To be called now and then while nothing happens. `why`: what is known of it, such as "no answer yet".
  void still(const std::string& why);
  /// Something happened: the wait begins anew.
  void moved();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::chrono::milliseconds first_;
  Clock::time_point begin_ = Clock::now(), next_;
};

}  // namespace fair::http
