#include "native/launch/dataset_picture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/geo/mosaic.h"
#include "core/geo/transform.h"
#include "core/stac/model_spec.h"
#include "core/vector/polygonize.h"
#include "core/vector/shape_polygons.h"
#include "core/vector/validity.h"
#include "native/launch/evaluation.h"
#include "native/launch/pack_source.h"

namespace fair::launch {
namespace {

constexpr std::int32_t kGap = 8;
constexpr double true_chip = 0.97, predicted_chip = 0.93;  // of a chip's side

/// Chips that belong together, in pixels of their own grid, and where their corner stands in the picture.
struct Piece {
  geo::Crs crs = geo::Crs::web_mercator;
  geo::GeoTransform transform;
  std::int32_t width = 0, height = 0;
  struct Cell {
    const io::PackedChip* chip;
    std::int32_t x, y;
  };
  std::vector<Cell> cells;
  std::int32_t x = 0, y = 0;
};

/// Chips side by side stay so; where a grid is mostly empty every chip stands alone.
std::vector<Piece> pieces_of(const std::vector<const io::PackedChip*>& chips, const std::vector<geo::Placement>& places) {
  std::vector<Piece> out;
  for (const geo::Mosaic& mosaic : geo::mosaics_of(places)) {
    std::int64_t rows = 0, columns = 0;
    for (const auto& [at, chip] : mosaic.cells) rows = std::max(rows, at.first + 1), columns = std::max(columns, at.second + 1);
    const std::int32_t w = mosaic.grid.block_width, h = mosaic.grid.block_height;
    if (rows * columns <= 4 * static_cast<std::int64_t>(mosaic.cells.size()) + 4) {
      Piece piece{mosaic.grid.crs, mosaic.grid.transform, static_cast<std::int32_t>(columns) * w, static_cast<std::int32_t>(rows) * h, {}, 0, 0};
      for (const auto& [at, chip] : mosaic.cells) {
        piece.cells.push_back({chips[chip], static_cast<std::int32_t>(at.second) * w, static_cast<std::int32_t>(at.first) * h});
      }
      out.push_back(std::move(piece));
      continue;
    }
    for (const auto& [at, chip] : mosaic.cells) {
      out.push_back({mosaic.grid.crs,
                     geo::shifted(mosaic.grid.transform, static_cast<double>(at.second * w), static_cast<double>(at.first * h)),
                     w,
                     h,
                     {{chips[chip], 0, 0}},
                     0,
                     0});
    }
  }
  return out;
}

/// Pieces in rows, as on a sheet of contact prints.
void arrange(std::vector<Piece>& pieces) {
  double area = 0;
  std::int32_t widest = 0;
  for (const Piece& p : pieces) area += static_cast<double>(p.width + kGap) * (p.height + kGap), widest = std::max(widest, p.width);
  const std::int32_t row_width = std::max(widest, static_cast<std::int32_t>(std::sqrt(area) * 1.2));
  std::int32_t x = 0, y = 0, tallest = 0;
  for (Piece& p : pieces) {
    if (x > 0 && x + p.width > row_width) x = 0, y += tallest + kGap, tallest = 0;
    p.x = x, p.y = y;
    x += p.width + kGap, tallest = std::max(tallest, p.height);
  }
}

vector::Polygon moved(vector::Polygon polygon, double dx, double dy) {
  for (vector::Ring& ring : polygon) {
    for (vector::Point& p : ring) p.x += dx, p.y += dy;
  }
  return polygon;
}

/// The true shapes of one piece: its masks joined, so that nothing is cut where chips meet.
void add_truth(const Piece& piece, std::vector<vector::Polygon>& out) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(piece.width) * static_cast<std::size_t>(piece.height), 0);
  for (const Piece::Cell& cell : piece.cells) {
    if (cell.chip->mask == nullptr) continue;
    for (std::int32_t row = 0; row < cell.chip->height; ++row) {
      const std::uint8_t* from = cell.chip->mask + static_cast<std::size_t>(row) * static_cast<std::size_t>(cell.chip->width);
      std::uint8_t* to =
          mask.data() + static_cast<std::size_t>(cell.y + row) * static_cast<std::size_t>(piece.width) + static_cast<std::size_t>(cell.x);
      std::transform(from, from + cell.chip->width, to, [](std::uint8_t v) { return v == 255 ? std::uint8_t{0} : v; });
    }
  }
  vector::PolygonizeOptions options;
  options.width = piece.width;
  vector::Polygonizer polygonizer(options, [&](vector::Shape&& shape) {
    for (vector::Polygon& polygon : vector::to_polygons(shape)) out.push_back(moved(std::move(polygon), piece.x, piece.y));
  });
  polygonizer.push(mask.data(), piece.height);
  polygonizer.finish();
}

/// Outlines of whole chips would lie on each other.
vector::Polygon shrunk(vector::Polygon polygon, double factor) {
  const vector::Box box = vector::box_of(polygon.front());
  const vector::Point middle{(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2};
  for (vector::Ring& ring : polygon) {
    for (vector::Point& p : ring) p = {middle.x + (p.x - middle.x) * factor, middle.y + (p.y - middle.y) * factor};
  }
  return polygon;
}

vector::Polygon rectangle(double x0, double y0, double x1, double y1) { return {{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}}; }

/// Boxes of detection; of classification, chips of any class but the first, which means that nothing is there.
void add_labels(const Piece& piece, std::vector<vector::Polygon>& out) {
  for (const Piece::Cell& cell : piece.cells) {
    const Json& labels = cell.chip->labels;
    const double x = piece.x + cell.x, y = piece.y + cell.y;
    for (const Json& box : labels.value("boxes", Json::array())) {
      if (box.is_array() && box.size() == 5)
        out.push_back(rectangle(x + box[0].get<double>(), y + box[1].get<double>(), x + box[2].get<double>(), y + box[3].get<double>()));
    }
    if (const Json cls = labels.value("class", Json(0)); cls.is_number_integer() && cls.get<int>() != 0)
      out.push_back(shrunk(rectangle(x, y, x + cell.chip->width, y + cell.chip->height), true_chip));
  }
}

/// The features that reach into one piece.
void add_features(const Piece& piece, const std::vector<vector::Feature>& features, bool whole_chips, std::vector<vector::Polygon>& out) {
  const auto inverse = geo::invert(piece.transform);
  if (!inverse) return;
  for (const vector::Feature& feature : features) {
    if (whole_chips && feature.class_value == 0) continue;
    for (vector::Polygon polygon : feature.polygons) {
      double left = 1e18, right = -1e18, top = 1e18, bottom = -1e18;
      for (vector::Ring& ring : polygon) {
        for (vector::Point& p : ring) {
          const geo::Place world = geo::place_of(piece.crs, {p.x, p.y}), pixel = geo::apply(*inverse, world.x, world.y);
          p = {pixel.x, pixel.y};
          left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
        }
      }
      if (right <= 0 || bottom <= 0 || left >= piece.width || top >= piece.height) continue;
      if (whole_chips) polygon = shrunk(std::move(polygon), predicted_chip);
      out.push_back(moved(std::move(polygon), piece.x, piece.y));
    }
  }
}

}  // namespace

Result<draw::MapPicture> picture_of(const io::DatasetPack& pack, io::Part part, const std::vector<vector::Feature>& features,
                                    std::size_t most_chips) {
  std::vector<const io::PackedChip*> chips;
  std::vector<geo::Placement> places;
  for (const io::PackedChip& chip : pack.chips()) {
    if (chip.part != part || chip.channels != 3 || chips.size() >= most_chips) continue;
    const auto place = place_of(chip);
    if (!place) continue;
    chips.push_back(&chip);
    places.push_back({place->crs, place->transform, chip.width, chip.height});
  }
  if (chips.empty()) {
    return fail(Code::invalid, std::string("split ") + name(part), "georeferenced chips of three channels to draw", "none", "choose another part");
  }
  std::vector<Piece> pieces = pieces_of(chips, places);
  arrange(pieces);
  const bool whole_chips = pack.header().value("task", "") == stac::name(stac::Task::classification);
  draw::MapPicture out;
  draw::Layer truth{"true", draw::colour_of_truth, {}}, predicted{"predicted", draw::colour_of_prediction, {}};
  for (const Piece& piece : pieces) {
    for (const Piece::Cell& cell : piece.cells) {
      const io::PackedChip& chip = *cell.chip;
      raster::Image image{chip.width, chip.height, 3, {}, {}};
      image.pixels.assign(chip.pixels, chip.pixels + 3 * static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height));
      out.panels.push_back({std::move(image), piece.x + cell.x, piece.y + cell.y});
    }
    add_truth(piece, truth.polygons);
    add_labels(piece, truth.polygons);
    add_features(piece, features, whole_chips, predicted.polygons);
  }
  out.layers.push_back(std::move(truth));
  if (!features.empty()) out.layers.push_back(std::move(predicted));
  out.metres_per_pixel = geo::ground_size(pieces.front().crs, pieces.front().transform, 0, 0).across;
  return out;
}

}  // namespace fair::launch
