// What a plugin without code may choose of core by name: its manifest says {"code": "none", "core": {"preprocess": "pixels", "postprocess": …}}.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::plugin {

/// One way of reading a model's output, and what training has for models that give such.
struct CoreProcessing {
  const char* postprocess;  ///< scores, boxes or label, as the contract names results
  const char* task;         ///< as mlm:tasks spells it
  const char* plugin;       ///< of ours, whose code does it
  std::vector<std::string> losses, metrics;
};

/// The only preprocessing there is: every band scaled as the item's value_scaling says.
inline constexpr const char* core_preprocess = "pixels";

[[nodiscard]] const std::vector<CoreProcessing>& core_processing();

/// What a manifest without code chooses. Errors name the member: a word that core does not know, another task's losses or metrics.
[[nodiscard]] Result<const CoreProcessing*> chosen_processing(const Json& manifest, const std::string& thing);

}  // namespace fair::plugin
