#include "native/launch/rank_processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "native/io/fork.h"

namespace fair::launch {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Ranks see by themselves that another has gone; those that wait at other things are told, and at last ended.
constexpr auto to_notice = 3s, to_stop = 20s;

struct Process {
  pid_t id = -1;
  int words = -1;  ///< what it says on standard error; -1 where that is this process's own
  std::string said;
  bool ended = false, told = false;
  int status = 0;  ///< as waitpid gives it
};

/// A port that nobody listens at now, below those that connections begin from.
Result<int> free_port() {
  constexpr int lowest = 20000, count = 10000;
  std::string why;
  for (int i = 0; i < count; ++i) {
    const int port = lowest + (::getpid() + i) % count;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool good = listener >= 0 && ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    why = std::strerror(errno);
    if (listener >= 0) ::close(listener);
    if (good) return port;
  }
  return fail(Code::io, "ranks on this machine", "a free port of 127.0.0.1 to meet at", why, "");
}

std::vector<std::string> environment_of(int rank, int count, int port) {
  std::vector<std::string> out;
  const std::vector<std::string> ours{"RANK=" + std::to_string(rank),
                                      "LOCAL_RANK=" + std::to_string(rank),
                                      "WORLD_SIZE=" + std::to_string(count),
                                      "LOCAL_WORLD_SIZE=" + std::to_string(count),
                                      "MASTER_ADDR=127.0.0.1",
                                      "MASTER_PORT=" + std::to_string(port)};
  for (char** other = environ; *other != nullptr; ++other) {
    const std::string text = *other;
    const std::string name = text.substr(0, text.find('=') + 1);
    if (std::none_of(ours.begin(), ours.end(), [&](const std::string& own) { return own.rfind(name, 0) == 0; })) out.push_back(text);
  }
  out.insert(out.end(), ours.begin(), ours.end());
  return out;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Result<Process> start(const std::vector<std::string>& words, int rank, int count, int port) {
  Process out;
  std::array<int, 2> ends{-1, -1};
  if (rank > 0 && ::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::io, "rank " + std::to_string(rank), "a pipe", std::strerror(errno), "");
  const std::vector<std::string> variables = environment_of(rank, count, port);
  const auto arguments = pointers(words), environment = pointers(variables);
  const pid_t parent = ::getpid();
  out.id = io::fork_for_exec();
  if (out.id == 0) {
    // A group of its own: Ctrl-C reaches this program alone, which hands it on once.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDIN_FILENO);
    if (rank > 0) ::dup2(nowhere, STDOUT_FILENO), ::dup2(ends[1], STDERR_FILENO);
    ::execve(arguments.front(), arguments.data(), environment.data());
    ::_exit(127);
  }
  if (ends[1] >= 0) ::close(ends[1]);
  out.words = ends[0];
  if (out.id > 0) return out;
  if (ends[0] >= 0) ::close(ends[0]);
  return fail(Code::io, "rank " + std::to_string(rank), "a process", std::strerror(errno), "use fewer ranks");
}

/// Hears what they say, for a moment.
void listen(std::vector<Process>& ranks) {
  std::vector<pollfd> open;
  for (const Process& p : ranks) open.push_back({p.words, POLLIN, 0});
  if (::poll(open.data(), open.size(), 50) <= 0) return;
  std::array<char, 4096> buffer{};
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (open[i].fd < 0 || open[i].revents == 0) continue;
    const auto got = ::read(open[i].fd, buffer.data(), buffer.size());
    if (got > 0) {
      ranks[i].said.append(buffer.data(), static_cast<std::size_t>(got));
      if (ranks[i].said.size() > 65536) ranks[i].said.erase(0, ranks[i].said.size() - 32768);
    } else {
      ::close(ranks[i].words);
      ranks[i].words = -1;
    }
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  text.erase(0, text.find_last_of("\n\r") + 1);
  return text.rfind("fair: ", 0) == 0 ? text.substr(6) : text;
}

bool failed(const Process& p) { return p.ended && p.status != 0; }
bool killed(const Process& p) { return p.ended && WIFSIGNALED(p.status); }

/// Who began it: one that a signal of somebody else's ended, else one that does not only say that another has gone.
std::size_t culprit(const std::vector<Process>& ranks) {
  const auto place = [&](const auto& which) { return static_cast<std::size_t>(std::find_if(ranks.begin(), ranks.end(), which) - ranks.begin()); };
  if (const auto i = place([](const Process& p) { return killed(p) && !p.told; }); i < ranks.size()) return i;
  const auto i = place([](const Process& p) { return failed(p) && !p.told && p.said.find("lost another") == std::string::npos && !p.said.empty(); });
  return i < ranks.size() ? i : 0;
}

}  // namespace

Result<RanksOutcome> run_ranks(const std::vector<std::string>& words, int count, const std::atomic<bool>& stop) {
  FAIR_TRY_ASSIGN(const int port, free_port());
  std::vector<Process> ranks;
  std::optional<Error> not_started;
  for (int r = 0; r < count && !not_started; ++r) {
    auto one = start(words, r, count, port);
    if (one) ranks.push_back(std::move(*one));
    else not_started = one.error();
  }
  std::optional<Clock::time_point> first_failure;
  if (not_started) first_failure = Clock::now() - to_notice;
  bool asked = false;
  const auto tell = [&](int signal) {
    for (Process& p : ranks) {
      if (!p.ended) ::kill(p.id, signal);
    }
  };
  for (;;) {
    listen(ranks);
    bool running = false;
    for (Process& p : ranks) {
      if (!p.ended && ::waitpid(p.id, &p.status, WNOHANG) == p.id) {
        p.ended = true;
        if (failed(p) && !first_failure) first_failure = Clock::now();
      }
      running = running || !p.ended;
    }
    if (!running && std::all_of(ranks.begin(), ranks.end(), [](const Process& p) { return p.words < 0; })) break;
    if (stop.load() && !asked) {
      asked = true;
      tell(SIGTERM);
    }
    if (!running || !first_failure) continue;
    const auto since = Clock::now() - *first_failure;
    if (since < to_notice) continue;
    if (!asked) {
      asked = true;
      for (Process& p : ranks) p.told = !p.ended;
      tell(SIGTERM);
    }
    if (since > to_notice + to_stop) tell(SIGKILL);
  }
  if (not_started) return fail(std::move(*not_started));
  RanksOutcome out;
  const int status = ranks.front().status;
  out.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (!first_failure || stop.load()) return out;
  const std::size_t who = culprit(ranks);
  const Process& p = ranks[who];
  if (who == 0 && !killed(p)) return out;
  out.fault = Error{Code::io, "rank " + std::to_string(who) + " of " + std::to_string(count), "to train to the end",
                    killed(p) ? "it was ended by signal " + std::to_string(WTERMSIG(p.status)) + ", " + ::strsignal(WTERMSIG(p.status))
                              : "it ended with status " + std::to_string(WEXITSTATUS(p.status)) + ": " + last_line(p.said),
                    "--resume goes on from the last checkpoint, with any number of ranks"};
  if (out.status == 0) out.status = 1;
  return out;
}

}  // namespace fair::launch
