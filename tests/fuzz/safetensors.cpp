// Any bytes as a safetensors file.
#include "native/weights/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!fair::weights::looks_like_safetensors(bytes)) return 0;
  const auto state = fair::weights::parse_safetensors(bytes, "input");
  if (!state) return 0;
  for (const auto& t : state->tensors) {
    if (t.raw.size() != static_cast<std::size_t>(t.elements()) * fair::onnx::size_of(t.type)) __builtin_trap();
  }
  return 0;
}
