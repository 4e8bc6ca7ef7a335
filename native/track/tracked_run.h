// A training as a tracker sees it, while it happens.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "native/track/tracker.h"

namespace fair::track {

/// Points are gathered and sent about once a second. A tracker that fails is told of once, in `say`, and the run goes on without it: nobody loses a
/// training to a broken dashboard.
class TrackedRun {
 public:
  using Say = std::function<void(const std::string&)>;

  /// `note`: a file of the run's own that remembers the tracker's id and this process, so that `finish_dead` can end what dies. `tracker` must
  /// outlive this.
  TrackedRun(Tracker& tracker, const RunFacts& facts, std::filesystem::path note, Say say);
  TrackedRun(const TrackedRun&) = delete;
  TrackedRun& operator=(const TrackedRun&) = delete;
  /// Ends it as failed where nobody has ended it.
  ~TrackedRun();

  void point(const std::string& key, double value, std::int64_t step);
  void artifact(const std::string& name, const std::filesystem::path& file);
  void end(Outcome outcome);
  /// Where to look at it, or "" where the tracker failed.
  [[nodiscard]] std::string address() const;

 private:
  void send();
  bool kept(const Result<>& result);

  Tracker* tracker_;
  std::string run_;  ///< "" once the tracker has failed, or the run has ended
  std::filesystem::path note_;
  Say say_;
  std::vector<Point> points_;
  std::chrono::steady_clock::time_point sent_;
};

/// Ends as killed the runs below `folder` (one folder a run, its note "tracked.json" in it) whose programs on this machine are no more. Runs that
/// were tracked elsewhere (`name` differs) are left.
void finish_dead(Tracker& tracker, const std::filesystem::path& folder, const TrackedRun::Say& say);

inline constexpr const char* note_name = "tracked.json";

}  // namespace fair::track
