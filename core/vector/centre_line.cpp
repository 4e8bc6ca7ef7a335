#include "core/vector/centre_line.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/vector/detail/line_graph.h"
#include "core/vector/detail/pixel_rows.h"
#include "core/vector/detail/thin.h"

namespace fair::vector {
namespace {

/// A shape shorter than so many widths has no direction.
constexpr double shortest = 1.5;
/// A ragged border moves the middle by so much of the half width without the road turning.
constexpr double wobble = 0.3;

Point centre(Pixel p) { return {p.x + 0.5, p.y + 0.5}; }

double length_between(Point a, Point b) { return std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)); }

/// Holes of fewer pixels than a square of the shape's mean width are gaps in the mask, not something to go around.
std::int64_t smallest_hole(const Shape& shape) {
  std::int64_t around = 0;
  for (const auto& ring : shape.rings) {
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
      around += std::abs(ring[i].x - ring[j].x) + std::abs(ring[i].y - ring[j].y);
  }
  const double width = 2.0 * static_cast<double>(shape.pixels) / static_cast<double>(around);
  return static_cast<std::int64_t>(width * width);
}

/// Where the line that comes from `before` through `end` leaves the shape, no farther on than `most`.
Point leaves(const PixelRows& rows, Point before, Point end, double most) {
  const double length = length_between(before, end);
  if (!(length > 0)) return end;
  const double dx = (end.x - before.x) / length;
  const double dy = (end.y - before.y) / length;
  const auto inside = [&](double t) {
    const auto x = static_cast<std::int32_t>(std::floor(end.x + t * dx));
    const auto y = static_cast<std::int32_t>(std::floor(end.y + t * dy));
    return rows.find(x, y) != PixelRows::none;
  };
  double in = 0;
  double out = 0;
  while (out < most && inside(out)) in = out, out += 0.5;
  for (int i = 0; i < 8; ++i) {
    const double middle = (in + out) / 2;
    (inside(middle) ? in : out) = middle;
  }
  return {end.x + in * dx, end.y + in * dy};
}

class Drawing {
 public:
  explicit Drawing(const Shape& shape) : rows_(shape, smallest_hole(shape)), skeleton_(thin(rows_)), graph_(rows_, skeleton_) {
    for (const LineGraph::Chain& chain : graph_.chains()) {
      if (!chain.gone) chains_.push_back(&chain);
    }
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) crossings_.push_back(crossing(static_cast<std::int32_t>(i)));
  }

  [[nodiscard]] std::vector<CentreLine> lines(PixelSize pixel, double tolerance) const {
    std::vector<CentreLine> out;
    const std::vector<std::int64_t> pixels = nearest();
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      CentreLine line;
      const Widths half = widths(*chains_[i]);
      line.points = points_of(*chains_[i], half.mean);
      const double length = length_of(line.points);
      if (chains_.size() == 1 && is_stand_alone(*chains_[i]) && length < shortest * 2 * half.most) continue;
      line.first = first_of(*chains_[i]);
      line.share = static_cast<double>(pixels[i]) / static_cast<double>(rows_.size());
      const double step = std::max(pixel.across, pixel.down);
      line.points = simplify_line(line.points, pixel, std::max({tolerance, step, wobble * half.mean * step}));
      out.push_back(std::move(line));
    }
    std::sort(out.begin(), out.end(),
              [](const CentreLine& a, const CentreLine& b) { return a.first.y != b.first.y ? a.first.y < b.first.y : a.first.x < b.first.x; });
    return out;
  }

 private:
  [[nodiscard]] Pixel pixel(std::int32_t index) const { return skeleton_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool is_stand_alone(const LineGraph::Chain& chain) const {
    return chain.from != LineGraph::none && chain.from != chain.to && graph_.is_end(chain.from) && graph_.is_end(chain.to);
  }

  static double length_of(const std::vector<Point>& points) {
    double sum = 0;
    for (std::size_t i = 1; i < points.size(); ++i) sum += length_between(points[i - 1], points[i]);
    return sum;
  }

  struct Widths {
    double mean = 0, most = 0;  ///< half widths, pixels
  };
  [[nodiscard]] Widths widths(const LineGraph::Chain& chain) const {
    Widths out;
    for (const std::int32_t p : chain.pixels) {
      const double half = std::sqrt(static_cast<double>(rows_.clearance2(pixel(p).x, pixel(p).y))) - 0.5;
      out.mean += half / static_cast<double>(chain.pixels.size());
      out.most = std::max(out.most, half);
    }
    return out;
  }

  /// Its least pixel that no other chain has.
  [[nodiscard]] Pixel first_of(const LineGraph::Chain& chain) const {
    auto begin = chain.pixels.begin();
    auto end = chain.pixels.end();
    if (chain.from != LineGraph::none && chain.pixels.size() > 2) {
      if (!graph_.is_end(chain.from)) ++begin;
      if (!graph_.is_end(chain.to)) --end;
    }
    return pixel(*std::min_element(begin, end));
  }

  /// Where the lines of a junction would cross if they went on as they come from beyond its reach: thinning draws it towards what branches off.
  [[nodiscard]] Point crossing(std::int32_t index) const {
    const LineGraph::Node& node = graph_.node(index);
    const Point middle{node.x, node.y};
    // Least squares over the lines' distances, with a little pull to where the junction is.
    double xx = 0.05, xy = 0, yy = 0.05, x = 0, y = 0;
    const auto add = [&](auto begin, auto end) {
      const auto beyond = [&](double reach) {
        return [this, middle, reach](std::int32_t p) { return length_between(middle, centre(pixel(p))) >= reach; };
      };
      const auto near = std::find_if(begin, end, beyond(node.radius));
      if (near == end) return;
      const auto far = std::find_if(near, end, beyond(3 * node.radius + 2));
      const Point a = centre(pixel(*near));
      const Point b = centre(pixel(far == end ? *(end - 1) : *far));
      const double length = length_between(a, b);
      if (length < std::max(2.0, node.radius)) return;
      const double nx = (a.y - b.y) / length;
      const double ny = (b.x - a.x) / length;
      const double off = nx * (a.x - middle.x) + ny * (a.y - middle.y);
      xx += nx * nx, xy += nx * ny, yy += ny * ny, x += nx * off, y += ny * off;
    };
    for (const std::int32_t c : node.chains) {
      const LineGraph::Chain& chain = graph_.chains()[static_cast<std::size_t>(c)];
      if (chain.from == index) add(chain.pixels.begin(), chain.pixels.end());
      else add(chain.pixels.rbegin(), chain.pixels.rend());
    }
    const double det = xx * yy - xy * xy;
    const double dx = (x * yy - y * xy) / det;
    const double dy = (y * xx - x * xy) / det;
    return dx * dx + dy * dy > node.radius * node.radius ? middle : Point{middle.x + dx, middle.y + dy};
  }

  /// The last half width of a free end bends into a corner as often as not: the line goes on from before it, straight to the border.
  void end_at(double half, std::vector<Point>& points) const {
    const Point tip = points.back();
    while (points.size() > 2 && length_between(points.back(), tip) < half) points.pop_back();
    std::size_t back = points.size() - 1;
    const double reach = std::max(3.0, 2.0 * half);
    while (back > 0 && length_between(points[back], points.back()) < reach) --back;
    points.push_back(leaves(rows_, points[back], points.back(), 4 * half + 2));
  }

  [[nodiscard]] std::vector<Point> points_of(const LineGraph::Chain& chain, double half) const {
    std::vector<Point> points;
    points.reserve(chain.pixels.size() + 2);
    for (const std::int32_t p : chain.pixels) points.push_back(centre(pixel(p)));
    if (chain.from == LineGraph::none) {
      points.push_back(points.front());
      return points;
    }
    const auto finish = [&](std::int32_t end) {
      const LineGraph::Node& node = graph_.node(end);
      if (graph_.is_end(end)) {
        end_at(half, points);
        return;
      }
      while (!points.empty() && length_between(points.back(), {node.x, node.y}) < node.radius) points.pop_back();
      points.push_back(crossings_[static_cast<std::size_t>(end)]);
    };
    finish(chain.to);
    std::reverse(points.begin(), points.end());
    finish(chain.from);
    if (chain.pixels.front() < chain.pixels.back()) std::reverse(points.begin(), points.end());
    return points;
  }

  /// How many of the shape's pixels are nearer to each chain than to another, in steps of one pixel.
  [[nodiscard]] std::vector<std::int64_t> nearest() const {
    std::vector<std::int64_t> count(chains_.size(), 0);
    std::vector<bool> taken(rows_.size(), false);
    struct Front {
      Pixel at;
      std::int32_t chain;
    };
    std::vector<Front> front, next;
    const auto take = [&](std::int32_t x, std::int32_t y, std::int32_t chain, std::vector<Front>& into) {
      const std::size_t at = rows_.find(x, y);
      if (at == PixelRows::none || taken[at]) return;
      taken[at] = true;
      ++count[static_cast<std::size_t>(chain)];
      into.push_back({{x, y}, chain});
    };
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      for (const std::int32_t p : chains_[i]->pixels) take(pixel(p).x, pixel(p).y, static_cast<std::int32_t>(i), front);
    }
    while (!front.empty()) {
      next.clear();
      for (const Front& f : front) {
        for (std::int32_t dy = -1; dy <= 1; ++dy) {
          for (std::int32_t dx = -1; dx <= 1; ++dx) take(f.at.x + dx, f.at.y + dy, f.chain, next);
        }
      }
      std::swap(front, next);
    }
    return count;
  }

  PixelRows rows_;
  std::vector<Pixel> skeleton_;
  LineGraph graph_;
  std::vector<const LineGraph::Chain*> chains_;
  std::vector<Point> crossings_;  ///< a node's place in lines that meet there
};

}  // namespace

std::vector<CentreLine> centre_lines(const Shape& shape, PixelSize pixel, double tolerance) { return Drawing(shape).lines(pixel, tolerance); }

}  // namespace fair::vector
