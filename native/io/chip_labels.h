// What labels say of chips, whatever the task: masks, boxes, or a class a chip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/raster/image.h"
#include "native/io/chips.h"

namespace fair::io {

/// What a dataset's labels teach, as fair dataset make spells it.
enum class LabelTask { segmentation, detection, classification };
[[nodiscard]] const char* name(LabelTask task);
/// From that spelling, or from the word of mlm:tasks.
[[nodiscard]] std::optional<LabelTask> label_task_from(const std::string& word);
/// As mlm:tasks and packs spell it: semantic-segmentation, object-detection, classification.
[[nodiscard]] const char* model_task(LabelTask task);

struct LabelClass {
  std::string name;
  int value = 0;
};

struct LabelSource {
  LabelTask task = LabelTask::segmentation;
  std::filesystem::path path;
  std::string class_name = "building";  ///< what footprints and masks show; of the classes a table names, the positive one
  std::vector<LabelClass> classes;      ///< segmentation into several, the first what none of the others covers; empty: background and class_name
  std::string class_attribute;          ///< of footprints with several classes: the attribute that names a footprint's
  double min_cover = 0.02;              ///< classification from footprints: the share of a chip from which on it shows the class
};

/// One chip's label. Its members are those of the task.
struct ChipLabel {
  std::vector<std::uint8_t> mask;     ///< segmentation: height x width class values, 255 = ignore
  std::vector<std::uint16_t> things;  ///< from footprints: height x width, which of them a pixel is of, counted from 1 on each chip; 0 = none
  Json labels = Json::object();  ///< detection: "boxes" [[x0, y0, x1, y1, class value] …] in chip pixels; classification: "class", a class value
};

/// How the dataset's STAC item describes its labels.
struct LabelWords {
  std::string type;                  ///< label:type, vector or raster
  std::string noun;                  ///< "footprints", "masks", "boxes", "classes"
  std::string media_type;            ///< of the file
  std::vector<std::string> values;   ///< classes of label:classes
  Json properties = Json::object();  ///< of the item, besides: what making the labels anew has to know
};

/// The properties of an item that keep LabelSource::min_cover, classes ([{name, value} …]) and class_attribute.
inline constexpr const char* min_cover_property = "fair:min_cover";
inline constexpr const char* classes_property = "fair:label_classes";
inline constexpr const char* class_attribute_property = "fair:class_attribute";

struct LabelCounts {
  std::int64_t footprints = 0, outside = 0;  ///< things the file describes, and how many of them no chip shows
  std::int64_t masks = 0;                    ///< where labels are pictures
  std::int64_t touching = 0;                 ///< footprints burnt side by side with another, on each chip they reach
  std::int64_t boxes = 0, slivers = 0;       ///< boxes on chips, and those left out: less than 2 pixels of them lie on their chip
};

/// Labels of one task from one source, asked chip by chip.
class ChipLabels {
 public:
  virtual ~ChipLabels() = default;
  /// What they say of a chip, whose pixels tell where imagery is. Errors name the file and the entry.
  [[nodiscard]] virtual Result<ChipLabel> of(const Chip& chip, const raster::Image& image) = 0;
  /// Once every chip was asked: refuses labels that can teach nothing.
  virtual Result<> settle(std::vector<ChipLabel>& all) const = 0;
  [[nodiscard]] virtual std::vector<LabelClass> classes() const = 0;
  [[nodiscard]] virtual LabelWords words() const = 0;
  [[nodiscard]] virtual LabelCounts counts() const = 0;
};

/// Segmentation: footprints or a folder of masks. Detection: COCO or footprints (their boxes). Classification: a CSV table or footprints (how much of
/// a chip they cover).
[[nodiscard]] Result<std::unique_ptr<ChipLabels>> open_labels(const LabelSource& source);

/// As packs and items write them, [{name, value} …], and back; entries of another shape are passed over.
[[nodiscard]] Json to_json(const std::vector<LabelClass>& classes);
[[nodiscard]] std::vector<LabelClass> label_classes_from(const Json& json);

}  // namespace fair::io
