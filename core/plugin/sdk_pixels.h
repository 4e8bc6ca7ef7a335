// For plugins: windows of pixels -> the model's input, as the item's scaling says. Header-only.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/plugin/sdk_model.h"

namespace fair::sdk {

/// One table a band from pixel value to input value: what `preprocess` does for every model whose input is scaled pixels.
class PixelScaler {
 public:
  /// Throws std::invalid_argument where the model takes anything but float32.
  explicit PixelScaler(const Model::Input& input) : layout_(input.layout) {
    if (input.data_type != "float32") throw std::invalid_argument("input data_type is " + input.data_type + ", this plugin gives float32");
    const auto channels = static_cast<std::size_t>(input.channels);
    for (std::size_t c = 0; c < channels; ++c) {
      source_.push_back(c < input.bands.size() ? channel_of(input.bands[c], c) : c);
      const std::size_t s = input.scale.size() == 1 ? 0 : c;
      const std::size_t o = input.offset.size() == 1 ? 0 : c;
      std::array<float, 256> values{};
      for (std::size_t v = 0; v < 256; ++v) {
        const double clipped = std::min(std::max(static_cast<double>(v), bound(input.low, c, -1e300)), bound(input.high, c, 1e300));
        values[v] = static_cast<float>(clipped * input.scale[s] + input.offset[o]);
      }
      scaled_.push_back(values);
    }
  }

  /// Fills `input`, whose memory is as large as the windows' pixels times the bands. Throws std::invalid_argument where imagery lacks a band.
  void fill(std::span<const fair_image> windows, const fair_tensor& input) const {
    auto* out = static_cast<float*>(input.data);
    const std::size_t channels = source_.size();
    for (const fair_image& window : windows) {
      const std::size_t pixels = static_cast<std::size_t>(window.width) * static_cast<std::size_t>(window.height);
      for (std::size_t c = 0; c < channels; ++c) {
        if (source_[c] >= static_cast<std::size_t>(window.channels)) {
          throw std::invalid_argument("the model reads band " + std::to_string(source_[c] + 1) + ", the imagery has " +
                                      std::to_string(window.channels));
        }
        const bool planar = layout_ == Layout::nchw;
        float* to = planar ? out + c * pixels : out + c;
        const std::size_t step = planar ? 1 : channels;
        const std::array<float, 256>& scaled = scaled_[c];
        for (std::int32_t y = 0; y < window.height; ++y) {
          const std::uint8_t* from = window.data + y * window.row_bytes + source_[c];
          for (std::int32_t x = 0; x < window.width; ++x, to += step, from += window.channels) *to = scaled[*from];
        }
      }
      out += pixels * channels;
    }
  }

 private:
  static std::size_t channel_of(const std::string& band, std::size_t position) {
    if (band == "red" || band == "r" || band == "R") return 0;
    if (band == "green" || band == "g" || band == "G") return 1;
    if (band == "blue" || band == "b" || band == "B") return 2;
    return position;
  }
  /// One channel's clipping bound; `none` where there is none.
  static double bound(const std::vector<double>& bounds, std::size_t channel, double none) {
    return bounds.empty() ? none : bounds[bounds.size() == 1 ? 0 : channel];
  }

  Layout layout_;
  std::vector<std::size_t> source_;             ///< image channel of each input band
  std::vector<std::array<float, 256>> scaled_;  ///< pixel value -> input value, a band
};

}  // namespace fair::sdk
