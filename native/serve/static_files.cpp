#include "native/serve/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/json.h"

namespace fair::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::pair<const char*, const char*>, 20> types{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".geojson", "application/geo+json"},
    {".wasm", "application/wasm"},
    {".onnx", "application/octet-stream"},
    {".pt", "application/octet-stream"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".svg", "image/svg+xml"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".webp", "image/webp"},
    {".yaml", "application/yaml"},
    {".zip", "application/zip"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
}};

/// A descriptor that is closed with the last who holds it; null where the file cannot be read.
std::shared_ptr<const int> open_file(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return nullptr;
  return {new int(descriptor), [](const int* held) {
            close(*held);
            delete held;
          }};
}

bool inside(const fs::path& folder, const fs::path& file) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end();
}

const Mount* mount_of(const std::vector<Mount>& mounts, const std::string& path) {
  const Mount* best = nullptr;
  for (const Mount& m : mounts) {
    const bool fits = m.prefix == "/" || path == m.prefix || (path.rfind(m.prefix + "/", 0) == 0);
    if (fits && (best == nullptr || m.prefix.size() > best->prefix.size())) best = &m;
  }
  return best;
}

/// One range of RFC 9110, 14.1.2: first and size. Nothing for several or none that can be read: the whole is sent then.
struct Range {
  bool given = false, satisfiable = false;
  std::uint64_t first = 0, size = 0;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Range range_of(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (header.substr(0, unit.size()) != unit) return {};
  header.remove_prefix(unit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
  if (dash == 0) {  // the last bytes
    if (!last) return {};
    const std::uint64_t bytes = std::min(*last, size);
    return {true, bytes > 0, size - bytes, bytes};
  }
  if (!first || (!last && dash + 1 != header.size()) || (last && *last < *first)) return {};
  if (*first >= size) return {true, false, 0, 0};
  return {true, true, *first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

/// What this state of a file is called: another after every change that its file system's clock can tell.
std::string entity_tag(const struct stat& facts) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "\"%llx-%llx-%llx.%lx\"", static_cast<unsigned long long>(facts.st_ino),
                                   static_cast<unsigned long long>(facts.st_size), static_cast<unsigned long long>(facts.st_mtim.tv_sec),
                                   static_cast<unsigned long>(facts.st_mtim.tv_nsec));
  return {text.data(), static_cast<std::size_t>(length)};
}

/// Whether If-None-Match (RFC 9110, 13.1.2) names the tag.
bool names(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (one.substr(0, 2) == "W/") one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

}  // namespace

std::string media_type(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (const auto& [known, type] : types) {
    if (ending == known) return type;
  }
  return "application/octet-stream";
}

Result<fs::path> resolve(const std::vector<Mount>& mounts, const std::string& path) {
  const auto absent = [&](const char* why) { return fail(Code::not_found, path, "a file in one of the folders served", why); };
  if (path.empty() || path[0] != '/' || path.find('\0') != std::string::npos || path.find('\\') != std::string::npos) return absent("no such path");
  const Mount* mount = mount_of(mounts, path);
  if (mount == nullptr) return absent("no folder is served there");
  const fs::path rest = fs::path(mount->prefix == "/" ? path : path.substr(mount->prefix.size())).relative_path();
  for (const fs::path& part : rest) {
    if (part == "..") return absent("a path that climbs out");
  }
  std::error_code error;
  const fs::path folder = fs::canonical(mount->folder, error);
  if (error) return absent("the folder is gone");
  fs::path file = fs::canonical(folder / rest, error);
  if (!error && fs::is_directory(file, error)) file = fs::canonical(file / "index.html", error);
  if (error) return absent("nothing");
  if (!inside(folder, file)) return absent("a link that leads outside");
  return file;
}

Answer answer_file(const std::vector<Mount>& mounts, const Request& request) {
  const auto refuse = [&](int status, const char* reason) {
    Answer out{
        status, "application/json", Json{{"error", reason}, {"path", request.path}}.dump(-1, ' ', false, Json::error_handler_t::replace), {}, {}};
    return out;
  };
  if (request.method != "GET" && request.method != "HEAD") return refuse(404, "the request cannot be answered");
  const auto path = resolve(mounts, request.path);
  const auto file = path ? open_file(*path) : nullptr;
  struct stat facts {};
  if (!file || fstat(*file, &facts) != 0 || !S_ISREG(facts.st_mode)) return refuse(404, "nothing is served at this path");
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  const std::string tag = entity_tag(facts);
  Answer out{200,
             media_type(*path),
             {},
             {{"Accept-Ranges", "bytes"}, {"Cache-Control", "no-cache"}, {"ETag", tag}, {"X-Content-Type-Options", "nosniff"}},
             FileBody{file, 0, size}};
  if (names(request.header("if-none-match"), tag)) {
    out.status = 304;
    out.type.clear();
    out.file.reset();
    return out;
  }
  // A stretch of another state of the file helps nobody: the whole is sent (RFC 9110, 13.1.5).
  const std::string only_of = request.header("if-range");
  if (!only_of.empty() && only_of != tag) return out;
  const Range range = range_of(request.header("range"), size);
  if (!range.given) return out;
  if (!range.satisfiable) {
    out = refuse(416, "the file has no such range");
    out.headers["Content-Range"] = "bytes */" + std::to_string(size);
    return out;
  }
  out.status = 206;
  out.file = FileBody{file, range.first, range.size};
  out.headers["Content-Range"] =
      "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.size - 1) + "/" + std::to_string(size);
  return out;
}

}  // namespace fair::serve
