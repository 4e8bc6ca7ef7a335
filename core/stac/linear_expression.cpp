#include "core/stac/linear_expression.h"

#include <cmath>
#include <string>

#include "core/base/json.h"

namespace fair::stac {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Recursive descent; brackets are bounded so that no text exhausts the stack.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Line> whole() {
    const std::optional<Line> line = sum();
    blanks();
    if (!line || at_ != text_.size() || name_.empty() || !std::isfinite(line->scale) || !std::isfinite(line->offset)) return std::nullopt;
    return line;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<Line> sum() {
    const std::optional<Line> first = product();
    if (!first) return std::nullopt;
    Line left = *first;
    for (;;) {
      const bool plus = take('+');
      if (!plus && !take('-')) return left;
      const std::optional<Line> right = product();
      if (!right) return std::nullopt;
      const double sign = plus ? 1.0 : -1.0;
      left = {left.scale + sign * right->scale, left.offset + sign * right->offset};
    }
  }

  std::optional<Line> product() {
    const std::optional<Line> first = factor();
    if (!first) return std::nullopt;
    Line left = *first;
    for (;;) {
      const bool times = take('*');
      if (!times && !take('/')) return left;
      const std::optional<Line> right = factor();
      if (!right || (left.scale != 0 && right->scale != 0)) return std::nullopt;
      if (times) {
        left = {left.scale * right->offset + left.offset * right->scale, left.offset * right->offset};
      } else {
        if (right->scale != 0 || right->offset == 0) return std::nullopt;
        left = {left.scale / right->offset, left.offset / right->offset};
      }
    }
  }

  std::optional<Line> factor() {
    if (++depth_ > 64) return std::nullopt;
    std::optional<Line> line;
    if (take('-')) {
      line = factor();
      if (line) line = Line{-line->scale, -line->offset};
    } else if (take('(')) {
      line = sum();
      if (line && !take(')')) line = std::nullopt;
    } else {
      blanks();
      line = at_ < text_.size() && is_letter(text_[at_]) ? name() : number();
    }
    --depth_;
    return line;
  }

  std::optional<Line> name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    if (!name_.empty() && name_ != word) return std::nullopt;
    name_ = word;
    return Line{1.0, 0.0};
  }

  std::optional<Line> number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    if (at_ > start && at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    }
    std::string digits(text_.substr(start, at_ - start));
    if (!digits.empty() && digits.back() == '.') digits += '0';
    const auto value = json_from(digits);
    return value && value->is_number() ? std::optional<Line>(Line{0.0, value->get<double>()}) : std::nullopt;
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<Line> linear_expression(std::string_view text) { return text.size() > 1000 ? std::nullopt : Reader(text).whole(); }

}  // namespace fair::stac
