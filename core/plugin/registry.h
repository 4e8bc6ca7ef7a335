// The plugins a program knows, and which of them runs an item.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/plugin/host.h"
#include "core/plugin/manifest.h"
#include "core/stac/model_spec.h"

namespace fair::plugin {

class Registry {
 public:
  /// Adds a plugin; one of the same name that is there already stays and the newcomer is refused. The plugin must agree with its manifest.
  Result<> add(const Manifest& manifest, const LoadedPlugin& plugin, const std::string& thing);

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const Manifest* manifest(const std::string& name) const;
  [[nodiscard]] const LoadedPlugin* plugin(const std::string& name) const;

  /// The plugin for a model: by its processing expressions; where it has none, the one that runs its task. Errors name what is there.
  [[nodiscard]] Result<const LoadedPlugin*> for_model(const stac::ModelSpec& model) const;
  /// An instance of that plugin, configured for the model.
  [[nodiscard]] Result<std::shared_ptr<ModelPlugin>> create(const stac::ModelSpec& model) const;

 private:
  struct Entry {
    Manifest manifest;
    LoadedPlugin plugin;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace fair::plugin
