// Writing to a catalogue that others write to as well.
#pragma once

#include "core/base/error.h"

namespace fair::launch {

/// Another program may come between what was read and what is written: then once more from what it left.
template <class Put>
auto retried(Put put) -> decltype(put()) {
  for (int attempt = 1;; ++attempt) {
    auto outcome = put();
    if (outcome || outcome.error().code != Code::conflict || attempt == 3) return outcome;
  }
}

}  // namespace fair::launch
