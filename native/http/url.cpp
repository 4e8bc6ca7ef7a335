#include "native/http/url.h"

#include <cctype>
#include <cstddef>

namespace fair::http {

std::string shown(const std::string& url) {
  std::string out = url.substr(0, url.find('?'));
  const std::size_t host = out.find("://");
  if (host == std::string::npos) return out;
  const std::size_t slash = out.find('/', host + 3), at = out.rfind('@', slash);
  if (at != std::string::npos && at > host) out.erase(host + 3, at - host - 2);
  return out;
}

Result<std::string> base_url(std::string url, const std::string& thing) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0) return url;
  return fail(Code::usage, thing, "an http or https URL", url.empty() ? "none" : shown(url), "begin it with https://");
}

std::string percent_encoded(const std::string& text, bool path) {
  static constexpr const char* digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = (byte < 128 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_' || c == '~' || (path && c == '/');
    if (kept) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

}  // namespace fair::http
