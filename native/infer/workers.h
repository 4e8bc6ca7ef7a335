// Threads that fetch and run while the driver's own thread thinks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "core/pipeline/inference.h"
#include "native/infer/block_source.h"
#include "native/infer/runner.h"

namespace fair::infer {

/// Imagery that came in for job `owner`.
struct Fetched {
  std::size_t owner = 0;
  pipeline::Block block;
  Result<std::optional<raster::Image>> image;
};

/// Outputs of one batch of job `owner`.
struct Ran {
  std::size_t owner = 0;
  std::uint64_t batch = 0;
  Result<std::vector<Output>> outputs;
  double milliseconds = 0;
};

using Event = std::variant<Fetched, Ran>;

/// Fetch threads, and as many that run as the runner has lanes. Work handed in is bounded by whoever hands it in. Joining waits for what is under
/// way, not for what is queued.
class Workers {
 public:
  Workers(Runner& runner, int fetch_threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// `source` must outlive these threads.
  void fetch(std::size_t owner, BlockSource& source, pipeline::Block block);
  /// The batch's memory must stay until its Ran comes.
  void run(std::size_t owner, const pipeline::Batch& batch);
  /// The next thing that happened; nothing after `milliseconds` without one.
  [[nodiscard]] std::optional<Event> next(int milliseconds);

  [[nodiscard]] std::size_t fetching() const { return fetching_; }
  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  struct FetchJob {
    std::size_t owner;
    BlockSource* source;
    pipeline::Block block;
  };
  struct RunJob {
    std::size_t owner;
    std::uint64_t batch;
    TensorView input;
  };
  void fetch_loop();
  void run_loop();
  void report(Event event);

  Runner& runner_;
  std::mutex mutex_;
  std::condition_variable fetch_wanted_, run_wanted_, happened_;
  std::deque<FetchJob> fetch_jobs_;
  std::deque<RunJob> run_jobs_;
  std::deque<Event> events_;
  bool closing_ = false;
  std::size_t fetching_ = 0, running_ = 0;  ///< handed in and not yet given back by next(); the driver's thread only
  std::vector<std::thread> threads_;
};

}  // namespace fair::infer
