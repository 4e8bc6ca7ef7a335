// The Trainer on LibTorch. Linked by libfair_train alone.
#pragma once

#include <memory>

#include "native/train/trainer.h"

namespace fair::train {

[[nodiscard]] std::unique_ptr<Trainer> make_torch_trainer();

}  // namespace fair::train
