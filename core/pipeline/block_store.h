// Blocks of imagery that windows still need, and windows cut out of them.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/pipeline/scan_plan.h"
#include "core/raster/image.h"

namespace fair::pipeline {

/// A window's pixels, upright and at the model's resolution.
struct Window {
  raster::Image image;              ///< width x height of the model's input; past the imagery's end it is mirrored
  bool any_valid = false;           ///< some pixel is imagery
  std::vector<std::uint8_t> valid;  ///< one a pixel, upright; empty when all are imagery
};

/// Walks the plan's windows in order three times: asking for blocks, cutting windows, letting blocks go.
class BlockStore {
 public:
  /// Windows before `first_strip` are not walked.
  BlockStore(const ScanPlan& plan, std::int32_t channels, std::int64_t first_strip = 0)
      : plan_(plan),
        channels_(channels),
        first_strip_(first_strip),
        resampler_(plan.ratio_x, plan.ratio_y),
        asking_(first_strip * plan.across().count()) {}

  /// Up to `max` blocks that windows before `until` need and that were not yet asked for, in the order of need.
  [[nodiscard]] std::vector<Block> ask(std::size_t max, std::int64_t until);
  /// Pixels of a block asked for, copied; nothing where there is no imagery.
  Result<> give(Block block, const std::optional<raster::ImageView>& pixels);
  /// All blocks of that window have been given, or are known to be absent.
  [[nodiscard]] bool ready(std::int64_t window);
  /// Cuts a ready window and lets go what no later one needs. Windows must be cut in order.
  Result<> cut(std::int64_t window, Window& out);

  [[nodiscard]] std::int64_t given() const { return given_; }
  [[nodiscard]] std::int64_t held() const { return static_cast<std::int64_t>(slots_.size()); }

 private:
  struct Slot {
    bool given = false;
    raster::Image image;  ///< 0 x 0 where there is no imagery
  };
  void want_blocks_of(std::int64_t window);
  [[nodiscard]] bool any_imagery(ScanPlan::Step step) const;
  void let_go(std::int64_t window);
  void gather(raster::Span sx, raster::Span sy, raster::Image& out) const;
  void copy_from(const raster::Image& block, std::int64_t left, std::int64_t top, raster::Span sx, raster::Span sy, raster::Image& out) const;

  const ScanPlan& plan_;
  std::int32_t channels_;
  std::int64_t first_strip_;
  raster::Resampler resampler_;
  raster::Image source_;  ///< scratch: a window's source pixels
  std::unordered_map<std::int64_t, Slot> slots_;
  std::vector<Block> wanted_;   ///< of the windows before asking_, not yet handed out
  std::size_t handed_out_ = 0;  ///< of wanted_
  std::int64_t asking_;         ///< next window whose blocks are wanted
  std::int64_t given_ = 0;
};

}  // namespace fair::pipeline
