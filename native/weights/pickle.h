// A reader of Python pickles, protocols 0 to 5, that executes nothing (https://docs.python.org/3/library/pickletools.html lists the opcodes).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "native/weights/value.h"

namespace fair::weights {

/// Reads one pickle that begins at `at`. Globals, REDUCE and BUILD become values that say what was asked for; only what torch.save writes around
/// tensors is understood (torch_object.h). Memory grows with the pickle's length alone, up to 4 million values. Throws Refused, with the offset.
[[nodiscard]] Pickled read_pickle(std::string_view bytes, std::size_t at, const std::string& thing);

}  // namespace fair::weights
