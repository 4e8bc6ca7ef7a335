#include <algorithm>
#include <cctype>

#include "core/stac/rules.h"

namespace fair::stac {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent-encodings undone until nothing changes, so that %252e%252e hides nothing either.
std::string decoded(std::string_view href) {
  std::string text(href);
  for (int round = 0; round < 3; ++round) {
    std::string once;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
        once += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
        i += 2;
      } else {
        once += text[i];
      }
    }
    if (once == text) break;
    text = std::move(once);
  }
  std::replace(text.begin(), text.end(), '\\', '/');
  return text;
}

}  // namespace

bool climbs_out(std::string_view href) {
  std::string path = decoded(href);
  // No scheme is longer than that; what comes later is part of a path.
  if (const std::size_t scheme = std::string_view(path).substr(0, 14).find("://"); scheme != std::string_view::npos) {
    const std::size_t start = path.find('/', scheme + 3);
    path = start == std::string::npos ? std::string() : path.substr(start + 1);
  }
  if (const std::size_t query = path.find_first_of("?#"); query != std::string::npos) path.erase(query);
  int depth = 0;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view step = std::string_view(path).substr(at, end - at);
    if (step == "..") {
      if (--depth < 0) return true;
    } else if (!step.empty() && step != ".") {
      ++depth;
    }
    at = end + 1;
  }
  return false;
}

bool safe_id(std::string_view id) {
  if (id.empty() || id.size() > 200 || id.front() == '.' || id.front() == ' ' || id.back() == '.' || id.back() == ' ') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '.' || c == '_' || c == '-' || c == ' ';
  });
}

bool model_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!safe_id(name) || name.size() < 3 || !letter(name.front()) || (!letter(name.back()) && !digit(name.back()))) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace fair::stac
