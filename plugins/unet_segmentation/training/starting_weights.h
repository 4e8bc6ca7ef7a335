// What the plugin's networks start from where that is not drawn at random.
#pragma once

#include <string_view>

namespace fair::unet_segmentation {

/// By model id: a safetensors file's bytes, its tensors named as the graph's weights (../pretraining/README.md tells where they come from). Empty for
/// models that start from random weights. The bytes are part of the program.
[[nodiscard]] std::string_view starting_weights(std::string_view model);

}  // namespace fair::unet_segmentation
