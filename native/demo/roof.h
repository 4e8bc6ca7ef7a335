// A roof as it looks from straight above.
#pragma once

#include "native/demo/plan.h"
#include "native/draw/canvas.h"

namespace fair::demo {

/// Paints the building's footprint: slopes lit by the sun, sheets with their seams, flat roofs with a parapet and what stands on them.
void paint_roof(draw::Canvas& canvas, const Plan& plan, const Building& building, std::uint64_t number);

}  // namespace fair::demo
