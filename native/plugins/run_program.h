// Another program run for its answer.
#pragma once

#include <string>
#include <vector>

namespace fair::plugins {

/// A program's answer: its exit status, or that it had to be ended.
struct Outcome {
  int status = -1;     ///< 127 where it cannot be started
  bool ended = false;  ///< it took longer than it may
  std::string out;     ///< standard output
  std::string err;     ///< standard error
};

/// Seconds that a program may take.
inline constexpr int patience = 60;

/// Runs `words` (the program, looked up in PATH, and its arguments) without standard input, for so many seconds at most.
[[nodiscard]] Outcome run_program(const std::vector<std::string>& words, int seconds = patience);

}  // namespace fair::plugins
