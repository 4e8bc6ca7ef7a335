#include "native/store/folder_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/stac/rules.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"

namespace fair::store {
namespace fs = std::filesystem;
namespace {

class FolderStore final : public ObjectStore {
 public:
  FolderStore(fs::path folder, std::string base) : folder_(std::move(folder)), base_(std::move(base)) {}

  Result<ObjectInfo> put(const std::string& key, const fs::path& file) override {
    FAIR_TRY(check_key(key));
    return copy(file, folder_ / key, key);
  }

  Result<ObjectInfo> get(const std::string& key, const fs::path& file) override {
    FAIR_TRY(present(key));
    return copy(folder_ / key, file, key);
  }

  Result<std::optional<ObjectInfo>> info(const std::string& key) override {
    FAIR_TRY(check_key(key));
    std::error_code error;
    if (!fs::is_regular_file(folder_ / key, error)) return std::optional<ObjectInfo>();
    FAIR_TRY_ASSIGN(std::string sum, io::digest_of(io::Digest::Kind::sha256, folder_ / key));
    return ObjectInfo{key, fs::file_size(folder_ / key, error), std::move(sum)};
  }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    std::vector<ObjectInfo> out;
    std::error_code error;
    for (auto at = fs::recursive_directory_iterator(folder_, error); !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      std::error_code none;
      const std::string key = at->path().lexically_relative(folder_).generic_string();
      if (key.rfind(prefix, 0) == 0 && at->path().filename().string().front() != '.' && at->is_regular_file(none))
        out.push_back({key, at->file_size(none), ""});
    }
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(Code::io, folder_.string(), "a folder that can be read", error.message(), "check its permissions");
    std::sort(out.begin(), out.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
    return out;
  }

  Result<> remove(const std::string& key) override {
    FAIR_TRY(check_key(key));
    std::error_code error;
    fs::remove(folder_ / key, error);
    if (error) return fail(Code::io, (folder_ / key).string(), "a file that can be removed", error.message(), "check permissions");
    for (fs::path parent = (folder_ / key).parent_path(); parent != folder_ && fs::remove(parent, error) && !error;) parent = parent.parent_path();
    return {};
  }

  Result<std::string> read(const std::string& key) override {
    FAIR_TRY(present(key));
    return io::read_whole(folder_ / key);
  }

  Result<> write(const std::string& key, const std::string& text) override {
    FAIR_TRY(check_key(key));
    FAIR_TRY(make_parent(folder_ / key));
    return io::write_whole(folder_ / key, text);
  }

  Result<bool> create(const std::string& key, const std::string& text) override {
    FAIR_TRY(check_key(key));
    FAIR_TRY(make_parent(folder_ / key));
    // Written beside and linked into place, which fails where somebody was quicker: nobody ever sees half of it.
    const fs::path hidden = (folder_ / key).parent_path() /
                            ("." + fs::path(key).filename().string() + "." + std::to_string(::getpid()) + "-" + std::to_string(next()++) + ".new");
    FAIR_TRY(io::write_whole(hidden, text));
    const int status = ::link(hidden.c_str(), (folder_ / key).c_str());
    const int reason = errno;
    ::unlink(hidden.c_str());
    if (status == 0) return true;
    if (reason == EEXIST) return false;
    return fail(Code::io, (folder_ / key).string(), "a file that can be made", std::strerror(reason), "check permissions and free space");
  }

  [[nodiscard]] std::string href(const std::string& key) const override { return base_ + "/" + key; }
  Result<std::string> presigned(const std::string& key, int) override {
    FAIR_TRY(present(key));
    return href(key);
  }
  [[nodiscard]] std::string name() const override { return "folder " + folder_.string(); }

 private:
  static std::atomic<int>& next() {
    static std::atomic<int> serial{0};
    return serial;
  }

  Result<> present(const std::string& key) const {
    FAIR_TRY(check_key(key));
    std::error_code error;
    if (fs::is_regular_file(folder_ / key, error)) return {};
    return fail(Code::not_found, key, "an artifact of " + name(), "none of that key", "fair runs list shows which runs have artifacts");
  }

  static Result<> make_parent(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) return fail(Code::io, file.parent_path().string(), "a folder", error.message(), "check permissions and free space");
    return {};
  }

  static Result<ObjectInfo> copy(const fs::path& from, const fs::path& to, const std::string& key) {
    std::error_code error;
    const bool same = fs::equivalent(from, to, error);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(from.c_str(), "rb"), std::fclose);
    if (!in) return fail(Code::io, from.string(), "a file that can be read", std::strerror(errno), "check that it is there, and its permissions");
    io::Digest digest(io::Digest::Kind::sha256);
    ObjectInfo out{key, 0, ""};
    FAIR_TRY(make_parent(to));
    std::optional<io::AtomicFile> file;
    if (!same) {
      FAIR_TRY_ASSIGN(file, io::AtomicFile::create(to));
    }
    std::vector<char> buffer(1U << 20U);
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), in.get())) {
      digest.add(buffer.data(), got);
      out.size += got;
      if (file) FAIR_TRY(file->write(buffer.data(), got));
    }
    if (std::ferror(in.get()) != 0) return fail(Code::io, from.string(), "a file that can be read", "reading failed", "check the disk");
    if (file) FAIR_TRY(file->commit());
    out.sha256 = io::hexadecimal(digest.take());
    return out;
  }

  fs::path folder_;
  std::string base_;
};

}  // namespace

Result<> remove_below(ObjectStore& store, const std::string& prefix) {
  FAIR_TRY_ASSIGN(const auto all, store.list(prefix));
  for (const ObjectInfo& one : all) FAIR_TRY(store.remove(one.key));
  return {};
}

Result<> check_key(const std::string& key) {
  if (!key.empty() && key.front() != '/' && key.back() != '/' && key.find("//") == std::string::npos && !stac::climbs_out(key) && key.size() <= 1024)
    return {};
  return fail(Code::usage, "key \"" + key + "\"", "a relative path of at most 1024 characters, without '..' and empty parts", "this one",
              "correct it");
}

std::unique_ptr<ObjectStore> folder_store(const fs::path& folder, const std::string& base) {
  return std::make_unique<FolderStore>(fs::absolute(folder).lexically_normal(), base);
}

}  // namespace fair::store
