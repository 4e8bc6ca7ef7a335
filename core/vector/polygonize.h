// Class mask -> shapes, a strip of rows at a time; what comes out does not depend on how the mask was cut into strips.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/vector/geometry.h"

namespace fair::vector {

/// Which pixels of one value belong together: those that share a side, or those that share a corner too.
enum class Connectivity { four = 4, eight = 8 };

struct PolygonizeOptions {
  std::int32_t width = 0;  ///< pixels a row
  Connectivity connectivity = Connectivity::four;
  std::int64_t min_pixels = 0;  ///< smaller shapes are dropped before their rings are built
};

/// Streaming: memory grows with the width and the shapes still open, not with the height.
/// Value 0 is background and makes no shapes; two touching values make two shapes that share their border's corners.
class Polygonizer {
 public:
  using Sink = std::function<void(Shape&&)>;
  /// `sink` gets the shapes in the row-major order of their last pixels.
  Polygonizer(const PolygonizeOptions& options, Sink sink);
  ~Polygonizer();
  Polygonizer(Polygonizer&&) noexcept;
  Polygonizer& operator=(Polygonizer&&) noexcept;

  /// Adds `rows` rows of `width` class values. `scores`, if given, are the values' scores in 1/65535 and are summed per shape.
  void push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores = nullptr);
  /// Ends the mask: emits what is open.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fair::vector
