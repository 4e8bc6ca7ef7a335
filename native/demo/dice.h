// Draws in order from numbered streams: the same on every machine, and one thing's draws do not disturb another's.
#pragma once

#include <cstdint>
#include <string_view>

#include "native/onnx/counter_random.h"

namespace fair::demo {

class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view name, std::uint64_t number = 0) : random_(seed, onnx::CounterRandom::stream_of(name) + number) {}

  /// In [0, 1).
  double share() { return random_.uniform(next_++); }
  /// In [from, to).
  double between(double from, double to) { return from + (to - from) * share(); }
  /// 0 … n-1.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(next_++, n)); }
  bool chance(double probability) { return share() < probability; }
  std::uint64_t bits() { return random_.bits(next_++); }

 private:
  onnx::CounterRandom random_;
  std::uint64_t next_ = 0;
};

}  // namespace fair::demo
