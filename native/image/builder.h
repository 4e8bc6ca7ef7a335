// Images built and pushed, by whichever program for it is on this machine.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"

namespace fair::image {

/// Where images are pushed to.
struct Registry {
  std::string host;            ///< "ghcr.io", "127.0.0.1:5000"
  std::string prefix;          ///< before names, such as "hotosm/fair-models", or ""
  bool insecure = false;       ///< plain http, or a certificate nobody knows
  std::string user, password;  ///< "": as the builder's own log-in has it; in no error, no log and no command line

  /// "host/prefix/name:tag".
  [[nodiscard]] std::string reference(const std::string& name) const;
};

/// buildah, docker or podman. How a builder stores and isolates is its own configuration (STORAGE_DRIVER, BUILDAH_ISOLATION …).
class Builder {
 public:
  /// $FAIR_IMAGE_BUILDER, else the first of buildah, docker and podman in PATH. Code::unsupported where there is none.
  [[nodiscard]] static Result<Builder> find();

  /// Builds `target` of `context`/Containerfile and names it `tag`.
  Result<> build(const std::filesystem::path& context, const std::string& target, const std::string& tag) const;
  /// Pushes the image `tag` as `reference`. Gives "name@sha256:…", by which nobody can mean another.
  [[nodiscard]] Result<std::string> push(const std::string& tag, const std::string& reference, const Registry& registry) const;
  [[nodiscard]] const std::string& name() const { return program_; }

 private:
  explicit Builder(std::string program) : program_(std::move(program)) {}
  std::string program_;
};

}  // namespace fair::image
