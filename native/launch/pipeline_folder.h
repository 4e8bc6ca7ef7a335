// A base model as the folder that fAIr's Python side takes: ZenML pipelines whose steps call this program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/stac/item.h"

namespace fair::launch {

struct PipelineFolder {
  stac::Item item;               ///< the base model's
  std::filesystem::path beside;  ///< where files lie that its hrefs name without an address; "" where all of them have addresses
  std::string built_in;          ///< what `fair register` takes for it, where this program brings it: plugin:ID
  std::string asset_base;        ///< address under which those files are published, no slash at its end; "": they keep their paths
  std::filesystem::path parent, template_folder;
};

struct MadePipeline {
  std::filesystem::path folder;
  std::vector<std::string> files;  ///< relative to the folder, sorted
};

/// Writes <parent>/<id with '_' for '-'>/ with pipeline.py, stac-item.json, README.md and tests/test_steps.py, and a model/ with the item's own
/// files. The folder appears whole or not at all. Errors: a folder that is there, an item without a task of its own, files that cannot be read.
[[nodiscard]] Result<MadePipeline> make_pipeline(const PipelineFolder& wanted);

}  // namespace fair::launch
