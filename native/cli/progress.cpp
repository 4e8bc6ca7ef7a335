#include "native/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace fair::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto terminal_interval = std::chrono::milliseconds(100);
constexpr auto plain_interval = std::chrono::seconds(10);

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

std::string duration(double seconds) {
  const auto s = std::lround(seconds);
  char text[32];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%ld h %02ld min", s / 3600, s / 60 % 60);
  } else if (s >= 60) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", s / 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld s", s);
  }
  return text;
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 100;
}

bool on_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string(kind) != "dumb";
}

}  // namespace

Progress::Progress(std::string title, std::string unit, bool quiet)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      quiet_(quiet),
      terminal_(on_terminal()),
      start_(Clock::now()),
      drawn_(start_ - plain_interval) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_ && terminal_ && !finished_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

void Progress::update(std::int64_t done, std::int64_t total, const std::string& note) {
  done_ = done, total_ = total, note_ = note;
  if (Clock::now() - drawn_ < (terminal_ ? Clock::duration(terminal_interval) : Clock::duration(plain_interval))) return;
  draw(false);
}

void Progress::line(const std::string& text) {
  if (quiet_) return;
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
  if (terminal_ && total_ > 0 && !finished_) draw(false);
}

void Progress::finish() {
  if (finished_) return;
  if (done_ > 0) draw(true);
  finished_ = true;
}

void Progress::draw(bool last) {
  drawn_ = Clock::now();
  if (quiet_) return;
  const double spent = seconds_since(start_);
  const double rate = spent > 0 ? static_cast<double>(done_) / spent : 0;
  char numbers[160];
  if (total_ > 0) {
    const double left = rate > 0 && !last ? static_cast<double>(total_ - std::min(done_, total_)) / rate : 0;
    std::snprintf(numbers, sizeof numbers, "%lld/%lld %s  %.3g/s  %s%s", static_cast<long long>(done_), static_cast<long long>(total_), unit_.c_str(),
                  rate, duration(last ? spent : left).c_str(), last ? "" : " left");
  } else {
    std::snprintf(numbers, sizeof numbers, "%lld %s  %.3g/s", static_cast<long long>(done_), unit_.c_str(), rate);
  }
  std::string text = title_ + "  " + numbers + (note_.empty() ? "" : "  " + note_);
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return;
  }
  const std::size_t width = columns() - 1;
  if (total_ > 0 && text.size() + 14 < width) {
    const std::size_t cells = std::min<std::size_t>(30, width - text.size() - 4);
    const auto full =
        static_cast<std::size_t>(static_cast<double>(cells) * static_cast<double>(std::min(done_, total_)) / static_cast<double>(total_));
    std::string bar(cells + 2, ' ');
    std::fill_n(bar.begin() + 1, full, '=');
    bar.front() = '[', bar.back() = ']';
    text.insert(title_.size() + 1, bar);
  }
  if (text.size() > width) text.resize(width);
  std::fprintf(stderr, "\r%s\x1b[K%s", text.c_str(), last ? "\n" : "");
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace fair::cli
