#include "native/io/box_labels.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "native/io/atomic_file.h"
#include "native/io/coco.h"
#include "native/io/labels.h"

namespace fair::io {
namespace {

constexpr double kLeastSide = 2;

/// Boxes of one chip, cut at its edges.
class Cutter {
 public:
  Cutter(const Chip& chip, const raster::Image& image) : chip_(chip), image_(image) {}

  void add(double x0, double y0, double x1, double y1, int class_value) {
    x0 = std::clamp<double>(x0, 0, chip_.width), x1 = std::clamp<double>(x1, 0, chip_.width);
    y0 = std::clamp<double>(y0, 0, chip_.height), y1 = std::clamp<double>(y1, 0, chip_.height);
    if (x1 - x0 < kLeastSide || y1 - y0 < kLeastSide || !shown((x0 + x1) / 2, (y0 + y1) / 2)) {
      ++slivers;
      return;
    }
    const auto hundredths = [](double v) { return std::round(v * 100) / 100; };
    boxes.push_back(Json::array({hundredths(x0), hundredths(y0), hundredths(x1), hundredths(y1), class_value}));
  }

  Json boxes = Json::array();
  std::int64_t slivers = 0;

 private:
  /// Nothing is to be seen of what lies where there is no imagery.
  [[nodiscard]] bool shown(double x, double y) const {
    if (image_.valid.empty()) return true;
    const auto column = std::min(static_cast<std::int32_t>(x), chip_.width - 1), row = std::min(static_cast<std::int32_t>(y), chip_.height - 1);
    return image_.valid[static_cast<std::size_t>(row) * static_cast<std::size_t>(chip_.width) + static_cast<std::size_t>(column)] != 0;
  }

  const Chip& chip_;
  const raster::Image& image_;
};

ChipLabel taken(Cutter& cutter, LabelCounts& counts) {
  counts.boxes += static_cast<std::int64_t>(cutter.boxes.size());
  counts.slivers += cutter.slivers;
  ChipLabel out;
  out.labels["boxes"] = std::move(cutter.boxes);
  return out;
}

class CocoBoxes final : public ChipLabels {
 public:
  CocoBoxes(LabelSource source, Coco coco) : source_(std::move(source)), coco_(std::move(coco)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    const auto found = coco_.images.find(chip.name);
    if (found == coco_.images.end()) {
      return fail(Code::not_found, source_.path.string(), "an image " + chip.name + " for every chip", "none for that chip",
                  "list it among the images: one without annotations says that it shows none");
    }
    const CocoImage& labelled = found->second;
    if ((labelled.width != 0 && labelled.width != chip.width) || (labelled.height != 0 && labelled.height != chip.height)) {
      return fail(Code::invalid, source_.path.string() + " image " + chip.name,
                  "the chip's size, " + std::to_string(chip.width) + " x " + std::to_string(chip.height),
                  std::to_string(labelled.width) + " x " + std::to_string(labelled.height), "label the chips as they are");
    }
    asked_.insert(chip.name);
    Cutter cutter(chip, image);
    for (const CocoBox& box : labelled.boxes) cutter.add(box.x0, box.y0, box.x1, box.y1, box.category);
    return taken(cutter, counts_);
  }
  Result<> settle(std::vector<ChipLabel>&) const override {
    if (counts_.boxes > 0) return {};
    return fail(Code::invalid, source_.path.string(), "boxes on the chips", "none of " + std::to_string(counts_.slivers) + " large enough",
                "check that the annotations are of these chips, in their pixels");
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override {
    std::vector<LabelClass> out;
    for (const std::string& name : coco_.categories) out.push_back({name, static_cast<int>(out.size())});
    return out;
  }
  [[nodiscard]] LabelWords words() const override { return {"vector", "boxes", "application/json", coco_.categories}; }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out = counts_;
    for (const auto& [name, image] : coco_.images) {
      if (asked_.count(name) == 0) out.outside += static_cast<std::int64_t>(image.boxes.size());
    }
    return out;
  }

 private:
  LabelSource source_;
  Coco coco_;
  std::set<std::string> asked_;
  LabelCounts counts_;
};

class FootprintBoxes final : public ChipLabels {
 public:
  FootprintBoxes(LabelSource source, Footprints footprints) : source_(std::move(source)), reach_(std::move(footprints)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    Cutter cutter(chip, image);
    for (const auto& [polygon, value] : reach_.on(chip)) {
      if (polygon.empty()) continue;
      const vector::Box box = vector::box_of(polygon.front());
      // Boxes in degrees may meet where those in pixels do not.
      if (box.x1 <= 0 || box.y1 <= 0 || box.x0 >= chip.width || box.y0 >= chip.height) continue;
      cutter.add(box.x0, box.y0, box.x1, box.y1, 0);
    }
    return taken(cutter, counts_);
  }
  Result<> settle(std::vector<ChipLabel>&) const override {
    if (counts_.boxes == 0) return fail(reach_.none_met(source_.path));
    return {};
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return {{source_.class_name, 0}}; }
  [[nodiscard]] LabelWords words() const override { return {"vector", "boxes", "application/geo+json", {source_.class_name}}; }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out = counts_;
    out.footprints = reach_.count(), out.outside = reach_.outside();
    return out;
  }

 private:
  LabelSource source_;
  FootprintReach reach_;
  LabelCounts counts_;
};

}  // namespace

Result<std::unique_ptr<ChipLabels>> open_box_labels(const LabelSource& source) {
  std::error_code error;
  if (std::filesystem::is_regular_file(source.path, error) && source.path.extension() == ".json") {
    FAIR_TRY_ASSIGN(const std::string text, read_whole(source.path));
    // GeoJSON goes by this ending too.
    if (is_coco(text)) {
      FAIR_TRY_ASSIGN(Coco coco, parse_coco(text, source.path.string()));
      return std::unique_ptr<ChipLabels>(std::make_unique<CocoBoxes>(source, std::move(coco)));
    }
  }
  FAIR_TRY_ASSIGN(Footprints footprints, read_footprints(source.path));
  return std::unique_ptr<ChipLabels>(std::make_unique<FootprintBoxes>(source, std::move(footprints)));
}

}  // namespace fair::io
