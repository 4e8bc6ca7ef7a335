#include "native/launch/label_check.h"

#include <set>
#include <string>

#include "core/base/field.h"
#include "core/stac/class_match.h"

namespace fair::launch {
namespace {

tl::unexpected<Error> other_task(const io::PackedChip& chip, const char* wanted, const char* task) {
  return fail(Code::incompatible, "chip " + chip.name, wanted, "none", std::string("make the dataset with --task ") + task);
}

tl::unexpected<Error> unknown_class(const std::string& where, const stac::ModelSpec& model, int value) {
  return fail(Code::incompatible, where, "class values of the model " + model.id, "value " + std::to_string(value),
              "correct the labels, or choose a model with that class");
}

Result<> mask_fits(const io::PackedChip& chip, const stac::ModelSpec& model, const std::set<int>& known) {
  if (chip.mask == nullptr) return other_task(chip, "a mask of class values", "segmentation");
  bool seen[256] = {};
  const std::size_t n = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
  for (std::size_t i = 0; i < n; ++i) seen[chip.mask[i]] = true;
  for (int value = 0; value < 256; ++value) {
    if (seen[value] && known.count(value) == 0) return unknown_class("mask of chip " + chip.name, model, value);
  }
  return {};
}

}  // namespace

Result<> labels_fit(const io::DatasetPack& pack, const stac::ModelSpec& model) {
  std::set<int> known;
  const bool masks = model.task == stac::Task::semantic_segmentation;
  if (masks) known.insert(255);
  for (const auto& [value, place] : stac::places_of(member(pack.header(), "classes"), model.output.classes)) known.insert(value);
  for (const io::PackedChip& chip : pack.chips()) {
    const Json boxes = chip.labels.is_object() ? chip.labels.value("boxes", Json()) : Json();
    const Json cls = chip.labels.is_object() ? chip.labels.value("class", Json()) : Json();
    if (masks) {
      FAIR_TRY(mask_fits(chip, model, known));
    } else if (model.task == stac::Task::object_detection) {
      if (!boxes.is_array()) return other_task(chip, "boxes", "detection");
      for (const Json& box : boxes) {
        const int value = box.is_array() && box.size() == 5 && box[4].is_number_integer() ? box[4].get<int>() : -1;
        if (known.count(value) == 0) return unknown_class("a box of chip " + chip.name, model, value);
      }
    } else if (model.task == stac::Task::classification) {
      if (!cls.is_number_integer()) return other_task(chip, "a class", "classification");
      if (known.count(cls.get<int>()) == 0) return unknown_class("chip " + chip.name, model, cls.get<int>());
    }
  }
  return {};
}

}  // namespace fair::launch
