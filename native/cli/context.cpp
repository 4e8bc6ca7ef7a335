#include "native/cli/context.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <utility>

namespace fair::cli {

Exit status_of(Code code) {
  switch (code) {
    case Code::usage: return usage;
    case Code::incompatible: return findings;
    default: return failed;
  }
}

void Context::on(CLI::App* verb, Action action) {
  verb->callback([this, action = std::move(action)] { action_ = action; });
}

int Context::run() {
  try {
    auto status = action_(*this);
    if (!status) return report(status.error());
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return report(Error{Code::io, "standard output", "to be writable", "the answer could not be written", "check the disk or the pipe behind it"});
    }
    return *status;
  } catch (const std::bad_alloc&) {
    return report(Error{Code::io, "memory", "enough for this job", "none was left", "use a smaller area or batch size"});
  } catch (const std::exception& e) {
    return report(Error{Code::internal, "fair", "no exception to get this far", e.what(), "please report this as a fault"});
  }
}

Exit Context::report(const Error& error) {
  std::fprintf(stderr, "fair: %s\n", error.message().c_str());
  if (json && !answered_) {
    answer(
        {{"error", {{"code", name(error.code)}, {"thing", error.thing}, {"expected", error.expected}, {"found", error.found}, {"hint", error.hint}}}},
        {});
    std::fflush(stdout);
  }
  return status_of(error.code);
}

void Context::answer(const Json& document, const std::string& text) {
  answered_ = true;
  if (hear) return hear(document, text);
  const std::string out = json ? to_text(document) : text;
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (!out.empty() && out.back() != '\n') std::fputc('\n', stdout);
}

void Context::say(const std::string& sentence) const { std::fprintf(stderr, "fair: %s\n", sentence.c_str()); }

}  // namespace fair::cli
