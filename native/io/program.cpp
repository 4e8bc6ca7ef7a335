#include "native/io/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <utility>

#include "native/io/fork.h"

namespace fair::io {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kept_err = std::size_t{64} << 10U;
constexpr int look_every_ms = 100;

/// Both ends closed when it goes.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  [[nodiscard]] bool make() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close(int end) {
    if (int& descriptor = ends[static_cast<std::size_t>(end)]; descriptor >= 0) ::close(std::exchange(descriptor, -1));
  }
  Pipe() = default;
  ~Pipe() { close(0), close(1); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

Clock::duration seconds(double s) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s)); }

}  // namespace

ProgramOutcome run_program(const std::vector<std::string>& words, const ProgramRun& run) {
  ProgramOutcome outcome;
  Pipe out, err;
  if (!out.make() || !err.make()) return outcome;
  // Nothing may be allocated between fork and exec: other threads may have held the heap's lock.
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid(), child = fork_for_exec();
  if (child < 0) return outcome;
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    const int nowhere = ::open("/dev/null", O_RDONLY);
    ::dup2(nowhere, STDIN_FILENO), ::dup2(out.ends[1], STDOUT_FILENO), ::dup2(err.ends[1], STDERR_FILENO);
    if (run.folder.empty() || ::chdir(run.folder.c_str()) == 0) ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
  }
  out.close(1), err.close(1);
  const Clock::time_point limit = run.seconds > 0 ? Clock::now() + seconds(run.seconds) : Clock::time_point::max();
  Clock::time_point last_moment = Clock::time_point::max();
  std::string line;
  std::array<pollfd, 2> waiting{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  std::array<char, 4096> buffer{};
  for (int open = 2; open > 0;) {
    if (run.stop != nullptr && *run.stop && last_moment == Clock::time_point::max()) {
      last_moment = Clock::now() + seconds(run.patience_seconds);
      ::kill(child, SIGTERM);
    }
    if (Clock::now() > last_moment) ::kill(child, SIGKILL);
    if (Clock::now() > limit) {
      ::kill(child, SIGKILL);
      outcome.ended = true;
      break;  // what it began itself may hold the pipes still
    }
    if (::poll(waiting.data(), waiting.size(), look_every_ms) <= 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      const ssize_t got = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        waiting[i].fd = -1;  // poll passes over it
        --open;
        continue;
      }
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
      if (i == 0) {
        outcome.out_too_long = outcome.out_too_long || outcome.out.size() + piece.size() > run.most_out;
        if (!outcome.out_too_long) outcome.out.append(piece);
        continue;
      }
      outcome.err.append(piece);
      if (outcome.err.size() > 2 * kept_err) outcome.err.erase(0, outcome.err.size() - kept_err);
      if (!run.on_line) continue;
      for (const char c : piece) {
        if (c != '\n') line += c;
        else if (!line.empty()) run.on_line(std::exchange(line, {}));
      }
    }
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace fair::io
