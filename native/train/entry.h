// The one symbol of libfair_train, and the number that says both sides were built from the same headers.
#pragma once

#include <cstdint>

#include "native/train/trainer.h"

namespace fair::train {

/// Changes whenever trainer.h does.
constexpr std::uint32_t trainer_interface = 4;
constexpr const char* trainer_symbol = "fair_train_open";
/// A new Trainer, or null where `wanted` is not the interface the library was built with.
using OpenTrainer = Trainer* (*)(std::uint32_t wanted);

}  // namespace fair::train
