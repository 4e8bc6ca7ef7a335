#include "native/cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace fair::cli {
namespace {

int pipe_to_watch = -1;  // written by the handler, which may do little more

void on_signal(int number) {
  signal(number, SIG_DFL);
  const char byte = 's';
  [[maybe_unused]] const auto n = write(pipe_to_watch, &byte, 1);
}

}  // namespace

struct Interrupt::Watch {
  int read_end = -1, write_end = -1;
  struct sigaction former_int {
  }, former_term{};
  std::thread thread;
};

Interrupt::Interrupt(std::function<void()> on_stop) : watch_(new Watch) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  watch_->read_end = ends[0], watch_->write_end = ends[1];
  pipe_to_watch = ends[1];
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &watch_->former_int);
  sigaction(SIGTERM, &action, &watch_->former_term);
  watch_->thread = std::thread([this, on_stop = std::move(on_stop)] {
    char byte = 0;
    while (read(watch_->read_end, &byte, 1) == 1 && byte == 's') {
      if (!stop_.exchange(true) && on_stop) on_stop();
    }
  });
}

Interrupt::~Interrupt() {
  if (watch_->thread.joinable()) {
    sigaction(SIGINT, &watch_->former_int, nullptr);
    sigaction(SIGTERM, &watch_->former_term, nullptr);
    const char byte = 'q';
    [[maybe_unused]] const auto n = write(watch_->write_end, &byte, 1);
    watch_->thread.join();
    close(watch_->read_end);
    close(watch_->write_end);
  }
  delete watch_;
}

}  // namespace fair::cli
