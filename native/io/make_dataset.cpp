#include "native/io/make_dataset.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/geo/transform.h"
#include "core/vector/validity.h"
#include "native/io/atomic_file.h"
#include "native/io/chips.h"
#include "native/io/dataset_pack.h"
#include "native/io/labels.h"
#include "native/io/masks.h"
#include "native/io/raster_file.h"

namespace fair::io {
namespace {

struct Loaded {
  Chip chip;
  raster::Image image;
  std::vector<std::uint8_t> mask;
  Part part = Part::train;
  geo::LonLat middle;
};

/// Chips sorted along the longer side of the area, from the end that the seed chooses: the first share of them validates.
void split(std::vector<Loaded>& chips, const DatasetOptions& options) {
  std::vector<Loaded*> free;
  for (Loaded& c : chips) {
    if (!options.holdout.empty() && matches(options.holdout, c.chip.name)) c.part = Part::holdout;
    else free.push_back(&c);
  }
  if (free.size() < 2) return;
  double west = 180, east = -180, south = 90, north = -90;
  for (const Loaded* c : free) {
    west = std::min(west, c->middle.lon);
    east = std::max(east, c->middle.lon);
    south = std::min(south, c->middle.lat);
    north = std::max(north, c->middle.lat);
  }
  const bool by_lon = (east - west) > (north - south);
  const double sign = (options.seed & 1U) != 0 ? -1.0 : 1.0;
  std::stable_sort(free.begin(), free.end(), [&](const Loaded* a, const Loaded* b) {
    const double p = by_lon ? a->middle.lon : a->middle.lat;
    const double q = by_lon ? b->middle.lon : b->middle.lat;
    if (std::fabs(p - q) > 1e-9) return sign * p < sign * q;
    return by_lon ? a->middle.lat < b->middle.lat : a->middle.lon < b->middle.lon;
  });
  const auto wanted = static_cast<std::size_t>(std::lround(options.val_ratio * static_cast<double>(free.size())));
  const std::size_t count = std::clamp<std::size_t>(wanted, 1, free.size() - 1);
  for (std::size_t i = 0; i < count; ++i) free[i]->part = Part::val;
}

Json item_for(const DatasetOptions& options, const std::vector<Loaded>& chips, bool drawn, double gsd, const std::string& now) {
  double box[4] = {180, 90, -180, -90};
  for (const Loaded& c : chips) {
    for (const auto& [x, y] : {std::pair{0, 0}, std::pair{c.chip.width, c.chip.height}}) {
      const geo::LonLat at = geo::pixel_to_lon_lat(c.chip.crs, c.chip.transform, x, y);
      box[0] = std::min(box[0], at.lon);
      box[1] = std::min(box[1], at.lat);
      box[2] = std::max(box[2], at.lon);
      box[3] = std::max(box[3], at.lat);
    }
  }
  for (double& v : box) v = std::round(v * 1e7) / 1e7;
  const Json corner = Json::array({Json::array({box[0], box[1]}), Json::array({box[2], box[1]}), Json::array({box[2], box[3]}),
                                   Json::array({box[0], box[3]}), Json::array({box[0], box[1]})});
  Json properties{
      {"datetime", now},
      {"created", now},
      {"updated", now},
      {"title", options.title.empty() ? options.id : options.title},
      {"description", std::to_string(chips.size()) + (drawn ? " chips with masks of " : " chips with footprints of ") + options.class_name + "s."},
      {"label:type", drawn ? "raster" : "vector"},
      {"label:tasks", Json::array({"segmentation"})},
      {"label:classes", Json::array({{{"name", options.class_name}, {"classes", Json::array({"yes"})}}})},
      {"label:properties", Json::array({options.class_name})},
      {"label:description", (drawn ? "Masks of " : "Footprints of ") + options.class_name + "s"},
      {"label:methods", Json::array({"manual"})},
      {"keywords", Json::array({options.class_name, "semantic-segmentation", "polygon"})},
      {"fair:user_id", options.user_id},
      {"fair:chip_count", chips.size()},
      {"gsd", std::round(gsd * 1e6) / 1e6},
      {"version", "1"},
      {"deprecated", false},
      {"license", "other"},
      {"providers", Json::array({{{"name", options.user_id}, {"roles", Json::array({"producer"})}}})}};
  return {
      {"type", "Feature"},
      {"stac_version", "1.1.0"},
      {"stac_extensions",
       Json::array({"https://stac-extensions.github.io/label/v1.0.1/schema.json", "https://stac-extensions.github.io/file/v2.1.0/schema.json",
                    "https://stac-extensions.github.io/version/v1.2.0/schema.json",
                    "https://hotosm.github.io/fAIr-models/schemas/v1.0.0/dataset/schema.json"})},
      {"id", options.id},
      {"geometry", {{"type", "Polygon"}, {"coordinates", Json::array({corner})}}},
      {"bbox", Json::array({box[0], box[1], box[2], box[3]})},
      {"properties", std::move(properties)},
      {"assets",
       {{"chips",
         {{"href", std::filesystem::absolute(options.chips).lexically_normal().string()},
          {"type", "image/tiff; application=geotiff"},
          {"roles", Json::array({"data"})},
          {"title", "Chips"}}},
        {"labels",
         {{"href", std::filesystem::absolute(options.labels).lexically_normal().string()},
          {"type", drawn ? "image/tiff; application=geotiff" : "application/geo+json"},
          {"roles", Json::array({"labels"})},
          {"title", drawn ? "Masks" : "Footprints"}}}}},
      {"links",
       Json::array(
           {{{"rel", "source"}, {"href", "https://www.openstreetmap.org"}, {"type", "text/html"}, {"title", "Where the footprints come from"}}})}};
}

}  // namespace

Result<MadeDataset> make_dataset(const DatasetOptions& options, const std::string& now) {
  if (!(options.val_ratio > 0 && options.val_ratio < 1))
    return fail(Code::usage, "val_ratio", "between 0 and 1", std::to_string(options.val_ratio), "0.2 is usual");
  FAIR_TRY_ASSIGN(const std::vector<Chip> listed, list_chips(options.chips));
  const bool drawn = MaskFolder::is_one(options.labels);
  Footprints footprints;
  std::optional<MaskFolder> masks;
  if (drawn) {
    FAIR_TRY_ASSIGN(masks, MaskFolder::open(options.labels));
  } else {
    FAIR_TRY_ASSIGN(footprints, read_footprints(options.labels));
  }
  std::vector<Loaded> chips;
  std::vector<vector::Box> boxes;
  double gsd = 0;
  std::int64_t met = 0;
  for (const Chip& chip : listed) {
    Loaded loaded;
    loaded.chip = chip;
    FAIR_TRY_ASSIGN(const RasterFile file, RasterFile::open(chip.path));
    FAIR_TRY_ASSIGN(loaded.image, file.read_all());
    if (masks) {
      FAIR_TRY_ASSIGN(loaded.mask, masks->read(chip));
    } else {
      met += burn(footprints, chip, loaded.mask);
    }
    loaded.middle = geo::pixel_to_lon_lat(chip.crs, chip.transform, chip.width / 2.0, chip.height / 2.0);
    const geo::LonLat a = geo::pixel_to_lon_lat(chip.crs, chip.transform, 0, 0);
    const geo::LonLat b = geo::pixel_to_lon_lat(chip.crs, chip.transform, chip.width, chip.height);
    boxes.push_back({std::min(a.lon, b.lon), std::min(a.lat, b.lat), std::max(a.lon, b.lon), std::max(a.lat, b.lat)});
    const geo::GroundSize size = geo::ground_size(chip.crs, chip.transform, chip.width / 2.0, chip.height / 2.0);
    gsd += std::sqrt(size.across * size.down) / static_cast<double>(listed.size());
    chips.push_back(std::move(loaded));
  }
  if (drawn) {
    std::vector<std::vector<std::uint8_t>*> all;
    all.reserve(chips.size());
    for (Loaded& c : chips) all.push_back(&c.mask);
    if (!settle_white(all)) {
      return fail(Code::invalid, options.labels.string(), "masks with something drawn in them",
                  "zeros alone in " + std::to_string(all.size()) + " masks", "give masks with 1 or 255 where a " + options.class_name + " is");
    }
  } else if (met == 0) {
    return fail(Code::invalid, options.labels.string(), "footprints that lie on the chips",
                std::to_string(footprints.polygons.size()) + " footprints, none on any chip",
                "check that labels and chips are of the same place, and the labels' projection");
  }
  for (Loaded& c : chips) {
    for (std::size_t i = 0; i < c.image.valid.size(); ++i) {
      if (c.image.valid[i] == 0) c.mask[i] = 255;  // where there is no imagery there is nothing to learn
    }
  }
  split(chips, options);

  MadeDataset made;
  made.gsd = gsd;
  made.masks = drawn ? static_cast<std::int64_t>(chips.size()) : 0;
  made.footprints = static_cast<std::int64_t>(footprints.polygons.size());
  for (const vector::Polygon& polygon : footprints.polygons) {
    const vector::Box box = vector::box_of(polygon.front());
    if (std::none_of(boxes.begin(), boxes.end(), [&](const vector::Box& b) { return vector::meet(b, box); })) ++made.outside;
  }
  std::vector<PackedChip> packed;
  for (const Loaded& c : chips) {
    PackedChip chip;
    chip.name = c.chip.name;
    chip.part = c.part;
    chip.width = c.image.width;
    chip.height = c.image.height;
    chip.channels = c.image.channels;
    chip.pixels = c.image.pixels.data();
    chip.mask = c.mask.data();
    chip.labels = {{"crs", c.chip.crs == geo::Crs::wgs84 ? "EPSG:4326" : "EPSG:3857"}, {"transform", c.chip.transform.a}};
    (c.part == Part::train ? made.train : c.part == Part::val ? made.val : made.holdout) += 1;
    packed.push_back(std::move(chip));
  }
  if (made.train == 0 || made.val == 0) {
    return fail(Code::invalid, options.chips.string(), "at least two chips that are not held out: one to train on, one to validate with",
                std::to_string(chips.size()) + " chips, " + std::to_string(made.holdout) + " held out", "give more chips, or another --holdout");
  }
  std::error_code error;
  const bool folder_is_new = std::filesystem::create_directories(options.out, error);
  if (error) return fail(Code::io, options.out.string(), "a folder that can be made", error.message(), "choose another with --out");
  made.document = item_for(options, chips, drawn, gsd, now);
  made.pack = options.out / "dataset.pack";
  made.item = options.out / (options.id + ".json");
  const Json header{{"task", "semantic-segmentation"},
                    {"id", options.id},
                    {"classes", Json::array({{{"name", "background"}, {"value", 0}}, {{"name", options.class_name}, {"value", 1}}})},
                    {"gsd", gsd},
                    {"chip_count", chips.size()},
                    {"split", {{"strategy", "spatial"}, {"ratio", options.val_ratio}, {"seed", options.seed}, {"holdout", options.holdout}}}};
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
