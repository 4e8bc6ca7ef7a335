#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include "native/train/entry.h"

namespace fair::train {
namespace {

std::filesystem::path program_folder() {
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  return ec ? std::filesystem::path(".") : program.parent_path();
}

std::vector<std::filesystem::path> places() {
  if (const char* chosen = std::getenv("FAIR_TRAIN_LIBRARY"); chosen && *chosen) return {chosen};
  const auto folder = program_folder();
  constexpr const char* file = "libfair_train.so";
  std::vector<std::filesystem::path> out{folder / file, folder / ".." / FAIR_PRIVATE_LIBDIR / file};
  // In a build tree programs lie up to three folders below native/train's own.
  auto up = folder;
  for (int i = 0; i < 4; ++i, up = up.parent_path()) out.push_back(up / "native" / "train" / file);
  return out;
}

}  // namespace

std::filesystem::path library() {
  std::error_code ec;
  for (const auto& path : places()) {
    if (std::filesystem::exists(path, ec)) return path;
  }
  return {};
}

Result<std::unique_ptr<Trainer>> open_trainer() {
  std::string tried;
  for (const auto& path : places()) {
    std::error_code ec;
    if (!std::filesystem::exists(path, ec)) {
      tried += (tried.empty() ? "" : ", ") + path.lexically_normal().string();
      continue;
    }
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char* why = ::dlerror();
      return fail(Code::unsupported, path.string(), "the training library and the LibTorch it was built with",
                  why ? why : "a library that cannot be opened", "install libtorch (Debian: libtorch1.13 libgloo0)");
    }
    const auto open = reinterpret_cast<OpenTrainer>(::dlsym(library, trainer_symbol));
    if (!open)
      return fail(Code::unsupported, path.string(), "the training library", "a library without its entry point", "install both from the same build");
    std::unique_ptr<Trainer> trainer(open(trainer_interface));
    if (!trainer)
      return fail(Code::unsupported, path.string(), "training interface " + std::to_string(trainer_interface), "another one",
                  "install both from the same build");
    return trainer;
  }
  return fail(Code::unsupported, "training", "libfair_train.so", "none at " + tried,
              "build with LibTorch (-DFAIR_WITH_TORCH=ON), or set FAIR_TRAIN_LIBRARY");
}

}  // namespace fair::train
