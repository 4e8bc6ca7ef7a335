// A plugin to begin with: a folder that builds, whose tests pass and which predicts, made of the template and an ONNX graph.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/stac/model_spec.h"

namespace fair::launch {

struct NewPlugin {
  std::string name;  ///< small letters, digits and _; the folder's and the symbol's
  std::filesystem::path parent, template_folder;
  stac::Task task = stac::Task::semantic_segmentation;
  std::filesystem::path onnx;                              ///< the model; empty: a small graph of random weights
  std::vector<std::string> classes;                        ///< in the order of the graph's channels; empty: as many as it has
  std::string feature = "building", geometry = "polygon";  ///< keywords of the item
  std::string license = "Apache-2.0";                      ///< of plugin and model
  std::string scale = "1/255";                             ///< see scaling_from
  std::optional<double> gsd;                               ///< metres a pixel
  bool code = true;                                        ///< false: no C++, a manifest that chooses of core by name
};

struct MadePlugin {
  std::filesystem::path folder, item;
  std::vector<std::string> files;  ///< relative to the folder, sorted
  std::vector<std::int64_t> input, output;
  std::vector<std::string> classes;
};

/// Whether a plugin may be called that: a small letter first, then small letters, digits and single _, three characters or more.
[[nodiscard]] bool plugin_name(const std::string& name);

/// The folder appears whole or not at all. Errors: a bad name, a folder that is there, a graph that is none of the task or cannot be run.
[[nodiscard]] Result<MadePlugin> make_plugin(const NewPlugin& wanted);

}  // namespace fair::launch
