#include "native/io/chip_labels.h"

#include <array>

#include "native/io/box_labels.h"
#include "native/io/class_labels.h"
#include "native/io/mask_labels.h"

namespace fair::io {
namespace {

struct Spelling {
  LabelTask task;
  const char* label;  ///< of label:tasks
  const char* model;  ///< of mlm:tasks
};
constexpr std::array<Spelling, 3> spellings{{{LabelTask::segmentation, "segmentation", "semantic-segmentation"},
                                             {LabelTask::detection, "detection", "object-detection"},
                                             {LabelTask::classification, "classification", "classification"}}};

const Spelling& spelling(LabelTask task) { return spellings[static_cast<std::size_t>(task)]; }

}  // namespace

const char* name(LabelTask task) { return spelling(task).label; }
const char* model_task(LabelTask task) { return spelling(task).model; }

std::optional<LabelTask> label_task_from(const std::string& word) {
  for (const Spelling& s : spellings) {
    if (word == s.label || word == s.model) return s.task;
  }
  return std::nullopt;
}

Result<std::unique_ptr<ChipLabels>> open_labels(const LabelSource& source) {
  if (!source.classes.empty() && source.task != LabelTask::segmentation) {
    return fail(Code::usage, "--classes", "segmentation", name(source.task), "leave it out: COCO files and CSV tables name their classes themselves");
  }
  switch (source.task) {
    case LabelTask::segmentation: return open_mask_labels(source);
    case LabelTask::detection: return open_box_labels(source);
    case LabelTask::classification: return open_class_labels(source);
  }
  return open_mask_labels(source);
}

Json to_json(const std::vector<LabelClass>& classes) {
  Json out = Json::array();
  for (const LabelClass& c : classes) out.push_back({{"name", c.name}, {"value", c.value}});
  return out;
}

std::vector<LabelClass> label_classes_from(const Json& json) {
  std::vector<LabelClass> out;
  if (!json.is_array()) return out;
  for (const Json& entry : json) {
    const bool good = entry.is_object() && entry.contains("name") && entry["name"].is_string() && entry.contains("value") &&
                      entry["value"].is_number_integer() && entry["value"].get<std::int64_t>() >= 0 && entry["value"].get<std::int64_t>() < 255;
    if (good) out.push_back({entry["name"].get<std::string>(), entry["value"].get<int>()});
  }
  return out;
}

}  // namespace fair::io
