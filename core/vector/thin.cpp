#include "core/vector/detail/thin.h"

#include <array>

namespace fair::vector {
namespace {

/// Neighbours of a pixel as bits, clockwise from the one above.
enum : unsigned { n = 1U, ne = 2U, e = 4U, se = 8U, s = 16U, sw = 32U, w = 64U, nw = 128U };

bool has(unsigned around, unsigned any_of) { return (around & any_of) != 0; }

/// How many 8-connected pieces of neighbours the pixel holds together, where it has background beside it.
int pieces(unsigned a) {
  return static_cast<int>(!has(a, n) && has(a, ne | e)) + static_cast<int>(!has(a, e) && has(a, se | s)) +
         static_cast<int>(!has(a, s) && has(a, sw | w)) + static_cast<int>(!has(a, w) && has(a, nw | n));
}

/// Guo and Hall's condition for a pass; the passes look from opposite corners.
bool removable(unsigned a, int pass) {
  if (pieces(a) != 1) return false;
  const int one =
      static_cast<int>(has(a, nw | n)) + static_cast<int>(has(a, ne | e)) + static_cast<int>(has(a, se | s)) + static_cast<int>(has(a, sw | w));
  const int two =
      static_cast<int>(has(a, n | ne)) + static_cast<int>(has(a, e | se)) + static_cast<int>(has(a, s | sw)) + static_cast<int>(has(a, w | nw));
  const int fewest = one < two ? one : two;
  if (fewest < 2 || fewest > 3) return false;
  return pass == 0 ? !((has(a, n | ne) || !has(a, se)) && has(a, e)) : !((has(a, s | sw) || !has(a, nw)) && has(a, w));
}

std::array<std::array<bool, 256>, 2> make_table() {
  std::array<std::array<bool, 256>, 2> table{};
  for (unsigned a = 0; a < 256; ++a) {
    for (int pass = 0; pass < 2; ++pass) table[static_cast<std::size_t>(pass)][a] = removable(a, pass);
  }
  return table;
}

/// Which pixels are still there, and which wait in the border.
class Remains {
 public:
  explicit Remains(const PixelRows& rows) : rows_(rows), state_(rows.size(), there) {}

  [[nodiscard]] unsigned around(std::int32_t x, std::int32_t y) const {
    const unsigned above = three(x, y - 1);
    const unsigned below = three(x, y + 1);
    const unsigned beside = three(x, y);
    return (has(above, 2U) ? n : 0U) | (has(above, 4U) ? ne : 0U) | (has(beside, 4U) ? e : 0U) | (has(below, 4U) ? se : 0U) |
           (has(below, 2U) ? s : 0U) | (has(below, 1U) ? sw : 0U) | (has(beside, 1U) ? w : 0U) | (has(above, 1U) ? nw : 0U);
  }
  [[nodiscard]] bool at(Pixel p) const { return (state_[rows_.find(p.x, p.y)] & there) != 0; }
  void remove(Pixel p) { state_[rows_.find(p.x, p.y)] = 0; }
  /// Puts a pixel that is there into `border` unless it is already.
  void wait(std::int32_t x, std::int32_t y, std::vector<Pixel>& border) {
    const std::size_t at = rows_.find(x, y);
    if (at == PixelRows::none || state_[at] != there) return;
    state_[at] |= waiting;
    border.push_back({x, y});
  }

 private:
  static constexpr std::uint8_t there = 1, waiting = 2;

  /// The pixels at x - 1, x and x + 1 of a row as bits 1, 2 and 4.
  [[nodiscard]] unsigned three(std::int32_t x, std::int32_t y) const {
    if (!rows_.has_row(y)) return 0;
    unsigned bits = 0;
    const PixelRows::Span* const end = rows_.end(y);
    for (const PixelRows::Span* span = rows_.span_past(x - 1, y); span != end && span->x0 <= x + 1; ++span) {
      const std::int32_t from = std::max(span->x0, x - 1);
      const std::int32_t to = std::min(span->x1, x + 2);
      for (std::int32_t at = from; at < to; ++at) {
        if ((state_[span->first + static_cast<std::size_t>(at - span->x0)] & there) != 0) bits |= 1U << static_cast<unsigned>(at - x + 1);
      }
    }
    return bits;
  }

  const PixelRows& rows_;
  std::vector<std::uint8_t> state_;
};

template <class Visit>
void each_pixel(const PixelRows& rows, Visit visit) {
  for (std::int32_t y = rows.top(); y < rows.top() + rows.rows(); ++y) {
    for (const PixelRows::Span* span = rows.begin(y); span != rows.end(y); ++span) {
      for (std::int32_t x = span->x0; x < span->x1; ++x) visit(x, y);
    }
  }
}

}  // namespace

std::vector<Pixel> thin(const PixelRows& rows) {
  static const auto table = make_table();
  Remains remains(rows);
  std::vector<Pixel> border;
  each_pixel(rows, [&](std::int32_t x, std::int32_t y) {
    if (remains.around(x, y) != 255U) remains.wait(x, y, border);
  });
  std::vector<Pixel> off;
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& pass : table) {
      off.clear();
      for (const Pixel p : border) {
        if (pass[remains.around(p.x, p.y)]) off.push_back(p);
      }
      for (const Pixel p : off) remains.remove(p);
      border.erase(std::remove_if(border.begin(), border.end(), [&](Pixel p) { return !remains.at(p); }), border.end());
      for (const Pixel p : off) {
        for (std::int32_t dy = -1; dy <= 1; ++dy) {
          for (std::int32_t dx = -1; dx <= 1; ++dx) remains.wait(p.x + dx, p.y + dy, border);
        }
      }
      changed = changed || !off.empty();
    }
  }
  std::vector<Pixel> left;
  each_pixel(rows, [&](std::int32_t x, std::int32_t y) {
    if (remains.at({x, y})) left.push_back({x, y});
  });
  for (const Pixel p : left) {
    const unsigned around = remains.around(p.x, p.y);
    const bool end_of_line = (around & (around - 1U)) == 0;
    if (!end_of_line && pieces(around) == 1) remains.remove(p);
  }
  left.erase(std::remove_if(left.begin(), left.end(), [&](Pixel p) { return !remains.at(p); }), left.end());
  return left;
}

}  // namespace fair::vector
