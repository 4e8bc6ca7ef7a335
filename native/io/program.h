// Another program run for its answer.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace fair::io {

/// How it is run, besides its words.
struct ProgramRun {
  std::string folder{};                     ///< that it runs in; "" for this one
  int seconds = 60;                         ///< that it may take; 0: as long as it likes
  const std::atomic<bool>* stop = nullptr;  ///< set: it is asked to end (SIGTERM), and made to after `patience_seconds`
  double patience_seconds = 20;
  std::function<void(const std::string&)> on_line{};  ///< hears each line of standard error as it comes; may be null
  std::size_t most_out = std::size_t{8} << 20U;       ///< bytes of standard output that are kept
};

/// Its exit status, or that it had to be ended.
struct ProgramOutcome {
  int status = -1;            ///< 127 where it cannot be started; -1 where a signal ended it
  int signal = 0;             ///< that signal
  bool ended = false;         ///< it took longer than it may
  bool out_too_long = false;  ///< the rest of standard output is lost
  std::string out;            ///< standard output
  std::string err;            ///< the end of standard error
};

/// Runs `words` (the program, looked up in PATH, and its arguments) without standard input. It ends with the thread that called this, too.
[[nodiscard]] ProgramOutcome run_program(const std::vector<std::string>& words, const ProgramRun& run = {});

}  // namespace fair::io
