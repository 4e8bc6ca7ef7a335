// What a border output learns: the rim of every thing.
#pragma once

#include <cstdint>
#include <vector>

namespace fair::train {

/// Targets of a pixel of a thing. Outside things borders mean nothing.
enum BorderTarget : std::uint8_t {
  inside_target = 0,
  rim_target = 1,       ///< the background is near
  touching_target = 2,  ///< another thing touches near here: where one must be told from the other
  no_border_target = 255
};

/// A BorderTarget of every pixel; near is within `radius` pixels. `things`: width x height numbers, 0 = none.
[[nodiscard]] std::vector<std::uint8_t> border_target(const std::uint16_t* things, std::int32_t width, std::int32_t height, double radius);

}  // namespace fair::train
