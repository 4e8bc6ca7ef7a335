// The built fair as a child that can be told to stop while it works.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace fair::test {

/// Ended when it goes out of scope, if not before.
class Child {
 public:
  /// fair with these arguments in `folder`, its workspace there in w, its output in `name`.out and `name`.err.
  Child(const std::filesystem::path& folder, const std::vector<std::string>& arguments, const std::string& name = "child") {
    const std::string out = (folder / (name + ".out")).string(), err = (folder / (name + ".err")).string();
    std::vector<const char*> line{"fair"};
    for (const std::string& a : arguments) line.push_back(a.c_str());
    line.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves nothing running
    const int to_out = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), to_err = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (to_out < 0 || to_err < 0 || dup2(to_out, STDOUT_FILENO) < 0 || dup2(to_err, STDERR_FILENO) < 0 || chdir(folder.c_str()) != 0) _exit(126);
    setenv("FAIR_WORKSPACE", "w", 1);
    execv(FAIR_PROGRAM, const_cast<char* const*>(line.data()));
    _exit(127);
  }
  ~Child() {
    if (running()) {
      send(SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void send(int signal) const { kill(pid_, signal); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() {
    if (ended_) return false;
    ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
    return !ended_;
  }
  /// Its wait status.
  int wait() {
    if (!ended_) waitpid(pid_, &status_, 0);
    ended_ = true;
    return status_;
  }
  /// Whether it came to its own end in time.
  [[nodiscard]] bool ends_within(std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (running() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return !running();
  }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace fair::test
