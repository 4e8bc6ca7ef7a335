// The host's side of the C contract: takes a plugin's entry, checks its table, makes instances.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/plugin/abi.h"
#include "core/plugin/model_plugin.h"

namespace fair::plugin {

/// Gets what plugins log; level 0 (debug) to 3 (error). Set once by the program; silent until then.
void set_logger(std::function<void(int level, const std::string& message)> logger);

/// A plugin whose table was taken and found good. Copies share it; it lives as long as the process.
class LoadedPlugin {
 public:
  /// Calls the entry and checks versions, sizes and describe(). Errors are sentences that name `thing`.
  [[nodiscard]] static Result<LoadedPlugin> take(fair_plugin_entry entry, const std::string& thing);

  [[nodiscard]] const Json& description() const { return *description_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The same code under another name and description; members that the description lacks are this one's.
  [[nodiscard]] LoadedPlugin described(const std::string& name, Json description) const;
  /// An instance for a model; `config` is plugin_config(model).
  [[nodiscard]] Result<std::shared_ptr<ModelPlugin>> create(const Json& config) const;

 private:
  std::shared_ptr<const fair_plugin_table> table_;
  std::shared_ptr<const Json> description_;
  std::string name_;
};

}  // namespace fair::plugin
