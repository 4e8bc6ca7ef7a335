#include "native/track/tracked_run.h"

#include <utility>

#include "core/base/json.h"
#include "native/io/atomic_file.h"
#include "native/runs/process.h"

namespace fair::track {
namespace fs = std::filesystem;
namespace {

constexpr auto patience = std::chrono::seconds(1);
constexpr std::size_t many = 500;

}  // namespace

TrackedRun::TrackedRun(Tracker& tracker, const RunFacts& facts, fs::path note, Say say)
    : tracker_(&tracker), note_(std::move(note)), say_(std::move(say)), sent_(std::chrono::steady_clock::now()) {
  auto started = tracker.start(facts);
  if (!started) {
    say_("not tracked: " + started.error().message());
    return;
  }
  run_ = std::move(*started);
  const Json json{{"tracker", tracker.name()}, {"run", run_}, {"by", runs::this_process()}};
  std::error_code error;
  fs::create_directories(note_.parent_path(), error);
  if (const auto written = io::write_whole(note_, to_text(json)); !written) say_(written.error().message());
}

TrackedRun::~TrackedRun() { end(Outcome::failed); }

bool TrackedRun::kept(const Result<>& result) {
  if (result) return true;
  say_("tracking ends: " + result.error().message());
  run_.clear();
  return false;
}

void TrackedRun::send() {
  if (run_.empty() || points_.empty()) return;
  sent_ = std::chrono::steady_clock::now();
  if (kept(tracker_->log(run_, points_))) points_.clear();
}

void TrackedRun::point(const std::string& key, double value, std::int64_t step) {
  if (run_.empty()) return;
  points_.push_back({key, value, step, now_milliseconds()});
  if (points_.size() >= many || std::chrono::steady_clock::now() - sent_ >= patience) send();
}

void TrackedRun::artifact(const std::string& name, const fs::path& file) {
  if (!run_.empty()) kept(tracker_->artifact(run_, name, file));
}

void TrackedRun::end(Outcome outcome) {
  send();
  if (run_.empty()) return;
  if (kept(tracker_->end(run_, outcome))) {
    std::error_code error;
    fs::remove(note_, error);
  }
  run_.clear();
}

std::string TrackedRun::address() const { return run_.empty() ? "" : tracker_->address(run_); }

void finish_dead(Tracker& tracker, const fs::path& folder, const TrackedRun::Say& say) {
  std::error_code error;
  for (const auto& run : fs::directory_iterator(folder, error)) {
    const fs::path path = run.path() / note_name;
    std::error_code none;
    if (!fs::exists(path, none)) continue;
    const auto text = io::read_whole(path, 1U << 16U);
    const auto note = text ? json_from(*text) : std::nullopt;
    if (!note || !note->is_object() || note->value("tracker", "") != tracker.name() || !runs::has_ended(note->value("by", Json()))) continue;
    const auto ended = tracker.end(note->value("run", ""), Outcome::killed);
    if (!ended && ended.error().code != Code::not_found) {
      say("the run of " + run.path().filename().string() + " cannot be ended at its tracker: " + ended.error().message());
      continue;
    }
    fs::remove(path, none);
  }
}

}  // namespace fair::track
