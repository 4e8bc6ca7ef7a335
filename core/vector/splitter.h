// Things that touch, taken apart: a stage between the class mask and its polygons.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/vector/watershed.h"

namespace fair::vector {

struct SplitOptions {
  std::int32_t width = 0;          ///< pixels a row
  std::int32_t max_value = 1;      ///< the largest class value in the mask
  bool transposed = false;         ///< rows pushed are the mask's columns; the same things come out
  std::int32_t max_extent = 2048;  ///< shapes wider or higher than that stay whole, in pixels: what has to be held is bounded
  WatershedOptions watershed;
};

/// Holds the rows that open shapes reach into; each closed shape is flooded from the peaks of score x (1 - border), and its things get values that
/// differ where they touch ("codes"), so that polygons end between them. What comes out does not depend on how the mask was cut into strips.
class Splitter {
 public:
  /// Gets rows of codes and scores, in order.
  using Sink = std::function<void(const std::uint8_t* codes, std::int32_t rows, const std::uint16_t* scores)>;
  Splitter(const SplitOptions& options, Sink sink);
  ~Splitter();
  Splitter(Splitter&&) noexcept;
  Splitter& operator=(Splitter&&) noexcept;

  /// `rows` rows of class values, their scores and how likely each pixel lies between two things, both in 1/65535.
  void push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores, const std::uint16_t* borders);
  void finish();
  /// The class value that a code stands for.
  [[nodiscard]] std::uint8_t value_of(std::uint8_t code) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fair::vector
