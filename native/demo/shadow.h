// Where the sun does not reach.
#pragma once

#include <cstdint>
#include <vector>

#include "native/demo/plan.h"
#include "native/draw/canvas.h"

namespace fair::demo {

/// Darkens the ground behind buildings and trees. Roofs are painted afterwards: none lies in another's shadow.
void paint_shadows(draw::Canvas& canvas, const Plan& plan);

}  // namespace fair::demo
