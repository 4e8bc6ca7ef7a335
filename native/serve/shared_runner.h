// One session for all requests at once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "native/infer/runner.h"

namespace fair::serve {

/// Lets as many runs go on at a time as the session has lanes, in the order in which they were asked for, and joins batches of one shape that wait,
/// of whatever requests, up to `most_windows` in a run. Safe from any number of threads, whose own thread it is that runs. A session whose outputs
/// are not one a window (seen at the first joined run) is never asked with joined batches again.
class SharedRunner final : public infer::Runner {
 public:
  /// `session` must outlive it. `joins`: its batch size is free.
  SharedRunner(infer::Runner& session, std::int64_t most_windows, bool joins);

  [[nodiscard]] int lanes() const override;
  [[nodiscard]] Result<std::vector<infer::Output>> run(const TensorView& input) override;

  struct Counts {
    std::uint64_t runs = 0, windows = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  /// One caller of run(), on its stack. Each is woken by itself: of dozens that wait, one can go on.
  struct Waiting {
    const TensorView* input;
    Result<std::vector<infer::Output>> outputs;
    std::condition_variable changed;
    bool has_lane = false, done = false;
  };
  [[nodiscard]] std::vector<Waiting*> together_with(Waiting& first);
  void run_together(const std::vector<Waiting*>& together);

  infer::Runner& session_;
  const std::int64_t most_windows_;
  const int lanes_;
  mutable std::mutex mutex_;
  std::deque<Waiting*> line_;  ///< empty while a lane is free
  int free_lanes_;
  bool joins_;
  Counts counts_;
};

}  // namespace fair::serve
