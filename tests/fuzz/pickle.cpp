// Any bytes as a pickle, and the search for weights in what it says: no checksum stands before them here.
#include "native/weights/pickle.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "native/weights/refused.h"
#include "native/weights/search.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string thing = "input";
  try {
    const auto pickle = fair::weights::read_pickle(std::string_view(reinterpret_cast<const char*>(data), size), 0, thing);
    for (const auto& candidate : fair::weights::find_states(pickle, thing)) {
      for (const auto& entry : candidate.tensors) {
        if (pickle.at(entry.tensor).kind != fair::weights::Kind::tensor) __builtin_trap();
      }
    }
  } catch (const fair::weights::Refused&) {
  }
  return 0;
}
