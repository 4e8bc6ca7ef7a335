// Any bytes as a file of torch.save: zip archive or the format before it. What is read lies within its own size.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "native/weights/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto state = fair::weights::parse_state_dict(std::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!state) return 0;
  for (const auto& t : state->tensors) {
    if (t.raw.size() != static_cast<std::size_t>(t.elements()) * fair::onnx::size_of(t.type)) __builtin_trap();
  }
  return 0;
}
