#include "native/plugins/static_form.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "native/io/atomic_file.h"
#include "native/io/program.h"

namespace fair::plugins {
namespace fs = std::filesystem;
namespace {

/// <build>/fair-plugins/<name>/<name>.plugin.json of a form for servers.
fs::path build_of(const Folder& folder) {
  for (const Found& form : folder.forms) {
    if (form.manifest.platform.rfind("wasm32", 0) != 0) return form.manifest_path.parent_path().parent_path().parent_path();
  }
  return {};
}

/// A file of a new name, removed when it is of no more use; what was loaded of it stays.
class Passing {
 public:
  // A name that was loaded before would be answered with what was loaded then.
  Passing() : path_((fs::temp_directory_path() / "fair-static-XXXXXX").string()) {
    const int file = ::mkstemp(path_.data());
    if (file >= 0) ::close(file);
  }
  ~Passing() {
    std::error_code error;
    fs::remove(path_, error);
  }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool is_archive(const fs::path& path) {
  std::array<char, 8> magic{};
  std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
  const std::string_view begin(magic.data(), magic.size());
  return begin == "!<arch>\n" || begin == "!<thin>\n";
}

/// Of what a linker says the line that counts; warnings come first.
std::string reason_in(const std::string& text) {
  std::istringstream lines(text);
  std::string first;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("recompile with -fPIC") != std::string::npos || line.find("error: ") != std::string::npos) return line;
    if (first.empty()) first = line;
  }
  return first;
}

}  // namespace

fs::path static_form(const Folder& folder) {
  const fs::path build = build_of(folder);
  std::error_code error;
  if (build.empty()) return {};
  const fs::path archive = build / ("libfair_plugin_" + folder.manifest.name + ".a");
  return fs::is_regular_file(archive, error) ? archive : fs::path();
}

Result<std::string> compiler_of(const fs::path& build) {
  const auto cache = io::read_whole(build / "CMakeCache.txt", 16U << 20U);
  std::istringstream lines(cache ? *cache : std::string());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("CMAKE_CXX_COMPILER:", 0) == 0) return line.substr(line.find('=') + 1);
  }
  return fail(Code::unsupported, (build / "CMakeCache.txt").string(), "the compiler of this build", cache ? "none" : "no such file",
              "build it here: cmake -B build && cmake --build build");
}

Result<plugin::LoadedPlugin> open_static(const fs::path& archive, const std::string& name, const std::string& compiler) {
  if (!is_archive(archive)) return fail(Code::invalid, archive.string(), "an archive", "a file of another kind", "build the plugin again");
  const Passing linked;
  const io::ProgramOutcome outcome =
      io::run_program({compiler, "-shared", "-o", linked.path(), "-Wl,--whole-archive", archive.string(), "-Wl,--no-whole-archive"});
  if (outcome.status == 127)
    return fail(Code::unsupported, archive.string(), "the compiler " + compiler, "none", "install it, or build the plugin anew");
  if (outcome.status != 0) {
    return fail(Code::invalid, archive.string(), "an archive that links", outcome.ended ? "a linker that never ends" : reason_in(outcome.err),
                "build it with add_model_plugin, which makes its code position-independent");
  }
  void* library = ::dlopen(linked.path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return fail(Code::unsupported, archive.string(), "an archive that needs no library beside it", why != nullptr ? why : "one that does",
                "its own tests link it with what it USES");
  }
  const std::string symbol = "fair_plugin_" + name;
  const auto entry = reinterpret_cast<fair_plugin_entry>(::dlsym(library, symbol.c_str()));
  if (entry == nullptr) {
    return fail(Code::invalid, archive.string(), "the symbol " + symbol, "an archive without it", "write FAIR_EXPORT_PLUGIN(" + name + ", …) once");
  }
  return plugin::LoadedPlugin::take(entry, archive.string());
}

}  // namespace fair::plugins
