#include "native/io/content_hash.h"

#include <cstring>

namespace fair::io {
namespace {

constexpr std::uint64_t kOdd[4] = {0x9E3779B97F4A7C15ULL, 0xD1B54A32D192ED03ULL, 0x8CB92BA72F3D8DD7ULL, 0xAEF17502108EF2D9ULL};

std::uint64_t mix(std::uint64_t state, std::uint64_t word, std::uint64_t odd) {
  state = (state ^ word) * odd;
  return state ^ (state >> 29U);
}

}  // namespace

std::uint64_t content_hash(const void* data, std::size_t size, std::uint64_t seed) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  // Four independent lanes keep the multiplier busy.
  std::uint64_t lane[4] = {seed ^ kOdd[3], seed + kOdd[0], seed ^ kOdd[1], seed + kOdd[2]};
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, bytes + at, 32);
    for (int i = 0; i < 4; ++i) lane[i] = mix(lane[i], words[i], kOdd[i]);
  }
  std::uint64_t hash = size;
  for (int i = 0; i < 4; ++i) hash = mix(hash, lane[i], kOdd[i]);
  for (; at < size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
    hash = mix(hash, word, kOdd[at / 8 % 4]);
  }
  hash ^= hash >> 32U;
  hash *= kOdd[0];
  return hash ^ (hash >> 29U);
}

}  // namespace fair::io
