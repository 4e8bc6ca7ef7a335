#include "core/vector/polygonize.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "core/vector/detail/boundary.h"
#include "core/vector/detail/components.h"
#include "core/vector/detail/shape_rings.h"

namespace fair::vector {
namespace {

constexpr std::int32_t end_of_row = std::numeric_limits<std::int32_t>::max() - 1;  // one can be added

/// Which of eight bytes at `a` differ from those at `b`: bit k for byte k.
std::uint64_t unequal_bytes(const std::uint8_t* a, const std::uint8_t* b) {
  static_assert(std::endian::native == std::endian::little, "byte k is taken to lie k bytes up");
  std::uint64_t here;
  std::uint64_t there;
  std::memcpy(&here, a, 8);
  std::memcpy(&there, b, 8);
  constexpr std::uint64_t low = 0x7f7f7f7f7f7f7f7f;
  const std::uint64_t bytes = here ^ there;
  const std::uint64_t highest = (((bytes & low) + low) | bytes) & ~low;  // the highest bit of each byte that is not 0
  return ((highest >> 7) * 0x0102040810204080) >> 56;                    // the product brings the eight bits together
}

/// Where a row's value changes. Entry i stands at pixel border x[i]; value[i] is what lies right of it, up to x[i + 1].
struct Row {
  std::vector<std::int32_t> x;
  std::vector<std::uint8_t> value;
  std::vector<Components::Label> label;     ///< of the run right of x[i]; none for background
  std::vector<Boundary::Index> head, tail;  ///< the vertical border at x[i]: the left run's chain end going down, the right run's coming up
  std::int32_t size = 0;                    ///< without the sentinel

  explicit Row(std::int32_t width) {
    const auto n = static_cast<std::size_t>(width) + 2;
    x.resize(n);
    value.resize(n);
    label.resize(n);
    head.resize(n);
    tail.resize(n);
    x[0] = end_of_row;
  }

  /// Finds the changes, 64 pixels at a look.
  void scan(const std::uint8_t* row, std::int32_t width) {
    std::int32_t n = 0;
    if (row[0] != 0) put(n, 0, row[0]);
    std::int32_t i = 1;
    for (; i + 64 <= width; i += 64) {
      std::uint64_t changes = 0;
      for (int k = 0; k < 64; k += 8) changes |= unequal_bytes(row + i + k, row + i + k - 1) << k;
      for (; changes != 0; changes &= changes - 1) {
        const std::int32_t at = i + std::countr_zero(changes);
        put(n, at, row[at]);
      }
    }
    for (; i < width; ++i) {
      if (row[i] != row[i - 1]) put(n, i, row[i]);
    }
    if (row[width - 1] != 0) put(n, width, 0);
    x[static_cast<std::size_t>(n)] = end_of_row;
    size = n;
  }

 private:
  void put(std::int32_t& n, std::int32_t at, std::uint8_t v) {
    x[static_cast<std::size_t>(n)] = at;
    value[static_cast<std::size_t>(n)] = v;
    ++n;
  }
};

std::int64_t sum(const std::uint16_t* scores, std::int32_t count) {
  std::int64_t total = 0;
  for (std::int32_t i = 0; i < count; ++i) total += scores[i];
  return total;
}

}  // namespace

struct Polygonizer::State {
  PolygonizeOptions options;
  Sink sink;
  Row above, here;
  std::int32_t y = 0;  ///< row that `here` holds; its upper border is the line y
  bool finished = false;
  Boundary boundary;
  Components components;
  ShapeRings rings;

  State(const PolygonizeOptions& o, Sink s) : options(o), sink(std::move(s)), above(o.width), here(o.width) {}

  void add_row(const std::uint8_t* mask, const std::uint16_t* scores) {
    here.scan(mask, options.width);
    label_runs(scores);
    trace_line();
    emit_finished();
    std::swap(above, here);
    ++y;
  }

  /// Gives every run of the row a label: that of the runs above it that it touches, or a new one.
  void label_runs(const std::uint16_t* scores) {
    const std::int32_t reach = options.connectivity == Connectivity::eight ? 1 : 0;
    std::size_t i = 0;
    for (std::int32_t j = 0; j < here.size; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const std::uint8_t value = here.value[at];
      here.label[at] = Components::none;
      if (value == 0) continue;
      const std::int32_t x0 = here.x[at];
      const std::int32_t x1 = here.x[at + 1];
      Components::Label label = Components::none;
      while (above.x[i] != end_of_row && above.x[i + 1] + reach <= x0) ++i;
      for (std::size_t k = i; above.x[k] < end_of_row && above.x[k] < x1 + reach; ++k) {
        if (above.value[k] != value) continue;
        const Components::Label other = above.label[k];
        const bool shares_side = above.x[k] < x1 && above.x[k + 1] > x0;
        if (label == Components::none && shares_side) {
          label = other;
          continue;
        }
        if (label == Components::none) {
          label = components.add(value, x0, y);
          components.unite(label, other);
          continue;
        }
        components.unite(label, other);
        if (reach != 0 && shares_side) components.unite_parts(label, other);
      }
      if (label == Components::none) label = components.add(value, x0, y);
      here.label[at] = label;
      Components::Shape& shape = components[components.find(label)];
      shape.pixels += x1 - x0;
      shape.last_row = y;
      shape.last_run = j;
      if (scores != nullptr) shape.confidence += sum(scores + x0, x1 - x0);
    }
  }

  /// Walks the line between the row above and this one from corner to corner and carries every chain across it.
  void trace_line() {
    using Index = Boundary::Index;
    std::size_t i = 0;
    std::size_t j = 0;
    std::uint8_t nw = 0;  // the four pixels around a corner, by where they lie
    std::uint8_t sw = 0;
    Index across_tail = Boundary::none;  // of the horizontal border being walked: the upper shape's chain …
    Index across_head = Boundary::none;  // … and the lower shape's
    for (;;) {
      const std::int32_t up_x = above.x[i];
      const std::int32_t down_x = here.x[j];
      const std::int32_t x = std::min(up_x, down_x);
      if (x == end_of_row) break;
      const bool north = up_x == x;
      const bool south = down_x == x;
      const std::uint8_t ne = north ? above.value[i] : nw;
      const std::uint8_t se = south ? here.value[j] : sw;
      if (nw == sw && ne == se) {  // a side that goes straight down
        here.head[j] = above.head[i];
        here.tail[j] = above.tail[i];
      } else {
        const bool west = nw != sw;
        const bool east = ne != se;
        const bool junction = static_cast<int>(north) + static_cast<int>(south) + static_cast<int>(west) + static_cast<int>(east) > 2;
        const Index north_head = north ? above.head[i] : Boundary::none;
        const Index north_tail = north ? above.tail[i] : Boundary::none;
        const Index west_head = across_head;
        const Index west_tail = across_tail;
        // A chain that arrives turns right around its own pixels as far as they reach, and departs there.
        if (north && nw != 0) {
          if (west) close(north_head, west_tail, x, junction, above.label[i - 1]);
          else if (south) extend(north_head, x, junction, here.head[j]);
          else extend(north_head, x, junction, across_head);
        }
        if (west && sw != 0) {
          if (south) extend(west_head, x, junction, here.head[j]);
          else if (east) extend(west_head, x, junction, across_head);
          else close(west_head, north_tail, x, junction, above.label[i]);
        }
        if (south && se != 0) {
          if (east) boundary.start(x, y, junction, here.tail[j], across_head);
          else if (north) precede(north_tail, x, junction, here.tail[j]);
          else precede(west_tail, x, junction, here.tail[j]);
        }
        if (east && ne != 0) {
          if (north) precede(north_tail, x, junction, across_tail);
          else if (west) precede(west_tail, x, junction, across_tail);
          else boundary.start(x, y, junction, across_tail, here.head[j]);
        }
      }
      nw = ne;
      sw = se;
      i += north ? 1 : 0;
      j += south ? 1 : 0;
    }
  }

  void extend(Boundary::Index head, std::int32_t x, bool junction, Boundary::Index& to) {
    boundary.append(head, x, y, junction);
    to = head;
  }
  void precede(Boundary::Index tail, std::int32_t x, bool junction, Boundary::Index& to) {
    boundary.prepend(tail, x, y, junction);
    to = tail;
  }
  void close(Boundary::Index head, Boundary::Index tail, std::int32_t x, bool junction, Components::Label label) {
    const Boundary::Index ring = boundary.join(head, tail, x, y, junction);
    if (ring != Boundary::none) components.add_ring(label, ring);
  }

  /// Shapes of the row above that this row does not go on with, in the order of their last pixels.
  void emit_finished() {
    for (std::int32_t i = 0; i < above.size; ++i) {
      const Components::Label label = above.label[static_cast<std::size_t>(i)];
      if (label == Components::none) continue;
      const Components::Label root = components.find(label);
      const Components::Shape& shape = components[root];
      if (shape.last_row == y || shape.last_run != i) continue;
      if (shape.pixels >= options.min_pixels) sink(std::move(rings.build(root, components, boundary)));
      for (std::int32_t r = shape.rings; r != Components::none; r = components.ring(r).next) boundary.free_ring(components.ring(r).node);
      components.free(root);
    }
  }
};

Polygonizer::Polygonizer(const PolygonizeOptions& options, Sink sink) : state_(std::make_unique<State>(options, std::move(sink))) {}
Polygonizer::~Polygonizer() = default;
Polygonizer::Polygonizer(Polygonizer&&) noexcept = default;
Polygonizer& Polygonizer::operator=(Polygonizer&&) noexcept = default;

void Polygonizer::push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores) {
  if (state_->options.width <= 0 || state_->finished) return;
  for (std::int32_t r = 0; r < rows; ++r) {
    const auto offset = static_cast<std::size_t>(r) * static_cast<std::size_t>(state_->options.width);
    state_->add_row(mask + offset, scores != nullptr ? scores + offset : nullptr);
  }
}

void Polygonizer::finish() {
  if (state_->options.width <= 0 || state_->finished) return;
  const std::vector<std::uint8_t> background(static_cast<std::size_t>(state_->options.width), 0);
  state_->add_row(background.data(), nullptr);
  state_->finished = true;
}

}  // namespace fair::vector
