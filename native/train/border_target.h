// What a border output learns: the rim of every thing.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::train {

constexpr std::uint8_t no_border_target = 255;

/// 1 for pixels of a thing that lie within `radius` pixels of another thing or of the background, 0 for its inside, and no_border_target outside
/// things, where borders mean nothing. `things`: width x height numbers, 0 = none.
[[nodiscard]] std::vector<std::uint8_t> border_target(const std::uint16_t* things, std::int32_t width, std::int32_t height, double radius);

}  // namespace fair::train
