#include "core/vector/detail/line_graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace fair::vector {
namespace {

constexpr double diagonal = 1.4142135623730951;
/// A stub is pruned when it leaves the line it branches from by less than so many of that line's half widths, or three pixels.
constexpr double stub = 1.5;
/// Junctions nearer than so many half widths, or side by side, are one.
constexpr double together = 2.0;

/// Each skeleton pixel's neighbours along the lines: a diagonal step counts where no two straight ones make it.
class Steps {
 public:
  Steps(const PixelRows& rows, const std::vector<Pixel>& skeleton) : rows_(rows), skeleton_(skeleton), number_(rows.size(), LineGraph::none) {
    for (std::size_t i = 0; i < skeleton.size(); ++i) number_[rows.find(skeleton[i].x, skeleton[i].y)] = static_cast<std::int32_t>(i);
  }

  struct Around {
    std::array<std::int32_t, 8> to{};
    std::int32_t count = 0;
  };
  [[nodiscard]] Around around(std::int32_t pixel) const {
    const Pixel p = skeleton_[static_cast<std::size_t>(pixel)];
    Around out;
    const auto add = [&out](std::int32_t number) {
      if (number != LineGraph::none) out.to[static_cast<std::size_t>(out.count++)] = number;
    };
    const std::int32_t up = at(p.x, p.y - 1), right = at(p.x + 1, p.y), down = at(p.x, p.y + 1), left = at(p.x - 1, p.y);
    add(up);
    if (up == LineGraph::none && right == LineGraph::none) add(at(p.x + 1, p.y - 1));
    add(right);
    if (right == LineGraph::none && down == LineGraph::none) add(at(p.x + 1, p.y + 1));
    add(down);
    if (down == LineGraph::none && left == LineGraph::none) add(at(p.x - 1, p.y + 1));
    add(left);
    if (left == LineGraph::none && up == LineGraph::none) add(at(p.x - 1, p.y - 1));
    return out;
  }
  [[nodiscard]] double length(std::int32_t a, std::int32_t b) const {
    const Pixel p = skeleton_[static_cast<std::size_t>(a)], q = skeleton_[static_cast<std::size_t>(b)];
    return p.x != q.x && p.y != q.y ? diagonal : 1.0;
  }

 private:
  [[nodiscard]] std::int32_t at(std::int32_t x, std::int32_t y) const {
    const std::size_t pixel = rows_.find(x, y);
    return pixel == PixelRows::none ? LineGraph::none : number_[pixel];
  }

  const PixelRows& rows_;
  const std::vector<Pixel>& skeleton_;
  std::vector<std::int32_t> number_;
};

}  // namespace

LineGraph::LineGraph(const PixelRows& rows, const std::vector<Pixel>& skeleton) : skeleton_(skeleton) {
  trace(rows);
  while (prune() || join_through()) {
  }
  while (contract() || join_through()) {
  }
  while (prune() || join_through()) {
  }
}

std::int32_t LineGraph::add_node(const PixelRows& rows, Pixel at) {
  Node node;
  node.x = at.x + 0.5;
  node.y = at.y + 0.5;
  // From the pixel's middle to the side of the nearest pixel outside.
  node.radius = std::sqrt(static_cast<double>(rows.clearance2(at.x, at.y))) - 0.5;
  nodes_.push_back(std::move(node));
  return static_cast<std::int32_t>(nodes_.size() - 1);
}

void LineGraph::trace(const PixelRows& rows) {
  const Steps steps(rows, skeleton_);
  const auto n = static_cast<std::int32_t>(skeleton_.size());
  std::vector<std::int32_t> node_of(skeleton_.size(), none);
  std::vector<bool> seen(skeleton_.size(), false);
  for (std::int32_t i = 0; i < n; ++i) {
    if (steps.around(i).count != 2) node_of[static_cast<std::size_t>(i)] = add_node(rows, pixel(i));
  }
  // From `first`, whose neighbour `second` is, to the next node or around to `first`.
  const auto follow = [&](std::int32_t first, std::int32_t second) {
    Chain out;
    out.pixels = {first};
    for (std::int32_t before = first, here = second;;) {
      out.length += steps.length(before, here);
      if (here == first && node_of[static_cast<std::size_t>(here)] == none) break;
      out.pixels.push_back(here);
      seen[static_cast<std::size_t>(here)] = true;
      if (node_of[static_cast<std::size_t>(here)] != none) break;
      const auto around = steps.around(here);
      const std::int32_t next = around.to[0] == before ? around.to[1] : around.to[0];
      before = std::exchange(here, next);
    }
    out.from = node_of[static_cast<std::size_t>(first)];
    out.to = out.from == none ? none : node_of[static_cast<std::size_t>(out.pixels.back())];
    const auto index = static_cast<std::int32_t>(chains_.size());
    if (out.from != none) {
      at(out.from).chains.push_back(index);
      at(out.to).chains.push_back(index);
    }
    chains_.push_back(std::move(out));
  };
  for (std::int32_t i = 0; i < n; ++i) {
    if (node_of[static_cast<std::size_t>(i)] == none) continue;
    const auto around = steps.around(i);
    for (std::int32_t k = 0; k < around.count; ++k) {
      const std::int32_t next = around.to[static_cast<std::size_t>(k)];
      // Two nodes side by side are joined once; every other chain is walked from the end that comes first.
      const bool walked = node_of[static_cast<std::size_t>(next)] != none ? next < i : seen[static_cast<std::size_t>(next)];
      if (!walked) follow(i, next);
    }
  }
  for (std::int32_t i = 0; i < n; ++i) {
    if (node_of[static_cast<std::size_t>(i)] == none && !seen[static_cast<std::size_t>(i)]) {
      seen[static_cast<std::size_t>(i)] = true;
      follow(i, steps.around(i).to[0]);
    }
  }
}

double LineGraph::sticks_out(const Chain& chain, std::int32_t from) const {
  const Node& end = node(chain.from == from ? chain.to : chain.from);
  return chain.length + end.radius - node(from).radius;
}

void LineGraph::remove(std::int32_t index) {
  Chain& out = chain(index);
  out.gone = true;
  for (const std::int32_t end : {out.from, out.to}) {
    auto& chains = at(end).chains;
    chains.erase(std::remove(chains.begin(), chains.end(), index), chains.end());
  }
}

bool LineGraph::prune() {
  bool changed = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto here = static_cast<std::int32_t>(i);
    if (nodes_[i].chains.size() < 3) continue;
    std::vector<std::int32_t> stubs;
    for (const std::int32_t c : nodes_[i].chains) {
      const Chain& candidate = chain(c);
      const std::int32_t other = candidate.from == here ? candidate.to : candidate.from;
      if (other != here && is_end(other) && sticks_out(candidate, here) < std::max(3.0, stub * nodes_[i].radius)) stubs.push_back(c);
    }
    if (stubs.size() == nodes_[i].chains.size()) {
      // Nothing but stubs: the two that reach farthest are the shape's line.
      std::stable_sort(stubs.begin(), stubs.end(),
                       [&](std::int32_t a, std::int32_t b) { return sticks_out(chain(a), here) > sticks_out(chain(b), here); });
      stubs.erase(stubs.begin(), stubs.begin() + 2);
    }
    for (const std::int32_t c : stubs) remove(c);
    changed = changed || !stubs.empty();
  }
  return changed;
}

bool LineGraph::join_through() {
  bool changed = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].chains.size() != 2 || nodes_[i].chains[0] == nodes_[i].chains[1]) continue;
    join(static_cast<std::int32_t>(i));
    changed = true;
  }
  return changed;
}

void LineGraph::join(std::int32_t middle) {
  const std::int32_t first = node(middle).chains[0], second = node(middle).chains[1];
  Chain& into = chain(first);
  Chain& more = chain(second);
  if (into.to != middle) {
    std::swap(into.from, into.to);
    std::reverse(into.pixels.begin(), into.pixels.end());
  }
  if (more.from != middle) {
    std::swap(more.from, more.to);
    std::reverse(more.pixels.begin(), more.pixels.end());
  }
  // What branched off here pulled the line aside: it goes straight across.
  const Node& here = node(middle);
  const auto near_middle = [&](std::int32_t p) {
    const double dx = pixel(p).x + 0.5 - here.x, dy = pixel(p).y + 0.5 - here.y;
    return dx * dx + dy * dy < here.radius * here.radius;
  };
  while (into.pixels.size() > 1 && near_middle(into.pixels.back())) into.pixels.pop_back();
  const auto last = more.pixels.end() - 1;
  const auto from = std::find_if_not(more.pixels.begin(), last, near_middle);
  into.pixels.insert(into.pixels.end(), from + (into.pixels.back() == *from ? 1 : 0), more.pixels.end());
  into.length += more.length;
  into.to = more.to;
  at(middle).chains.clear();
  auto& chains = at(more.to).chains;
  std::replace(chains.begin(), chains.end(), second, first);
  more.gone = true;
  more.pixels = {};
}

bool LineGraph::contract() {
  bool changed = false;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    const Chain& bridge = chains_[i];
    if (bridge.gone || bridge.from == none || bridge.from == bridge.to || is_end(bridge.from) || is_end(bridge.to)) continue;
    const std::int32_t keep = bridge.from, drop = bridge.to;
    if (bridge.length >= std::max(2.0, together * std::max(node(keep).radius, node(drop).radius))) continue;
    remove(static_cast<std::int32_t>(i));
    Node& into = at(keep);
    Node& from = at(drop);
    for (const std::int32_t c : from.chains) {
      if (chain(c).from == drop) chain(c).from = keep;
      if (chain(c).to == drop) chain(c).to = keep;
      into.chains.push_back(c);
    }
    from.chains.clear();
    into.x = (into.x + from.x) / 2;
    into.y = (into.y + from.y) / 2;
    into.radius = std::max(into.radius, from.radius);
    changed = true;
  }
  return changed;
}

}  // namespace fair::vector
