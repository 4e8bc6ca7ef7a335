#include "plugins/unet_segmentation/training/starting_weights.h"

// The file as it is: through the assembler, as compilers do not have #embed yet. FAIR_UNET_SMALL_WEIGHTS is its path.
asm(".section .rodata\n"
    ".global fair_unet_small_weights, fair_unet_small_weights_end\n"
    ".hidden fair_unet_small_weights, fair_unet_small_weights_end\n"
    "fair_unet_small_weights:\n"
    ".incbin \"" FAIR_UNET_SMALL_WEIGHTS
    "\"\n"
    "fair_unet_small_weights_end:\n"
    ".previous\n");

extern "C" const char fair_unet_small_weights[];
extern "C" const char fair_unet_small_weights_end[];

namespace fair::unet_segmentation {

std::string_view starting_weights(std::string_view model) {
  if (model != "unet-segmentation-small") return {};
  return {fair_unet_small_weights, static_cast<std::size_t>(fair_unet_small_weights_end - fair_unet_small_weights)};
}

}  // namespace fair::unet_segmentation
