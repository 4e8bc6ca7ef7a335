// memcpy, memmove and memset by WebAssembly's bulk instructions. Emscripten's own go byte by byte in a build for size: whatever copies an image, a
// mask or features would wait for them. Plugins import these from the main module too.
#include <cstddef>

namespace {

// For less an engine's call of its own for a bulk instruction is not worth it.
constexpr std::size_t few = 16;

}  // namespace

extern "C" {

void* memmove(void* to, const void* from, std::size_t bytes) { return __builtin_memmove(to, from, bytes); }

void* memcpy(void* to, const void* from, std::size_t bytes) {
  if (bytes > few) return __builtin_memmove(to, from, bytes);
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  for (const unsigned char* end = in + bytes; in != end;) *out++ = *in++;
  return to;
}

void* memset(void* to, int value, std::size_t bytes) { return __builtin_memset(to, value, bytes); }
}
