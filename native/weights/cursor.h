// Reading forward through bytes that may lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "native/weights/refused.h"

namespace fair::weights {

/// Little-endian numbers and slices of a file, each checked against what is there. Throws Refused, with the offset.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::size_t at, std::string thing) : bytes_(bytes), at_(at), thing_(std::move(thing)) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  /// The next `n` bytes as an unsigned number; n at most 8.
  std::uint64_t number(std::size_t n) {
    std::uint64_t value = 0;
    const std::string_view slice = take(n);
    for (std::size_t i = n; i-- > 0;) value = value << 8U | static_cast<unsigned char>(slice[i]);
    return value;
  }
  std::string_view take(std::uint64_t n) {
    if (at_ > bytes_.size() || n > left()) {
      refuse(Code::invalid, place(), std::to_string(n) + " more bytes", std::to_string(at_ > bytes_.size() ? 0 : left()) + " before the end",
             "the file is truncated or damaged; fetch or save it again");
    }
    const std::string_view slice = bytes_.substr(at_, n);
    at_ += n;
    return slice;
  }
  /// Up to the next line feed, which is passed over.
  std::string_view line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) refuse(Code::invalid, place(), "a line", "no end of line", "the file is truncated or damaged");
    const std::string_view slice = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return slice;
  }
  /// "model.pt at byte 17", for errors.
  [[nodiscard]] std::string place() const { return thing_ + " at byte " + std::to_string(at_); }

 private:
  std::string_view bytes_;
  std::size_t at_;
  std::string thing_;
};

}  // namespace fair::weights
