// One request on its way to an answer.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "native/serve/message.h"

namespace fair::serve {

/// Handed to the handler on a thread of the listener, which must not be kept waiting; may be answered from any thread, later. An exchange given up
/// without an answer is answered with 500.
class Exchange {
 public:
  enum class End { left, late };

  virtual ~Exchange() = default;
  [[nodiscard]] virtual const Request& request() const = 0;
  /// Once. Does nothing where the client has left.
  virtual void answer(Answer answer) = 0;

  /// Instead: an answer whose body comes piece by piece. `head.body` is its first piece.
  virtual void begin(Answer head) = 0;
  /// Waits while the client is slow to take what it was sent. False: it has left.
  virtual bool write(std::string piece) = 0;
  /// With `whole` false the connection is broken off, so that the client sees that something is missing.
  virtual void end(bool whole) = 0;

  /// Calls `then` once, from a thread of the listener, when the client leaves before the answer is complete or `seconds` have passed (0: never).
  virtual void watch(double seconds, std::function<void(End)> then) = 0;
};

}  // namespace fair::serve
