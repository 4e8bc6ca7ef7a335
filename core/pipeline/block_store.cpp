#include "core/pipeline/block_store.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace fair::pipeline {
namespace {

std::string name(Block block) { return "block " + std::to_string(block.column) + ", " + std::to_string(block.row); }

/// Fills what lies past the imagery's end (to the right and below) with its mirror image.
void mirror_past(raster::Image& image, std::int32_t real_width, std::int32_t real_height) {
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto pitch = static_cast<std::size_t>(image.width) * channels;
  for (std::int32_t y = 0; y < real_height; ++y) {
    std::uint8_t* row = image.pixels.data() + static_cast<std::size_t>(y) * pitch;
    for (std::int32_t x = real_width; x < image.width; ++x) {
      std::memcpy(row + static_cast<std::size_t>(x) * channels, row + static_cast<std::size_t>(raster::mirrored(x, real_width)) * channels, channels);
    }
  }
  for (std::int32_t y = real_height; y < image.height; ++y) {
    std::memcpy(image.pixels.data() + static_cast<std::size_t>(y) * pitch,
                image.pixels.data() + static_cast<std::size_t>(raster::mirrored(y, real_height)) * pitch, pitch);
  }
}

/// Enlarges to the window's size; the new pixels are not imagery.
void pad(raster::Image& image, std::int32_t width, std::int32_t height) {
  const std::int32_t real_width = image.width;
  const std::int32_t real_height = image.height;
  if (real_width == width && real_height == height) return;
  const auto channels = static_cast<std::size_t>(image.channels);
  raster::Image larger{width, height, image.channels, {}, {}};
  larger.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels);
  larger.valid.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  for (std::int32_t y = 0; y < real_height; ++y) {
    const auto from = static_cast<std::size_t>(y) * static_cast<std::size_t>(real_width);
    const auto to = static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
    const auto n = static_cast<std::size_t>(real_width);
    std::memcpy(&larger.pixels[to * channels], &image.pixels[from * channels], n * channels);
    if (image.valid.empty()) {
      std::memset(&larger.valid[to], 1, n);
    } else {
      std::memcpy(&larger.valid[to], &image.valid[from], n);
    }
  }
  mirror_past(larger, real_width, real_height);
  image = std::move(larger);
}

}  // namespace

std::vector<Block> BlockStore::ask(std::size_t max, std::int64_t until) {
  until = std::min(until, plan_.windows());
  while (wanted_.size() - handed_out_ < max && asking_ < until) want_blocks_of(asking_++);
  const std::size_t n = std::min(max, wanted_.size() - handed_out_);
  const auto from = wanted_.begin() + static_cast<std::ptrdiff_t>(handed_out_);
  std::vector<Block> blocks(from, from + static_cast<std::ptrdiff_t>(n));
  handed_out_ += n;
  if (handed_out_ == wanted_.size()) {
    wanted_.clear();
    handed_out_ = 0;
  }
  return blocks;
}

void BlockStore::want_blocks_of(std::int64_t window) {
  const ScanPlan::Step s = plan_.step(window);
  raster::Span across = plan_.blocks_across(s.a);
  raster::Span along = plan_.blocks_along(s.b);
  // What earlier windows needed was wanted then.
  if (s.a > 0) across.begin = std::max(across.begin, plan_.blocks_across(s.a - 1).end);
  if (s.b > first_strip_) along.begin = std::max(along.begin, plan_.blocks_along(s.b - 1).end);
  for (std::int64_t r = along.begin; r < along.end; ++r) {
    for (std::int64_t c = across.begin; c < across.end; ++c) {
      const Block block = plan_.block(c, r);
      Slot& slot = slots_[plan_.index(block)];
      if (plan_.present(block)) {
        wanted_.push_back(block);
      } else {
        slot.given = true;
        ++given_;
      }
    }
  }
}

Result<> BlockStore::give(Block block, const std::optional<raster::ImageView>& pixels) {
  const auto at = slots_.find(plan_.index(block));
  if (at == slots_.end() || at->second.given) {
    return fail(Code::usage, name(block), "a block that was asked for and not yet given", "one that was not");
  }
  Slot& slot = at->second;
  if (pixels) {
    const raster::ImageView& v = *pixels;
    if (v.width < 1 || v.height < 1 || v.width > plan_.grid.block_width || v.height > plan_.grid.block_height || v.data == nullptr) {
      return fail(Code::invalid, name(block),
                  "at most " + std::to_string(plan_.grid.block_width) + " x " + std::to_string(plan_.grid.block_height) + " pixels",
                  std::to_string(v.width) + " x " + std::to_string(v.height));
    }
    if (v.channels < channels_ && v.channels != 1) {
      return fail(Code::incompatible, name(block), std::to_string(channels_) + " bands, as the model's input", std::to_string(v.channels),
                  "use imagery with the model's bands");
    }
    slot.image.width = v.width;
    slot.image.height = v.height;
    slot.image.channels = channels_;
    const auto n = static_cast<std::size_t>(channels_);
    slot.image.pixels.resize(static_cast<std::size_t>(v.width) * static_cast<std::size_t>(v.height) * n);
    std::uint8_t* to = slot.image.pixels.data();
    for (std::int32_t y = 0; y < v.height; ++y) {
      const std::uint8_t* from = v.data + y * v.stride;
      if (v.channels == channels_) {
        std::memcpy(to, from, static_cast<std::size_t>(v.width) * n);
        to += static_cast<std::size_t>(v.width) * n;
        continue;
      }
      for (std::int32_t x = 0; x < v.width; ++x, from += v.channels) {
        for (std::size_t c = 0; c < n; ++c) *to++ = from[v.channels == 1 ? 0 : c];
      }
    }
    if (v.valid != nullptr) slot.image.valid.assign(v.valid, v.valid + static_cast<std::ptrdiff_t>(v.width) * v.height);
  }
  slot.given = true;
  ++given_;
  return {};
}

bool BlockStore::ready(std::int64_t window) {
  while (asking_ <= window) want_blocks_of(asking_++);
  const ScanPlan::Step s = plan_.step(window);
  const raster::Span across = plan_.blocks_across(s.a);
  const raster::Span along = plan_.blocks_along(s.b);
  for (std::int64_t r = along.begin; r < along.end; ++r) {
    for (std::int64_t c = across.begin; c < across.end; ++c) {
      const auto at = slots_.find(plan_.index(plan_.block(c, r)));
      if (at == slots_.end() || !at->second.given) return false;
    }
  }
  return true;
}

void BlockStore::copy_from(const raster::Image& block, std::int64_t left, std::int64_t top, raster::Span sx, raster::Span sy,
                           raster::Image& out) const {
  const std::int64_t x0 = std::max(left, sx.begin);
  const std::int64_t x1 = std::min(left + block.width, sx.end);
  const std::int64_t y0 = std::max(top, sy.begin);
  const std::int64_t y1 = std::min(top + block.height, sy.end);
  if (x0 >= x1) return;
  const auto n = static_cast<std::size_t>(x1 - x0);
  const auto channels = static_cast<std::size_t>(channels_);
  for (std::int64_t y = y0; y < y1; ++y) {
    const auto from = static_cast<std::size_t>((y - top) * block.width + (x0 - left));
    const auto to = static_cast<std::size_t>((y - sy.begin) * out.width + (x0 - sx.begin));
    std::memcpy(&out.pixels[to * channels], &block.pixels[from * channels], n * channels);
    if (block.valid.empty()) {
      std::memset(&out.valid[to], 1, n);
    } else {
      std::memcpy(&out.valid[to], &block.valid[from], n);
    }
  }
}

void BlockStore::gather(raster::Span sx, raster::Span sy, raster::Image& out) const {
  out.width = static_cast<std::int32_t>(sx.size());
  out.height = static_cast<std::int32_t>(sy.size());
  out.channels = channels_;
  const auto n = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height);
  out.pixels.assign(n * static_cast<std::size_t>(channels_), 0);
  out.valid.assign(n, 0);
  const std::int64_t bw = plan_.grid.block_width;
  const std::int64_t bh = plan_.grid.block_height;
  for (std::int64_t row = sy.begin / bh; row * bh < sy.end; ++row) {
    for (std::int64_t column = sx.begin / bw; column * bw < sx.end; ++column) {
      const auto at = slots_.find(plan_.index({column, row}));
      if (at != slots_.end() && at->second.image.width > 0) copy_from(at->second.image, column * bw, row * bh, sx, sy, out);
    }
  }
}

bool BlockStore::any_imagery(ScanPlan::Step s) const {
  const raster::Span across = plan_.blocks_across(s.a);
  const raster::Span along = plan_.blocks_along(s.b);
  for (std::int64_t r = along.begin; r < along.end; ++r) {
    for (std::int64_t c = across.begin; c < across.end; ++c) {
      const auto at = slots_.find(plan_.index(plan_.block(c, r)));
      if (at != slots_.end() && at->second.image.width > 0) return true;
    }
  }
  return false;
}

Result<> BlockStore::cut(std::int64_t window, Window& out) {
  const ScanPlan::Step s = plan_.step(window);
  const raster::Span tx = plan_.x.span(plan_.column_of(s));
  const raster::Span ty = plan_.y.span(plan_.row_of(s));
  if (!any_imagery(s)) {
    out.any_valid = false;
    let_go(window);
    return {};
  }
  if (plan_.ratio_x.identity() && plan_.ratio_y.identity()) {
    gather(tx, ty, out.image);
  } else {
    const raster::Span sx = raster::source_span(tx, plan_.ratio_x, plan_.source_width);
    const raster::Span sy = raster::source_span(ty, plan_.ratio_y, plan_.source_height);
    gather(sx, sy, source_);
    resampler_.run(source_.view(), sx, sy, plan_.source_width, plan_.source_height, tx, ty, out.image);
  }
  pad(out.image, plan_.x.size, plan_.y.size);
  const std::vector<std::uint8_t>& valid = out.image.valid;
  out.any_valid = std::any_of(valid.begin(), valid.end(), [](std::uint8_t v) { return v != 0; });
  out.valid.clear();
  if (std::memchr(valid.data(), 0, valid.size()) != nullptr) out.valid = valid;
  let_go(window);
  return {};
}

void BlockStore::let_go(std::int64_t window) {
  const ScanPlan::Step s = plan_.step(window);
  raster::Span across = plan_.blocks_across(s.a);
  raster::Span along = plan_.blocks_along(s.b);
  if (s.a + 1 < plan_.across().count()) across.end = std::min(across.end, plan_.blocks_across(s.a + 1).begin);
  if (s.b + 1 < plan_.along().count()) along.end = std::min(along.end, plan_.blocks_along(s.b + 1).begin);
  for (std::int64_t r = along.begin; r < along.end; ++r) {
    for (std::int64_t c = across.begin; c < across.end; ++c) slots_.erase(plan_.index(plan_.block(c, r)));
  }
}

}  // namespace fair::pipeline
