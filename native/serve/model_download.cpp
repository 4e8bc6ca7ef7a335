#include "native/serve/model_download.h"

#include <utility>

#include "native/http/client.h"
#include "native/io/digest.h"
#include "native/io/folder_limit.h"
#include "native/io/web_file.h"

namespace fair::serve {
namespace fs = std::filesystem;
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
    const auto asked = fs::last_write_time(io::web_note(file), error);
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
  io::WebFile wanted;
  wanted.url = url;
  wanted.to = file;
  wanted.most_bytes = options_.most_bytes;
  wanted.stop = stop;
  FAIR_TRY(io::fetch_web_file(*client_, wanted));
  io::keep_newest(options_.folder, options_.folder_bytes, file);
  return {};
}

}  // namespace fair::serve
