#include "native/serve/model_download.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "native/http/client.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"

namespace fair::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t longest_etag = 1024;

fs::path beside(const fs::path& file) { return file.string() + ".etag"; }

}  // namespace

Result<fs::path> ModelDownloads::get(const std::string& url, const std::atomic<bool>* stop) {
  // One that nobody can aim at another address's file.
  const fs::path file = options_.folder / (io::hexadecimal(io::sha256(url)) + ".onnx");
  std::shared_ptr<std::mutex> mine;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<std::mutex>& of_url = busy_[url];
    if (!of_url) of_url = std::make_shared<std::mutex>();
    mine = of_url;
  }
  Result<> fetched;
  {
    const std::lock_guard one_at_a_time(*mine);
    std::error_code error;
    const auto asked = fs::last_write_time(beside(file), error);
    const bool fresh = !error && fs::file_time_type::clock::now() - asked < options_.fresh && fs::is_regular_file(file, error);
    if (!fresh) fetched = fetch(url, file, stop);
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = busy_.find(url); found != busy_.end() && found->second.use_count() <= 2) busy_.erase(found);
  }
  if (!fetched) return fail(std::move(fetched).error());
  return file;
}

Result<> ModelDownloads::fetch(const std::string& url, const fs::path& file, const std::atomic<bool>* stop) const {
  std::error_code error;
  fs::create_directories(options_.folder, error);
  if (error) return fail(Code::io, options_.folder.string(), "a folder for models", error.message(), "check permissions and free space");
  http::Request request;
  request.url = url;
  request.stop = stop;
  if (fs::is_regular_file(file, error)) {
    if (const auto etag = io::read_whole(beside(file), longest_etag); etag && !etag->empty()) request.headers["if-none-match"] = *etag;
  }
  std::optional<io::AtomicFile> out;
  Result<> kept;
  request.sink = [&](const char* data, std::size_t bytes) {
    if (!out) {
      auto made = io::AtomicFile::create(file);
      if (!made) {
        kept = fail(std::move(made).error());
        return false;
      }
      out = std::move(*made);
    }
    if (out->size() + bytes > options_.most_bytes) {
      kept = fail(Code::invalid, http::shown(url), "a model of at most " + std::to_string(options_.most_bytes >> 20U) + " MB", "more",
                  "whoever runs this server can allow it");
    } else {
      kept = out->write(data, bytes);
    }
    return kept.has_value();
  };
  auto response = client_->send(std::move(request));
  if (!kept) return kept;
  if (!response) return fail(std::move(response).error());
  if (response->status == 304) return io::write_whole(beside(file), response->header("etag"));
  if (!response->good() || !out) {
    return fail(Code::not_found, http::shown(url), "a model", response->good() ? "an empty file" : http::outcome(*response), "check the address");
  }
  FAIR_TRY(out->commit());
  FAIR_TRY(io::write_whole(beside(file), response->header("etag").substr(0, longest_etag)));
  make_room(file);
  return {};
}

void ModelDownloads::make_room(const fs::path& keep) const {
  struct Kept {
    fs::file_time_type written;
    std::uint64_t bytes;
    fs::path path;
  };
  std::vector<Kept> files;
  std::uint64_t total = 0;
  std::error_code error;
  for (auto at = fs::directory_iterator(options_.folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (at->path().extension() != ".onnx") continue;
    files.push_back({at->last_write_time(gone), gone ? 0 : at->file_size(gone), at->path()});
    total += files.back().bytes;
  }
  std::sort(files.begin(), files.end(), [](const Kept& a, const Kept& b) { return a.written < b.written; });
  for (const Kept& file : files) {
    if (total <= options_.folder_bytes) return;
    if (file.path == keep) continue;
    fs::remove(file.path, error);
    fs::remove(beside(file.path), error);
    total -= file.bytes;
  }
}

}  // namespace fair::serve
