// An answer's bytes on their way out: its head, pieces that are handed in, a stretch of a file.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/serve/message.h"

namespace fair::serve {

/// What the head says besides the answer's own fields.
struct HeadFacts {
  std::string request_id;
  bool keep = true;     ///< the connection is for further requests
  bool stream = false;  ///< the body comes piece by piece
  bool old = false;     ///< HTTP/1.0: a stream has no chunks and ends with the connection
  bool bodiless = false;
};

/// Of one answer after the other; for one thread at a time.
class Outbox {
 public:
  /// The status line, the fields, and what of the body is known already. Fields with a line break in them are left out.
  void begin(Answer answer, const HeadFacts& facts);
  /// A piece of a stream; an empty one is none.
  void add(std::string piece);
  /// Of a stream: nothing comes any more.
  void finish();

  /// What is to be written next, a quarter of a megabyte at most; empty where there is nothing yet. Nothing where the file became shorter than was
  /// said.
  [[nodiscard]] std::optional<std::vector<std::string_view>> next();
  /// That many of those bytes are written.
  void written(std::size_t bytes);
  /// All of the answer is.
  [[nodiscard]] bool done() const { return whole_ && pieces_.empty() && (!file_ || file_->size == 0); }

 private:
  std::deque<std::string> pieces_;
  std::size_t written_ = 0;  ///< of the first of them
  std::optional<FileBody> file_;
  bool chunked_ = false, bodiless_ = false, whole_ = false;
};

}  // namespace fair::serve
