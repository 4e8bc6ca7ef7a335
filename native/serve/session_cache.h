// Sessions kept ready, within a limit of memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "native/infer/session.h"
#include "native/serve/shared_runner.h"

namespace fair::serve {

/// A session that requests share; what evicts it from the cache takes it from nobody who uses it.
struct ReadyModel {
  std::unique_ptr<infer::Session> session;
  std::unique_ptr<SharedRunner> runner;
  stac::ModelSpec spec;     ///< fitted to the graph
  std::uint64_t bytes = 0;  ///< of memory, as measured when it was loaded and first run
};

struct CacheOptions {
  std::uint64_t most_bytes = std::uint64_t{2} << 30U;
  infer::SessionOptions session;
  std::int64_t most_windows = 0;  ///< that requests' batches are joined to in a run; 0: the session's own suggestion
};

/// Loads one model at a time, each once however many ask for it (single flight). The least recently used are let go when all together hold more than
/// the limit; one that is larger by itself is kept alone. A file that has changed is loaded again.
class SessionCache {
 public:
  explicit SessionCache(CacheOptions options) : options_(std::move(options)) {}

  /// `spec` says what a window of it looks like. What cannot be loaded, or does not run a window, is nobody's: the next who asks tries again.
  [[nodiscard]] Result<std::shared_ptr<ReadyModel>> get(const std::filesystem::path& onnx, const stac::ModelSpec& spec);

  struct Counts {
    std::uint64_t hits = 0, loads = 0, evictions = 0, bytes = 0, models = 0, runs = 0, windows = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Entry {
    std::shared_ptr<ReadyModel> model;
    std::uint64_t used = 0;
  };
  [[nodiscard]] Result<std::shared_ptr<ReadyModel>> load(const std::filesystem::path& onnx, const stac::ModelSpec& spec) const;
  void make_room(const std::string& keep);

  CacheOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable loaded_;
  std::map<std::string, Entry> entries_;
  std::uint64_t clock_ = 0;
  bool loading_ = false;
  Counts counts_;
};

}  // namespace fair::serve
