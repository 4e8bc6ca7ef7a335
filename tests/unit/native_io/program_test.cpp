#include "native/io/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

using namespace fair;

namespace {

int heard[2] = {-1, -1};
void hear(int) { [[maybe_unused]] const auto n = ::write(heard[1], "s", 1); }

}  // namespace

TEST(Program, AnswersWithWhatItSaysAndItsStatus) {
  const auto done = io::run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(done.out, "out\n");
  EXPECT_EQ(done.err, "err\n");
  EXPECT_EQ(done.status, 3);
  EXPECT_EQ(io::run_program({"no-such-program-anywhere"}).status, 127);
}

TEST(Program, OneThatIsStoppedAtOnceDoesNotStopUs) {
  ASSERT_EQ(::pipe2(heard, O_CLOEXEC | O_NONBLOCK), 0);
  struct sigaction action {
  }, before{};
  action.sa_handler = hear;
  ::sigaction(SIGTERM, &action, &before);
  const std::atomic<bool> stop{true};
  io::ProgramRun run;
  run.stop = &stop;
  for (int i = 0; i < 100; ++i) {
    const auto done = io::run_program({"sleep", "20"}, run);
    ASSERT_EQ(done.signal, SIGTERM) << "status " << done.status;
  }
  char byte = 0;
  EXPECT_LT(::read(heard[0], &byte, 1), 0) << "a signal of the program's came to our handler";
  ::raise(SIGTERM);
  EXPECT_EQ(::read(heard[0], &byte, 1), 1) << "our own does";
  ::sigaction(SIGTERM, &before, nullptr);
  ::close(heard[0]), ::close(heard[1]);
}
