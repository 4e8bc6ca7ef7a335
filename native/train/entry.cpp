#include "native/train/entry.h"

#include "native/train/torch_trainer.h"

extern "C" __attribute__((visibility("default"))) fair::train::Trainer* fair_train_open(std::uint32_t wanted) {
  if (wanted != fair::train::trainer_interface) return nullptr;
  return fair::train::make_torch_trainer().release();
}
