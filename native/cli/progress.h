// How far a long job is, for a person who watches: one bar that moves on a terminal, now and then a plain line elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace fair::cli {

/// Writes to stderr only. Calls may come as often as one likes; drawing is limited to a few times a second.
class Progress {
 public:
  /// `unit` is what is counted: "windows", "steps". A quiet one shows nothing.
  Progress(std::string title, std::string unit, bool quiet = false);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` (0: unknown), and what else matters, such as "loss 0.312  IoU 0.71".
  void update(std::int64_t done, std::int64_t total, const std::string& note = {});
  /// A line that stays, above the bar.
  void line(const std::string& text);
  /// Leaves the last state standing.
  void finish();

 private:
  void draw(bool last);
  void clear();

  std::string title_, unit_, note_;
  bool quiet_, terminal_, shown_ = false, finished_ = false;
  std::int64_t done_ = 0, total_ = 0;
  std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace fair::cli
