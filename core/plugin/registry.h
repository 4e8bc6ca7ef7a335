// The plugins a program knows, and which of them runs an item.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/plugin/host.h"
#include "core/plugin/manifest.h"
#include "core/stac/model_spec.h"

namespace fair::plugin {

/// Opens a plugin when it is first wanted.
using Opener = std::function<Result<LoadedPlugin>()>;

/// Who can run an item is answered from manifests; a plugin is opened when it is the answer. Of one thread.
class Registry {
 public:
  /// Adds a plugin; one of the same name that is there already stays and the newcomer is Code::conflict. `thing` names it in errors. One without code
  /// needs no opener: the plugin of ours whose code it chooses is opened for it.
  Result<> add(Manifest manifest, Opener open, std::string thing);

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const Manifest* manifest(const std::string& name) const;
  /// Opened, and found to agree with its manifest. Errors: no such plugin, or what is wrong with it.
  [[nodiscard]] Result<const LoadedPlugin*> plugin(const std::string& name) const;

  /// The plugin for a model: by its processing expressions; where it has none, the one that runs its task. Errors name what is there.
  [[nodiscard]] Result<const LoadedPlugin*> for_model(const stac::ModelSpec& model) const;
  /// An instance of that plugin, configured for the model.
  [[nodiscard]] Result<std::shared_ptr<ModelPlugin>> create(const stac::ModelSpec& model) const;

 private:
  struct Entry {
    Manifest manifest;
    Opener open;
    std::string thing;
    mutable std::optional<LoadedPlugin> plugin;
  };
  [[nodiscard]] Result<const LoadedPlugin*> opened(const Entry& entry) const;
  std::map<std::string, Entry> entries_;
};

}  // namespace fair::plugin
