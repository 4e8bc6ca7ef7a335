#include "native/io/mask_labels.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/spelling.h"
#include "native/io/labels.h"
#include "native/io/masks.h"

namespace fair::io {
namespace {

/// Where there is no imagery there is nothing to learn.
void ignore_gaps(const raster::Image& image, std::vector<std::uint8_t>& mask) {
  for (std::size_t i = 0; i < image.valid.size(); ++i) {
    if (image.valid[i] == 0) mask[i] = 255;
  }
}

/// Things of which a pixel lies beside one of another of their class.
std::int64_t count_touching(const std::vector<std::uint16_t>& things, const std::vector<std::uint8_t>& mask, std::int32_t width) {
  std::set<std::uint16_t> found;
  const auto meet = [&](std::size_t i, std::size_t j) {
    const std::uint16_t a = things[i], b = things[j];
    if (a != 0 && b != 0 && a != b && mask[i] == mask[j]) found.insert(a), found.insert(b);
  };
  const auto w = static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < things.size(); ++i) {
    if ((i + 1) % w != 0) meet(i, i + 1);
    if (i + w < things.size()) meet(i, i + w);
  }
  return static_cast<std::int64_t>(found.size());
}

std::vector<LabelClass> classes_of(const LabelSource& source) {
  return source.classes.empty() ? std::vector<LabelClass>{{"background", 0}, {source.class_name, 1}} : source.classes;
}

std::vector<std::string> names_of(const std::vector<LabelClass>& classes) {
  std::vector<std::string> out;
  out.reserve(classes.size());
  for (const LabelClass& c : classes) out.push_back(c.name);
  return out;
}

/// Of several classes the item says which, and what making the labels anew has to know.
Json several(const LabelSource& source) {
  if (source.classes.empty()) return Json::object();
  const std::string& attribute = source.class_attribute;
  Json out{{"label:classes", Json::array({{{"name", attribute.empty() ? Json(nullptr) : Json(attribute)}, {"classes", names_of(source.classes)}}})},
           {classes_property, to_json(source.classes)}};
  if (!attribute.empty()) out["label:properties"] = Json::array({attribute}), out[class_attribute_property] = attribute;
  return out;
}

/// Each footprint's class value, by what the attribute says of it.
Result<std::vector<std::uint8_t>> values_of(const Footprints& footprints, const LabelSource& source) {
  std::vector<std::uint8_t> out;
  std::map<std::string, int> unknown;
  for (const std::string& word : footprints.words) {
    const auto found = std::find_if(source.classes.begin(), source.classes.end(), [&](const LabelClass& c) { return c.name == word; });
    if (found == source.classes.end()) ++unknown[word];
    else out.push_back(static_cast<std::uint8_t>(found->value));
  }
  if (unknown.empty()) return out;
  std::string said;
  for (const auto& [word, count] : unknown)
    said += (said.empty() ? "" : ", ") + (word.empty() ? "nothing" : word) + " (" + std::to_string(count) + ")";
  return fail(Code::invalid, source.path.string(), source.class_attribute + " of every footprint to be one of " + listed(names_of(source.classes)),
              said, "add what is missing to --classes, or take those footprints out of the file (ogr2ogr -where)");
}

class DrawnMasks final : public ChipLabels {
 public:
  DrawnMasks(LabelSource source, MaskFolder folder) : source_(std::move(source)), folder_(std::move(folder)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    ChipLabel out;
    FAIR_TRY_ASSIGN(out.mask, folder_.read(chip, source_.classes));
    gaps_.push_back(image.valid);
    return out;
  }
  Result<> settle(std::vector<ChipLabel>& all) const override {
    std::vector<std::vector<std::uint8_t>*> masks;
    masks.reserve(all.size());
    for (ChipLabel& label : all) masks.push_back(&label.mask);
    // Of several classes 255 is never a colour.
    if (source_.classes.empty() ? !settle_white(masks) : !anything_drawn(masks)) {
      return fail(
          Code::invalid, source_.path.string(), "masks with something drawn in them",
          source_.classes.empty() ? "zeros alone in " + std::to_string(all.size()) + " masks"
                                  : "none of the classes but " + source_.classes.front().name,
          source_.classes.empty() ? "give masks with 1 or 255 where a " + source_.class_name + " is" : "check that the masks are of these chips");
    }
    // White is settled first: 255 is a colour until then.
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t p = 0; p < gaps_[i].size(); ++p) {
        if (gaps_[i][p] == 0) all[i].mask[p] = 255;
      }
    }
    return {};
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return classes_of(source_); }
  [[nodiscard]] LabelWords words() const override { return {"raster", "masks", "image/tiff; application=geotiff", {"yes"}, several(source_)}; }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out;
    out.masks = static_cast<std::int64_t>(gaps_.size());
    return out;
  }

 private:
  [[nodiscard]] bool anything_drawn(const std::vector<std::vector<std::uint8_t>*>& masks) const {
    const auto outside = static_cast<std::uint8_t>(source_.classes.front().value);
    return std::any_of(masks.begin(), masks.end(), [&](const auto* mask) {
      return std::any_of(mask->begin(), mask->end(), [&](std::uint8_t v) { return v != outside && v != 255; });
    });
  }

  LabelSource source_;
  MaskFolder folder_;
  std::vector<std::vector<std::uint8_t>> gaps_;  ///< of each chip asked: where imagery is; empty for everywhere
};

class BurntFootprints final : public ChipLabels {
 public:
  BurntFootprints(LabelSource source, FootprintReach reach) : source_(std::move(source)), reach_(std::move(reach)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    ChipLabel out;
    const std::vector<Reached> footprints = reach_.on(chip);
    met_ += burn(footprints, chip, out.mask, static_cast<std::uint8_t>(classes().front().value));
    out.things = number(footprints, chip);
    touching_ += count_touching(out.things, out.mask, chip.width);
    ignore_gaps(image, out.mask);
    return out;
  }
  Result<> settle(std::vector<ChipLabel>&) const override {
    if (met_ == 0) return fail(reach_.none_met(source_.path));
    return {};
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return classes_of(source_); }
  [[nodiscard]] LabelWords words() const override { return {"vector", "footprints", "application/geo+json", {"yes"}, several(source_)}; }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out;
    out.footprints = reach_.count(), out.outside = reach_.outside();
    out.touching = touching_;
    return out;
  }

 private:
  LabelSource source_;
  FootprintReach reach_;
  std::int64_t met_ = 0, touching_ = 0;
};

}  // namespace

Result<std::unique_ptr<ChipLabels>> open_mask_labels(const LabelSource& source) {
  if (MaskFolder::is_one(source.path)) {
    FAIR_TRY_ASSIGN(MaskFolder folder, MaskFolder::open(source.path));
    return std::unique_ptr<ChipLabels>(std::make_unique<DrawnMasks>(source, std::move(folder)));
  }
  // Two classes need no attribute: what is a footprint is the second.
  if (source.classes.size() > 2 && source.class_attribute.empty()) {
    return fail(Code::usage, source.path.string(), "which of " + std::to_string(source.classes.size()) + " classes a footprint is of",
                "nothing that says it", "name the attribute that does with --class-from");
  }
  FAIR_TRY_ASSIGN(Footprints footprints, read_footprints(source.path, source.class_attribute));
  std::vector<std::uint8_t> values(footprints.polygons.size(), 1);
  if (!source.class_attribute.empty()) {
    FAIR_TRY_ASSIGN(values, values_of(footprints, source));
  } else if (source.classes.size() == 2) {
    values.assign(values.size(), static_cast<std::uint8_t>(source.classes[1].value));
  }
  return std::unique_ptr<ChipLabels>(std::make_unique<BurntFootprints>(source, FootprintReach(std::move(footprints), std::move(values))));
}

}  // namespace fair::io
