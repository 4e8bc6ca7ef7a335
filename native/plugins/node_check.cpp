#include "native/plugins/node_check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "native/io/digest.h"
#include "native/plugins/share.h"
#include "native/plugins/verify.h"

namespace fair::plugins {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds patience{60};

/// A program's answer: its exit status, or that it had to be ended.
struct Outcome {
  int status = -1;
  bool ended = false;
  std::string out;
};

Outcome run(const std::vector<std::string>& words) {
  Outcome outcome;
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return outcome;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDIN_FILENO), ::dup2(pipe[1], STDOUT_FILENO), ::dup2(nowhere, STDERR_FILENO);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  const auto end = std::chrono::steady_clock::now() + patience;
  char buffer[4096];
  while (child > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd waiting{pipe[0], POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
      ::kill(child, SIGKILL);
      outcome.ended = true;
      break;
    }
    const auto got = ::read(pipe[0], buffer, sizeof buffer);
    if (got <= 0) break;
    outcome.out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(pipe[0]);
  int status = 0;
  if (child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

std::string node() {
  if (const char* given = std::getenv("FAIR_NODE"); given != nullptr && *given != '\0') return given;
  for (const char* name : {"node", "nodejs"}) {
    if (run({name, "--version"}).status == 0) return name;
  }
  return {};
}

}  // namespace

Result<NodeCheck> check_in_node(const Found& found) {
  const std::string thing = found.manifest_path.string();
  FAIR_TRY_ASSIGN(const fs::path tools, share_folder("wasm"));
  const std::string program = node();
  if (program.empty()) return fail(Code::unsupported, thing, "node, to run it in", "none", "install nodejs, or name it in FAIR_NODE");
  std::error_code error;
  if (!fs::is_regular_file(found.binary, error)) {
    return fail(Code::not_found, thing, "its side module " + found.binary.filename().string() + " beside it", "none", "install both files together");
  }
  FAIR_TRY_ASSIGN(const std::string sum, io::sha256_of(found.binary));
  if (sum != found.manifest.sha256) {
    return fail(Code::invalid, found.binary.string(), "sha256 " + found.manifest.sha256, sum,
                "the file is damaged, or was changed after its manifest was written: build both again");
  }
  std::vector<std::string> line{program};
  // Where node itself has fetch, the compiler's JavaScript believes to be in a browser.
  if (run({program, "--no-experimental-fetch", "--version"}).status == 0) line.emplace_back("--no-experimental-fetch");
  for (const fs::path& path : {tools / "fair_check.js", fs::absolute(found.binary), fs::absolute(found.manifest_path)}) line.push_back(path.string());
  const Outcome outcome = run(line);
  NodeCheck out;
  const auto answer = json_from(outcome.out);
  if (answer && answer->is_object() && answer->contains("faults")) {
    for (const Json& fault : (*answer)["faults"]) out.faults.push_back(fault.get<std::string>());
    out.checks = answer->value("checks", 0);
    out.digest = answer->value("digest", "");
  } else if (outcome.ended) {
    out.faults.emplace_back("it does not return: a call was ended after " + std::to_string(patience.count()) + " s");
  } else {
    out.faults.push_back("it ends the program that calls it (exit status " + std::to_string(outcome.status) +
                         "): it traps, calls abort, or asks for what no host gives");
  }
  return out;
}

}  // namespace fair::plugins
