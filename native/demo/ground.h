// What lies between the houses: grass, soil, fields, streets.
#pragma once

#include "native/demo/plan.h"
#include "native/draw/canvas.h"

namespace fair::demo {

/// Paints every pixel, then the yards.
void paint_ground(draw::Canvas& canvas, const Plan& plan);

}  // namespace fair::demo
