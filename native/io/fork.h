// A child process that is to become another program.
#pragma once

#include <sys/types.h>

namespace fair::io {

/// fork() whose child takes signals as a new program does from its first moment: a handler of ours that ran in it would write to pipes that it shares
/// with us, and tell us of a signal that was another's. 0 in the child, where nothing is blocked; -1 where there is none.
[[nodiscard]] pid_t fork_for_exec();

}  // namespace fair::io
