// What goes into an image: this program with the libraries and data it runs on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace fair::image {

/// infer, serve: what predicts. train, train-cuda: what trains too, with the LibTorch that this program was built with.
enum class Kind { infer, serve, train, train_cuda };
[[nodiscard]] const char* word(Kind kind);
/// Code::usage names the kinds.
[[nodiscard]] Result<Kind> kind_of(const std::string& word);

struct Rootfs {
  std::size_t libraries = 0;
  std::uint64_t bytes = 0;
};

/// Gathers it below `context`: rootfs/ and owned/, as toolchains/images/Containerfile copies them. `training`: libfair_train.so, for the kinds that
/// train. Code::unsupported where a kind wants CUDA and the training library has none. Libraries of the machine's GPU driver are left out.
[[nodiscard]] Result<Rootfs> gather(Kind kind, const std::filesystem::path& program, const std::filesystem::path& training,
                                    const std::filesystem::path& context);

}  // namespace fair::image
