#include "core/pipeline/scan_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/field.h"
#include "core/geo/transform.h"

namespace fair::pipeline {
namespace {

constexpr std::int64_t longest_strip = std::int64_t{1} << 20;
constexpr double far = 1.5;

std::int64_t number(const Json& object, const char* key, std::int64_t otherwise) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : otherwise;
}

std::string metres(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g m", value);
  return text;
}

std::int64_t scaled_origin(std::int64_t origin, raster::Ratio ratio) {
  return ratio.identity() ? origin : static_cast<std::int64_t>(std::llround(static_cast<double>(origin) * ratio.value()));
}

Result<> check(const geo::BlockGrid& grid) {
  const auto cells = grid.columns * grid.rows;
  if (grid.columns <= 0 || grid.rows <= 0 || grid.block_width <= 0 || grid.block_height <= 0) {
    return fail(Code::invalid, "imagery grid", "at least one block of at least one pixel",
                std::to_string(grid.columns) + " x " + std::to_string(grid.rows) + " blocks of " + std::to_string(grid.block_width) + " x " +
                    std::to_string(grid.block_height));
  }
  if (!grid.present.empty() && static_cast<std::int64_t>(grid.present.size()) != cells) {
    return fail(Code::internal, "imagery grid", std::to_string(cells) + " presence flags", std::to_string(grid.present.size()));
  }
  if (grid.width < 0 || grid.width > grid.columns * grid.block_width || grid.height < 0 || grid.height > grid.rows * grid.block_height) {
    return fail(Code::internal, "imagery grid", "a size inside its blocks", std::to_string(grid.width) + " x " + std::to_string(grid.height));
  }
  return {};
}

std::int64_t window_size(std::int64_t declared, const Json& tiling) {
  if (declared > 0) return declared;
  const std::int64_t multiple = std::max<std::int64_t>(1, number(tiling, "multiple_of", 1));
  const std::int64_t size = number(tiling, "window", 256);
  return (size + multiple - 1) / multiple * multiple;
}

bool labels_windows(const Json& description) { return member(description, "result_kind") == "label"; }
/// Chips that are classified or searched for boxes were shrunk to be learnt from: finer imagery lacks nothing.
bool learnt_from_shrunk_chips(const Json& description) { return labels_windows(description) || member(description, "result_kind") == "boxes"; }

}  // namespace

Result<ScanPlan> ScanPlan::create(const stac::ModelSpec& model, const Json& description, const geo::BlockGrid& grid,
                                  const InferenceOptions& options) {
  FAIR_TRY(check(grid));
  ScanPlan plan;
  plan.grid = grid;
  plan.source_width = grid.width > 0 ? grid.width : grid.columns * grid.block_width;
  plan.source_height = grid.height > 0 ? grid.height : grid.rows * grid.block_height;
  plan.transform = grid.transform;

  const geo::GroundSize ground =
      geo::ground_size(grid.crs, grid.transform, static_cast<double>(plan.source_width) / 2, static_cast<double>(plan.source_height) / 2);
  if (!(ground.across > 0) || !(ground.down > 0)) {
    return fail(Code::invalid, "imagery", "a georeference with pixels of some size", metres(ground.across) + " x " + metres(ground.down) + " a pixel",
                "give the imagery a georeference");
  }
  if (model.gsd && *model.gsd > 0) {
    FAIR_TRY_ASSIGN(plan.ratio_x, raster::ratio_between(ground.across, *model.gsd));
    FAIR_TRY_ASSIGN(plan.ratio_y, raster::ratio_between(ground.down, *model.gsd));
    const double apart = std::max({ground.across / *model.gsd, *model.gsd / ground.across, ground.down / *model.gsd, *model.gsd / ground.down});
    if (apart > far && !(learnt_from_shrunk_chips(description) && ground.across < *model.gsd)) {
      plan.warnings.push_back("The imagery has " + metres(ground.across) + " a pixel on the ground, the model learnt at " + metres(*model.gsd) +
                              ": it is resampled, and results are likely to be worse than with imagery near the model's resolution");
    }
  }
  plan.transform = geo::scaled(grid.transform, 1 / plan.ratio_x.value(), 1 / plan.ratio_y.value());
  const auto to_pixel = geo::invert(plan.transform);
  if (!to_pixel) {
    return fail(Code::invalid, "imagery", "a georeference whose rows and columns run in different directions", "rows that lie on its columns",
                "give the imagery a georeference");
  }
  plan.to_pixel = *to_pixel;
  plan.origin_column = scaled_origin(grid.origin_column, plan.ratio_x);
  plan.origin_row = scaled_origin(grid.origin_row, plan.ratio_y);

  const Json& tiling = member(description, "tiling");
  const std::int64_t width = window_size(model.input.width, tiling);
  const std::int64_t height = window_size(model.input.height, tiling);
  const std::int64_t overlap = labels_windows(description) ? 0 : options.overlap >= 0 ? options.overlap : number(tiling, "overlap", 0);
  if (width > 16384 || height > 16384) {
    return fail(Code::invalid, "model input", "at most 16384 x 16384 pixels", std::to_string(width) + " x " + std::to_string(height));
  }
  if (overlap < 0 || 2 * overlap > std::min(width, height)) {
    return fail(Code::usage, "overlap", "between 0 and half of the window's " + std::to_string(std::min(width, height)) + " pixels",
                std::to_string(overlap));
  }
  plan.x = {raster::resampled(plan.source_width, plan.ratio_x), static_cast<std::int32_t>(width), static_cast<std::int32_t>(overlap)};
  plan.y = {raster::resampled(plan.source_height, plan.ratio_y), static_cast<std::int32_t>(height), static_cast<std::int32_t>(overlap)};
  plan.transposed = plan.x.extent > plan.y.extent;
  if (plan.across().extent > longest_strip) {
    return fail(Code::unsupported, "area", "a shorter side of at most " + std::to_string(longest_strip) + " pixels",
                std::to_string(plan.across().extent), "predict it in parts");
  }
  return plan;
}

raster::Span ScanPlan::blocks_across(std::int64_t a) const {
  const raster::Span s = transposed ? raster::source_span(y.span(a), ratio_y, source_height) : raster::source_span(x.span(a), ratio_x, source_width);
  const std::int32_t size = transposed ? grid.block_height : grid.block_width;
  return {s.begin / size, (s.end - 1) / size + 1};
}

raster::Span ScanPlan::blocks_along(std::int64_t b) const {
  const raster::Span s = transposed ? raster::source_span(x.span(b), ratio_x, source_width) : raster::source_span(y.span(b), ratio_y, source_height);
  const std::int32_t size = transposed ? grid.block_width : grid.block_height;
  return {s.begin / size, (s.end - 1) / size + 1};
}

bool ScanPlan::present(Block block) const { return grid.present.empty() || grid.present[static_cast<std::size_t>(index(block))]; }

Shard::Strips ScanPlan::run_by(const Shard& shard) const {
  Shard::Strips strips = shard.of(along().count());
  if (strips.first == strips.last) return strips;
  const std::int64_t row = along().start(strips.first);
  while (strips.first > 0 && along().span(strips.first - 1).end > row) --strips.first;
  return strips;
}

}  // namespace fair::pipeline
