// How training went, as a picture that any browser shows.
#pragma once

#include <string>

#include "core/base/json.h"

namespace fair::draw {

/// An SVG: losses of both parts by epoch on the left axis, the mean IoU of the validation part on the right one. `history` is a training's:
/// {epochs, train_loss[], val_loss[], metrics[{fair:mean_iou}]}; what it lacks is left out.
[[nodiscard]] std::string training_curve(const std::string& title, const Json& history);

}  // namespace fair::draw
