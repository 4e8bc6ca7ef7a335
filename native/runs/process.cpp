#include "native/runs/process.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/field.h"

namespace fair::runs {
namespace {

std::string content(const std::string& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::string host() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string boot() {
  const std::string id = content("/proc/sys/kernel/random/boot_id");
  return id.substr(0, id.find('\n'));
}

std::string machine() {
  std::error_code error;
  return boot() + " " + std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

/// In ticks since the machine began (field 22 of /proc/PID/stat, proc(5)). "" where there is no such process.
std::string began(long process) {
  const std::string text = content("/proc/" + std::to_string(process) + "/stat");
  std::size_t at = text.rfind(')');  // the name before it may hold anything
  for (int field = 2; at != std::string::npos && field < 22; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? "" : text.substr(at + 1, text.find(' ', at + 1) - at - 1);
}

long number(const Json& process) {
  const auto found = process.find("process");
  return found != process.end() && found->is_number_integer() ? found->get<long>() : 0;
}

}  // namespace

Json this_process() {
  const long process = ::getpid();
  return {{"host", host()}, {"machine", machine()}, {"process", process}, {"began", began(process)}};
}

bool on_this_machine(const Json& process) { return process.is_object() && text_of(process, "machine") == machine(); }

bool has_ended(const Json& process) {
  if (!on_this_machine(process)) return false;
  const std::string then = text_of(process, "began");
  return then.empty() || began(number(process)) != then;
}

bool seems_to_have_ended(const Json& process) {
  if (has_ended(process)) return true;
  const std::string where = process.is_object() ? text_of(process, "machine") : "";
  return !where.empty() && text_of(process, "host") == host() && where.substr(0, where.find(' ')) != boot();
}

std::string shown(const Json& process) {
  if (!process.is_object()) return "an unknown program";
  return text_of(process, "host") + ", process " + std::to_string(number(process));
}

}  // namespace fair::runs
