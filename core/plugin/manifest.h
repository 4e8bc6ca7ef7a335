// <name>.plugin.json, beside a plugin's binary: who can run an item is answered without loading anything.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::plugin {

struct Manifest {
  std::string name, version, licence, platform, sha256;
  int abi_major = 0, abi_minor = 0;
  std::vector<std::string> tasks;
  std::vector<std::string> pre_processing, post_processing;  ///< processing expressions it implements
  bool code = true;                                          ///< false: "code": "none", core does what it chooses by name (core_processing.h)
  Json description;                                          ///< of a plugin without code: the manifest itself, which stands for describe()

  [[nodiscard]] static Result<Manifest> from_json(const Json& json, const std::string& thing);
  /// Errors: built for another platform than `platform` (plugins without code fit all), or against a contract this host does not know. `thing` names
  /// the plugin.
  [[nodiscard]] Result<> fits(const std::string& platform, const std::string& thing) const;
  [[nodiscard]] bool implements(const std::string& pre, const std::string& post) const;
};

/// Errors: a contract version this host cannot serve; majors must be equal, the host's minor at least the plugin's.
[[nodiscard]] Result<> check_contract(int major, int minor, const std::string& thing);

/// What to do about what disagreements() tells.
inline constexpr const char* disagreement_hint = "build the plugin and its manifest anew together";
/// A sentence for every point where the plugin's own description says something else than its manifest; empty when they agree.
[[nodiscard]] std::vector<std::string> disagreements(const Manifest& manifest, const Json& description);

}  // namespace fair::plugin
