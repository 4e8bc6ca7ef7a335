#include "native/io/web_file.h"

#include <optional>
#include <utility>

#include "core/base/field.h"
#include "native/http/url.h"
#include "native/io/atomic_file.h"

namespace fair::io {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t longest_note = 1U << 16U;

Result<http::Response> ask(const http::Client& client, const WebFile& wanted, const Json& known, std::optional<AtomicFile>& file, Result<>& written) {
  http::Request request;
  request.url = wanted.url;
  request.stop = wanted.stop;
  if (const std::string etag = text_of(known, "etag"); !etag.empty()) request.headers["if-none-match"] = etag;
  if (const std::string when = text_of(known, "last-modified"); !when.empty()) request.headers["if-modified-since"] = when;
  request.sink = [&](const char* data, std::size_t size) {
    if (wanted.most_bytes > 0 && file->size() + size > wanted.most_bytes) {
      written = fail(Code::invalid, http::shown(wanted.url), "a file of at most " + std::to_string(wanted.most_bytes >> 20U) + " MB", "a larger one");
    } else {
      written = file->write(data, size);
    }
    return written.has_value();
  };
  return client.send(std::move(request));
}

}  // namespace

fs::path web_note(const fs::path& file) { return file.string() + ".web"; }

Result<> fetch_web_file(const http::Client& client, const WebFile& wanted) {
  std::error_code error;
  fs::create_directories(wanted.to.parent_path(), error);
  if (error)
    return fail(Code::io, wanted.to.parent_path().string(), "a folder that can be made", error.message(), "check permissions and free space");
  const bool here = fs::is_regular_file(wanted.to, error);
  Json known;
  if (const auto note = here ? read_whole(web_note(wanted.to), longest_note) : Result<std::string>("")) known = json_from(*note).value_or(Json());
  for (int attempt = 1;; ++attempt) {
    std::optional<AtomicFile> file;
    FAIR_TRY_ASSIGN(file, AtomicFile::create(wanted.to));
    Result<> written;
    const auto answer = ask(client, wanted, known, file, written);
    if (!written) return written;
    if (!answer && answer.error().code == Code::io && attempt < wanted.attempts) continue;
    if (!answer) return fail(answer.error());
    if (answer->status == 304 && here) return write_whole(web_note(wanted.to), known.dump());
    if (!answer->good()) {
      return fail(Code::not_found, http::shown(wanted.url), "a file", http::outcome(*answer), "check the address and whether everybody may read it");
    }
    FAIR_TRY(file->commit());
    return write_whole(web_note(wanted.to), Json{{"etag", answer->header("etag")}, {"last-modified", answer->header("last-modified")}}.dump());
  }
}

}  // namespace fair::io
