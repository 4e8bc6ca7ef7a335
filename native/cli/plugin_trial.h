// A few steps of training and a prediction with somebody's plugin, on a made-up town.
#pragma once

#include <filesystem>
#include <string>

#include "native/cli/context.h"

namespace fair::cli {

struct PluginTrial {
  int features = 0;
  double seconds = 0, loss = 0;
};

/// Registers `item`, trains it for some steps and predicts, in a folder that is gone afterwards. `plugins` is put before the plugin path of this
/// process: a folder with the plugin. `say` gets what goes on. Errors are those of the verb that failed.
[[nodiscard]] Result<PluginTrial> try_plugin(const std::filesystem::path& item, const std::filesystem::path& plugins,
                                             const std::function<void(const std::string&)>& say);

}  // namespace fair::cli
