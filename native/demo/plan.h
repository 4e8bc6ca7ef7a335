// What stands where in a town.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vector/geometry.h"
#include "native/demo/street_grid.h"
#include "native/draw/colour.h"

namespace fair::demo {

enum class Quarter : std::uint8_t { houses, old_town, huts, works, park, field };
enum class Roof : std::uint8_t { gable, hip, flat, sheet };
enum class Ground : std::uint8_t { grass, soil, paving };

/// Lengths and places in pixels of the picture.
struct Building {
  vector::Polygon footprint;
  Roof roof = Roof::gable;
  draw::Colour colour;
  double height = 0;
  vector::Point axis;  ///< of its longer side
};
struct Yard {
  vector::Polygon outline;
  Ground ground = Ground::grass;
};
struct Tree {
  vector::Point at;
  double radius = 0, height = 0;
  draw::Colour colour;
};
struct Car {
  vector::Point at, axis;
  draw::Colour colour;
};

struct Plan {
  std::int32_t width = 0, height = 0;
  std::uint64_t seed = 0;
  StreetGrid streets;
  vector::Point shadow;           ///< where the shadow of a thing one pixel high ends
  std::vector<Quarter> quarters;  ///< of streets.blocks()
  std::vector<Yard> yards;
  std::vector<Building> buildings;  ///< none meets another, a street or the picture's edge
  std::vector<Tree> trees;
  std::vector<Car> cars;
};

/// The same plan for the same seed and size on every machine.
[[nodiscard]] Plan make_plan(std::uint64_t seed, std::int32_t width, std::int32_t height);

}  // namespace fair::demo
