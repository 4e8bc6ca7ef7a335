#include "native/io/make_dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/geo/transform.h"
#include "native/io/atomic_file.h"
#include "native/io/chips.h"
#include "native/io/coarse_chip.h"
#include "native/io/dataset_item.h"
#include "native/io/dataset_pack.h"
#include "native/io/dataset_split.h"
#include "native/io/raster_file.h"

namespace fair::io {
namespace {

/// How often a class is on chips of a part: pixels, boxes or whole chips.
void tally(const ChipLabel& label, std::array<std::int64_t, 256>& counts) {
  for (const std::uint8_t v : label.mask) ++counts[v];
  if (const auto boxes = label.labels.find("boxes"); boxes != label.labels.end()) {
    for (const Json& box : *boxes) ++counts[box[4].get<std::size_t>() & 255U];
  }
  if (const auto cls = label.labels.find("class"); cls != label.labels.end()) ++counts[cls->get<std::size_t>() & 255U];
}

/// Metrics of a part that lacks a class say nothing about it.
std::string lacking(const std::vector<LabelClass>& classes, const std::array<std::int64_t, 256>& counts) {
  std::string out;
  for (const LabelClass& c : classes) {
    if (counts[static_cast<std::size_t>(c.value) & 255U] == 0) out += (out.empty() ? "" : ", ") + c.name;
  }
  return out;
}

}  // namespace

Result<MadeDataset> make_dataset(const DatasetOptions& options, const std::string& now) {
  if (!(options.split.val_ratio > 0 && options.split.val_ratio < 1))
    return fail(Code::usage, "val_ratio", "between 0 and 1", std::to_string(options.split.val_ratio), "0.2 is usual");
  FAIR_TRY_ASSIGN(std::vector<Chip> chips, list_chips(options.chips));
  FAIR_TRY_ASSIGN(const auto source, open_labels(options.labels));
  std::vector<raster::Image> images;
  std::vector<ChipLabel> labels;
  std::vector<SplitChip> places;
  double gsd = 0;
  for (Chip& chip : chips) {
    FAIR_TRY_ASSIGN(const RasterFile file, RasterFile::open(chip.path));
    FAIR_TRY_ASSIGN(raster::Image image, file.read_all());
    FAIR_TRY_ASSIGN(ChipLabel label, source->of(chip, image));
    const Chip coarse = coarse_chip(chip, options.gsd);
    if (coarse.width != chip.width || coarse.height != chip.height) {
      FAIR_TRY_ASSIGN(image, file.read(0, 0, chip.width, chip.height, coarse.width, coarse.height));
    }
    images.push_back(std::move(image));
    labels.push_back(coarse_label(std::move(label), chip, coarse));
    chip = coarse;
    places.push_back({chip.name, geo::pixel_to_lon_lat(chip.crs, chip.transform, chip.width / 2.0, chip.height / 2.0)});
    const geo::GroundSize size = geo::ground_size(chip.crs, chip.transform, chip.width / 2.0, chip.height / 2.0);
    gsd += std::sqrt(size.across * size.down) / static_cast<double>(chips.size());
  }
  FAIR_TRY(source->settle(labels));
  const std::vector<Part> parts = split_parts(places, options.split);
  const std::vector<LabelClass> classes = source->classes();

  MadeDataset made;
  made.gsd = gsd;
  made.counts = source->counts();
  if (options.geometry == "line") made.counts.touching = 0;  // where lines cross they are one network: nothing is to be taken apart
  std::vector<PackedChip> packed;
  std::array<std::array<std::int64_t, 256>, 3> tallies{};
  for (std::size_t i = 0; i < chips.size(); ++i) {
    PackedChip chip;
    chip.name = chips[i].name;
    chip.part = parts[i];
    chip.width = images[i].width;
    chip.height = images[i].height;
    chip.channels = images[i].channels;
    chip.pixels = images[i].pixels.data();
    chip.mask = labels[i].mask.empty() ? nullptr : labels[i].mask.data();
    chip.things = labels[i].things.empty() ? nullptr : labels[i].things.data();
    chip.labels = {{"crs", chips[i].crs == geo::Crs::wgs84 ? "EPSG:4326" : "EPSG:3857"}, {"transform", chips[i].transform.a}};
    chip.labels.update(labels[i].labels);
    tally(labels[i], tallies[static_cast<std::size_t>(parts[i])]);
    (parts[i] == Part::train ? made.train : parts[i] == Part::val ? made.val : made.holdout) += 1;
    packed.push_back(std::move(chip));
  }
  if (made.train == 0 || made.val == 0) {
    return fail(Code::invalid, options.chips.string(), "at least two chips that are not held out: one to train on, one to validate with",
                std::to_string(chips.size()) + " chips, " + std::to_string(made.holdout) + " held out", "give more chips, or another --holdout");
  }
  const std::array<std::pair<std::int64_t, const char*>, 3> sizes{{{made.train, "train"}, {made.val, "val"}, {made.holdout, "holdout"}}};
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    const std::string names = sizes[p].first > 0 ? lacking(classes, tallies[p]) : "";
    if (!names.empty()) made.warnings.push_back("no " + names + " in the part " + sizes[p].second + ": try another --seed, --val-ratio or --holdout");
  }

  std::error_code error;
  const bool folder_is_new = std::filesystem::create_directories(options.out, error);
  if (error) return fail(Code::io, options.out.string(), "a folder that can be made", error.message(), "choose another with --out");
  DatasetItem item{options.id,     options.title,       options.labels.class_name, options.user_id, options.geometry,
                   options.chips,  options.labels.path, options.labels.task,       source->words(), gsd,
                   options.license};
  made.document = item.document(chips, now);
  if (options.gsd > 0) made.document["properties"][resampled_property] = options.gsd;
  made.pack = options.out / "dataset.pack";
  made.item = options.out / (options.id + ".json");
  const SplitOptions& split = options.split;
  const Json header{{"task", model_task(options.labels.task)},
                    {"id", options.id},
                    {"classes", to_json(classes)},
                    {"gsd", gsd},
                    {"chip_count", chips.size()},
                    {"touching", made.counts.touching},
                    {"split", {{"strategy", "spatial"}, {"ratio", split.val_ratio}, {"seed", split.seed}, {"holdout", split.holdout}}}};
  const bool pack_is_new = !std::filesystem::exists(made.pack, error);
  Result<> written = write_pack(made.pack, header, packed);
  if (written) {
    written = write_whole(made.item, to_text(made.document));
    if (!written && pack_is_new) std::filesystem::remove(made.pack, error);
  }
  if (!written) {
    if (folder_is_new) std::filesystem::remove(options.out, error);
    return fail(std::move(written).error());
  }
  return made;
}

}  // namespace fair::io
