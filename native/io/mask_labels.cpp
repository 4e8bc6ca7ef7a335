#include "native/io/mask_labels.h"

#include <set>
#include <utility>

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

/// Things of which a pixel lies beside another's.
std::int64_t count_touching(const std::vector<std::uint16_t>& things, std::int32_t width) {
  std::set<std::uint16_t> found;
  const auto meet = [&found](std::uint16_t a, std::uint16_t b) {
    if (a != 0 && b != 0 && a != b) found.insert(a), found.insert(b);
  };
  const auto w = static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < things.size(); ++i) {
    if ((i + 1) % w != 0) meet(things[i], things[i + 1]);
    if (i + w < things.size()) meet(things[i], things[i + w]);
  }
  return static_cast<std::int64_t>(found.size());
}

std::vector<LabelClass> background_and(const std::string& name) { return {{"background", 0}, {name, 1}}; }

class DrawnMasks final : public ChipLabels {
 public:
  DrawnMasks(LabelSource source, MaskFolder folder) : source_(std::move(source)), folder_(std::move(folder)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    ChipLabel out;
    FAIR_TRY_ASSIGN(out.mask, folder_.read(chip));
    gaps_.push_back(image.valid);
    return out;
  }
  Result<> settle(std::vector<ChipLabel>& all) const override {
    std::vector<std::vector<std::uint8_t>*> masks;
    for (ChipLabel& label : all) masks.push_back(&label.mask);
    if (!settle_white(masks)) {
      return fail(Code::invalid, source_.path.string(), "masks with something drawn in them",
                  "zeros alone in " + std::to_string(all.size()) + " masks", "give masks with 1 or 255 where a " + source_.class_name + " is");
    }
    // White is settled first: 255 is a colour until then.
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t p = 0; p < gaps_[i].size(); ++p) {
        if (gaps_[i][p] == 0) all[i].mask[p] = 255;
      }
    }
    return {};
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return background_and(source_.class_name); }
  [[nodiscard]] LabelWords words() const override { return {"raster", "masks", "image/tiff; application=geotiff", {"yes"}}; }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out;
    out.masks = static_cast<std::int64_t>(gaps_.size());
    return out;
  }

 private:
  LabelSource source_;
  MaskFolder folder_;
  std::vector<std::vector<std::uint8_t>> gaps_;  ///< of each chip asked: where imagery is; empty for everywhere
};

class BurntFootprints final : public ChipLabels {
 public:
  BurntFootprints(LabelSource source, Footprints footprints) : source_(std::move(source)), reach_(std::move(footprints)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    ChipLabel out;
    const std::vector<vector::Polygon> polygons = reach_.on(chip);
    met_ += burn(polygons, chip, out.mask);
    out.things = number(polygons, chip);
    touching_ += count_touching(out.things, chip.width);
    ignore_gaps(image, out.mask);
    return out;
  }
  Result<> settle(std::vector<ChipLabel>&) const override {
    if (met_ == 0) return fail(reach_.none_met(source_.path));
    return {};
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return background_and(source_.class_name); }
  [[nodiscard]] LabelWords words() const override { return {"vector", "footprints", "application/geo+json", {"yes"}}; }
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
  FAIR_TRY_ASSIGN(Footprints footprints, read_footprints(source.path));
  return std::unique_ptr<ChipLabels>(std::make_unique<BurntFootprints>(source, std::move(footprints)));
}

}  // namespace fair::io
