#include "core/plugin/core_processing.h"

#include <algorithm>

#include "core/base/field.h"
#include "core/base/spelling.h"

namespace fair::plugin {
namespace {

/// Every word of an array must be known; an absent member chooses nothing.
Result<> known(const Json& words, const std::vector<std::string>& all, const std::string& thing) {
  if (words.is_null()) return {};
  if (!words.is_array()) return fail(Code::invalid, thing, "an array of words", words.dump(), "choose from " + listed(all));
  for (const Json& word : words) {
    const bool good = word.is_string() && std::find(all.begin(), all.end(), word.get<std::string>()) != all.end();
    if (!good) return fail(Code::invalid, thing, "one of " + listed(all), word.dump(), "core has no other for this task; a plugin with code may");
  }
  return {};
}

}  // namespace

const std::vector<CoreProcessing>& core_processing() {
  static const std::vector<CoreProcessing> all{
      {"scores",
       "semantic-segmentation",
       "unet_segmentation",
       {"CrossEntropyLoss", "BCEWithLogitsLoss", "DiceLoss"},
       {"fair:accuracy", "fair:mean_iou", "fair:per_class_iou"}},
      {"boxes", "object-detection", "yolo11n_detection", {"TaskAlignedDetection"}, {"fair:map50", "fair:map50_95", "fair:precision", "fair:recall"}},
      {"label",
       "classification",
       "resnet18_classification",
       {"CrossEntropyLoss", "BCEWithLogitsLoss"},
       {"fair:accuracy", "fair:precision", "fair:recall", "fair:f1"}}};
  return all;
}

Result<const CoreProcessing*> chosen_processing(const Json& manifest, const std::string& thing) {
  const Json& core = member(manifest, "core");
  if (member(core, "preprocess") != core_preprocess) {
    return fail(Code::invalid, thing + "#/core/preprocess", std::string("\"") + core_preprocess + "\", each band scaled as the item says",
                member(core, "preprocess").is_null() ? "nothing" : member(core, "preprocess").dump(),
                "a plugin without code has no other; write one with code for anything else");
  }
  const CoreProcessing* chosen = nullptr;
  std::vector<std::string> names;
  for (const CoreProcessing& one : core_processing()) {
    names.emplace_back(one.postprocess);
    if (member(core, "postprocess") == one.postprocess) chosen = &one;
  }
  if (chosen == nullptr) {
    return fail(Code::invalid, thing + "#/core/postprocess", "one of " + listed(names),
                member(core, "postprocess").is_null() ? "nothing" : member(core, "postprocess").dump(), "say what the model gives");
  }
  const Json& tasks = member(manifest, "tasks");
  if (!tasks.is_array() || tasks.size() != 1 || tasks[0] != chosen->task) {
    return fail(Code::invalid, thing + "#/tasks", std::string("[\"") + chosen->task + "\"], what " + chosen->postprocess + " are of", tasks.dump(),
                "correct the task, or core.postprocess");
  }
  const Json& training = member(manifest, "training");
  FAIR_TRY(known(member(training, "losses"), chosen->losses, thing + "#/training/losses"));
  FAIR_TRY(known(member(training, "metrics"), chosen->metrics, thing + "#/training/metrics"));
  return chosen;
}

}  // namespace fair::plugin
