#include "native/schema/schema_store.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "native/io/atomic_file.h"
#include "native/schema/download.h"

namespace fair::schema {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t most_bytes = 8U << 20U;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '~' || c == '/' ||
         c == ':' || c == '+';
}

/// The file itself, or with ".json" where an address has no ending (https://example.org/schema/Feature).
fs::path existing(const fs::path& folder, const fs::path& path) {
  if (folder.empty()) return {};
  std::error_code ignored;
  fs::path exact = folder / path;
  if (fs::is_regular_file(exact, ignored)) return exact;
  fs::path with_ending = exact;
  with_ending += ".json";
  return fs::is_regular_file(with_ending, ignored) ? with_ending : fs::path();
}

}  // namespace

std::filesystem::path default_cache() {
  if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') return fs::path(cache) / "fair-edge" / "schemas";
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') return fs::path(home) / ".cache" / "fair-edge" / "schemas";
  return {};
}

Result<fs::path> path_of(const std::string& address) {
  const auto wrong = [&] {
    return fail(Code::invalid, address, "the http(s) address of a schema", "something else", "correct the document's stac_extensions");
  };
  std::string rest;
  for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
    if (address.compare(0, scheme.size(), scheme) == 0) rest = address.substr(scheme.size());
  }
  rest.erase(std::min(rest.find('#'), rest.size()));
  const fs::path path = fs::path(rest).lexically_normal();
  const bool plain = std::all_of(rest.begin(), rest.end(), is_plain);
  if (rest.empty() || rest.size() > 1000 || !plain || rest.front() == '/' || rest.front() == '.' || rest.find("..") != std::string::npos ||
      !path.has_filename())
    return wrong();
  return path;
}

const Result<std::string>& SchemaStore::text(const std::string& address) {
  auto known = known_.find(address);
  if (known == known_.end()) known = known_.emplace(address, find(address)).first;
  return known->second;
}

Result<std::string> SchemaStore::find(const std::string& address) const {
  FAIR_TRY_ASSIGN(const fs::path path, path_of(address));
  for (const fs::path& folder : {options_.schemas, options_.cache}) {
    if (const fs::path file = existing(folder, path); !file.empty()) return io::read_whole(file, most_bytes);
  }
  if (!options_.download) {
    const std::string where = options_.schemas.empty() ? "the cache" : options_.schemas.string();
    return fail(Code::not_found, address, "a schema in " + where, "none, and downloads are off", "give a folder of schemas with --schemas");
  }
  FAIR_TRY_ASSIGN(std::string body, download(address, options_.timeout_seconds));
  FAIR_TRY(parse_json(body, address));
  if (!options_.cache.empty()) {
    // A cache that cannot be written costs only the next download.
    std::error_code ignored;
    fs::create_directories((options_.cache / path).parent_path(), ignored);
    const Result<> kept = io::write_whole(options_.cache / path, body);
    static_cast<void>(kept);
  }
  return body;
}

}  // namespace fair::schema
