// A job's program: `fair` as a child, so that what it does wrong does not take the server with it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::serve {

struct ProgramOutcome {
  int status = -1;       ///< the exit status; -1 where a signal ended it
  int signal = 0;        ///< that signal
  std::string out, err;  ///< standard output, and the end of standard error
  bool out_too_long = false;
};

/// Runs it with these words in `folder` until it ends. `on_line` hears each line of standard error. `stop` set: it is asked to end (SIGTERM), and
/// made to after `patience_seconds`. It ends with the thread that called this, too. Code::io where it cannot be started.
[[nodiscard]] Result<ProgramOutcome> run_job_program(const std::string& program, const std::vector<std::string>& words, const std::string& folder,
                                                     const std::atomic<bool>& stop, double patience_seconds,
                                                     const std::function<void(const std::string&)>& on_line);

}  // namespace fair::serve
