#include "native/plugins/open.h"

#include <dlfcn.h>

#include "native/plugins/verify.h"

namespace fair::plugins {

Result<plugin::LoadedPlugin> open(const Found& found) {
  FAIR_TRY(verify(found));
  if (!found.manifest.code) {
    return fail(Code::usage, found.manifest_path.string(), "a plugin with code", "one without",
                "a registry runs it with the code it chooses of core");
  }
  const std::string path = found.binary.string();
  // An absolute path: a bare name would be searched for in the system's folders.
  void* library = ::dlopen(std::filesystem::absolute(found.binary).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return fail(Code::unsupported, path, "a shared object that can be loaded", why != nullptr ? why : "one that cannot",
                "build it on this system, against this version's SDK");
  }
  const std::string symbol = "fair_plugin_" + found.manifest.name;
  const auto entry = reinterpret_cast<fair_plugin_entry>(::dlsym(library, symbol.c_str()));
  if (entry == nullptr) {
    return fail(Code::invalid, path, "the symbol " + symbol, "a shared object without it",
                "write FAIR_EXPORT_PLUGIN(" + found.manifest.name + ", …) once");
  }
  return plugin::LoadedPlugin::take(entry, path);
}

}  // namespace fair::plugins
