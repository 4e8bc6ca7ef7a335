// Writing to a catalogue that others write to as well.
#pragma once

#include "core/base/error.h"
#include "core/stac/item.h"

namespace fair::launch {

/// Another program may come between what was read and what is written: then once more from what it left.
template <class Put>
Result<stac::Item> retried(Put put) {
  for (int attempt = 1;; ++attempt) {
    Result<stac::Item> item = put();
    if (item || item.error().code != Code::conflict || attempt == 3) return item;
  }
}

}  // namespace fair::launch
