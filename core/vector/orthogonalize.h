// Right angles for outlines that nearly have them.
#pragma once

#include <optional>

#include "core/vector/geometry.h"

namespace fair::vector {

struct OrthogonalizeOptions {
  double max_angle_change = 15.0;  ///< degrees a side may turn
  double skew_tolerance = 15.0;    ///< degrees off 90 that a corner may have and still be squared
  double max_shift = 1.0;          ///< metres a corner may move
};

/// Main direction of a ring in metres, radians in [0, pi/2): the mean of its sides' directions modulo a right angle, weighted by length.
[[nodiscard]] double main_direction(const Ring& ring);

/// The ring in metres with its sides turned to `direction` or across it where the options let it; nothing where that would move a
/// corner too far or lose the ring. `trace` is the outline before simplification: sides are fitted to the part of it they stand for;
/// `places[i]` is where corner i of `ring` stands in it.
[[nodiscard]] std::optional<Ring> orthogonalize(const Ring& ring, const Ring& trace, const std::vector<std::size_t>& places, double direction,
                                                const OrthogonalizeOptions& options);

}  // namespace fair::vector
