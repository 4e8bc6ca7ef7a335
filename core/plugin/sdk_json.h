// For plugins: reading the JSON their host hands them, header-only and small enough to be downloaded with every plugin. The host has written it, so
// it is taken for right; text that is not reads as absent members, never beyond its end.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fair::sdk {

/// A view of one value; its text must outlive it. Absent values are views of nothing, and read as nothing, 0 or false.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(std::string_view text) : text_(text) { skip_space(text_); }

  [[nodiscard]] bool present() const { return !text_.empty() && text_.substr(0, 4) != "null"; }

  /// A member of an object.
  [[nodiscard]] JsonView operator[](std::string_view key) const {
    std::string_view rest = text_;
    if (!take(rest, '{')) return {};
    while (!rest.empty() && rest.front() == '"') {
      const std::string_view name = rest.substr(0, length(rest));
      rest.remove_prefix(name.size());
      skip_space(rest);
      if (!take(rest, ':')) return {};
      const std::size_t size = length(rest);
      if (name.size() == key.size() + 2 && name.substr(1, key.size()) == key) return JsonView(rest.substr(0, size));
      rest.remove_prefix(size);
      skip_space(rest);
      if (!take(rest, ',')) return {};
    }
    return {};
  }

  /// An array's elements.
  [[nodiscard]] std::vector<JsonView> elements() const {
    std::vector<JsonView> out;
    std::string_view rest = text_;
    if (!take(rest, '[')) return out;
    while (!rest.empty() && rest.front() != ']') {
      const std::size_t size = length(rest);
      if (size == 0) return out;
      out.push_back(JsonView(rest.substr(0, size)));
      rest.remove_prefix(size);
      skip_space(rest);
      if (!take(rest, ',')) return out;
    }
    return out;
  }

  [[nodiscard]] double number(double otherwise = 0) const {
    if (text_.empty() || (text_.front() != '-' && (text_.front() < '0' || text_.front() > '9'))) return otherwise;
    return std::strtod(std::string(text_.substr(0, length(text_))).c_str(), nullptr);
  }
  [[nodiscard]] bool boolean(bool otherwise = false) const { return text_.substr(0, 4) == "true" || (otherwise && text_.substr(0, 5) != "false"); }
  /// A string's text; escapes other than \u are undone.
  [[nodiscard]] std::string text() const {
    std::string out;
    if (text_.empty() || text_.front() != '"') return out;
    for (std::size_t i = 1; i < text_.size() && text_[i] != '"'; ++i) {
      if (text_[i] != '\\' || i + 1 == text_.size()) {
        out += text_[i];
        continue;
      }
      switch (text_[++i]) {
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'r': out += '\r'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'u': out += "\\u"; break;
        default: out += text_[i];
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<double> numbers() const {
    std::vector<double> out;
    for (const JsonView& one : elements()) out.push_back(one.number());
    return out;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const JsonView& one : elements()) out.push_back(one.text());
    return out;
  }

 private:
  static void skip_space(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\t' || text.front() == '\r')) text.remove_prefix(1);
  }
  static bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    skip_space(text);
    return true;
  }
  /// Characters of the value that `text` begins with.
  static std::size_t length(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (quoted) {
        if (c == '\\') {
          ++i;
        } else if (c == '"') {
          quoted = false;
          if (depth == 0) return i + 1;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return i;
        if (--depth == 0) return i + 1;
      } else if (depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\n')) {
        return i;
      }
    }
    return text.size();
  }

  std::string_view text_;
};

}  // namespace fair::sdk
