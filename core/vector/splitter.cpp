#include "core/vector/splitter.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace fair::vector {
namespace {

struct Run {
  std::int32_t begin, end;  ///< columns, end not included
  std::int32_t label;
  std::uint8_t value;
};

struct Row {
  std::vector<std::uint8_t> codes;
  std::vector<std::uint16_t> scores, borders;
  std::vector<Run> runs;
  std::int32_t open = 0;  ///< of its runs, those whose shape is not settled
};

struct RunPlace {
  std::int64_t row;
  std::int32_t begin, end;
};

/// A shape while it is open, at the root of its labels.
struct OpenShape {
  std::int64_t first_row, last_row;
  std::int32_t begin, end;
  std::vector<RunPlace> runs;        ///< not settled yet
  std::vector<std::int32_t> merged;  ///< labels of shapes that became part of it
  bool whole = false;                ///< too large to be split
};

std::uint16_t height_of(std::uint16_t score, std::uint16_t border) {
  const auto inside = static_cast<std::uint32_t>(score) * (65535U - border) >> 16U;
  return static_cast<std::uint16_t>(std::max<std::uint32_t>(inside, 1));
}

}  // namespace

struct Splitter::State {
  SplitOptions options;
  Sink sink;
  std::int32_t stride, colours;
  std::deque<Row> rows;
  std::int64_t first_row = 0, next_row = 0;
  std::vector<std::int32_t> parent;
  std::vector<OpenShape> shapes;
  std::vector<std::int32_t> spare, open;  ///< labels to use again; roots of the newest row

  Row& row(std::int64_t index) { return rows[static_cast<std::size_t>(index - first_row)]; }
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  std::int32_t find(std::int32_t label) {
    while (parent[at(label)] != label) {
      parent[at(label)] = parent[at(parent[at(label)])];
      label = parent[at(label)];
    }
    return label;
  }

  std::int32_t add_label(std::int64_t row_index) {
    std::int32_t label = static_cast<std::int32_t>(parent.size());
    if (spare.empty()) {
      parent.push_back(label);
      shapes.emplace_back();
    } else {
      label = spare.back();
      spare.pop_back();
      parent[at(label)] = label;
    }
    shapes[at(label)] = OpenShape{row_index, row_index, options.width, 0, {}, {}, false};
    return label;
  }

  /// Runs of a shape that stays as it is need not wait any longer.
  void let_go(OpenShape& shape) {
    for (const RunPlace& run : shape.runs) --row(run.row).open;
    shape.runs = {};
  }

  std::int32_t unite(std::int32_t a, std::int32_t b) {
    a = find(a), b = find(b);
    if (a == b) return a;
    const auto weight = [this](std::int32_t label) { return shapes[at(label)].runs.size() + shapes[at(label)].merged.size(); };
    if (weight(a) < weight(b)) std::swap(a, b);
    OpenShape& into = shapes[at(a)];
    OpenShape& from = shapes[at(b)];
    if (into.whole || from.whole) let_go(into), let_go(from);
    into.whole = into.whole || from.whole;
    into.first_row = std::min(into.first_row, from.first_row);
    into.last_row = std::max(into.last_row, from.last_row);
    into.begin = std::min(into.begin, from.begin);
    into.end = std::max(into.end, from.end);
    into.runs.insert(into.runs.end(), from.runs.begin(), from.runs.end());
    into.merged.insert(into.merged.end(), from.merged.begin(), from.merged.end());
    into.merged.push_back(b);
    from.runs = {}, from.merged = {};
    parent[at(b)] = a;
    return a;
  }

  void find_runs(Row& now, std::int64_t index) {
    const std::int32_t reach = options.watershed.connectivity == Connectivity::eight ? 1 : 0;
    static const std::vector<Run> none;
    const std::vector<Run>& above = rows.size() > 1 ? rows[rows.size() - 2].runs : none;
    std::size_t a = 0;
    for (std::int32_t x = 0; x < options.width;) {
      const std::uint8_t value = now.codes[at(x)];
      std::int32_t end = x + 1;
      while (end < options.width && now.codes[at(end)] == value) ++end;
      if (value != 0) {
        std::int32_t label = -1;
        while (a < above.size() && above[a].end + reach <= x) ++a;
        for (std::size_t k = a; k < above.size() && above[k].begin < end + reach; ++k) {
          if (above[k].value != value) continue;
          label = label < 0 ? find(above[k].label) : unite(label, above[k].label);
        }
        if (label < 0) label = add_label(index);
        label = find(label);
        OpenShape& shape = shapes[at(label)];
        shape.last_row = index;
        shape.begin = std::min(shape.begin, x);
        shape.end = std::max(shape.end, end);
        if (!shape.whole) shape.runs.push_back({index, x, end}), ++now.open;
        if (!shape.whole && index - shape.first_row >= options.max_extent) shape.whole = true, let_go(shape);
        now.runs.push_back({x, end, label, value});
      }
      x = end;
    }
  }

  [[nodiscard]] std::uint8_t value_of(std::uint8_t code) const { return static_cast<std::uint8_t>(code % stride); }

  /// At which sides a shape that is closed reaches where the mask ends. Below it has a row that it does not reach, unless all have come.
  [[nodiscard]] PictureEnds ends_at(const OpenShape& shape) const {
    const bool first_column = shape.begin == 0, last_column = shape.end == options.width;
    const bool top = shape.first_row == 0, bottom = shape.last_row == next_row - 1;
    if (options.transposed) return {top, bottom, first_column, last_column};
    return {first_column, last_column, top, bottom};
  }

  /// Floods the shape in the mask's own orientation and writes its things' codes.
  void split(const OpenShape& shape) {
    const auto rows_held = static_cast<std::int32_t>(shape.last_row - shape.first_row + 1);
    const std::int32_t columns = shape.end - shape.begin;
    const std::int32_t width = options.transposed ? rows_held : columns;
    const std::int32_t height = options.transposed ? columns : rows_held;
    const auto place = [&](std::int64_t row_index, std::int32_t x) {
      const auto along = static_cast<std::int32_t>(row_index - shape.first_row);
      const std::int32_t across = x - shape.begin;
      return options.transposed ? at(std::int64_t{across} * width + along) : at(std::int64_t{along} * width + across);
    };
    std::vector<std::uint16_t> heights(at(std::int64_t{width} * height), 0);
    for (const RunPlace& run : shape.runs) {
      const Row& from = row(run.row);
      for (std::int32_t x = run.begin; x < run.end; ++x) heights[place(run.row, x)] = height_of(from.scores[at(x)], from.borders[at(x)]);
    }
    const std::vector<std::int32_t> things = watershed(heights, width, height, options.watershed, ends_at(shape));
    const std::vector<std::uint8_t> colour = coloured(things, width, height);
    if (colour.empty()) return;
    for (const RunPlace& run : shape.runs) {
      Row& to = row(run.row);
      for (std::int32_t x = run.begin; x < run.end; ++x) {
        to.codes[at(x)] = static_cast<std::uint8_t>(to.codes[at(x)] + stride * colour[at(things[place(run.row, x)])]);
      }
    }
  }

  /// Each thing's colour, differing from its neighbours' (things take turns by number, each the first that is free). Empty for one thing alone.
  /// Where colours run out, which takes very many classes, a thing is drawn together with a neighbour.
  [[nodiscard]] std::vector<std::uint8_t> coloured(const std::vector<std::int32_t>& things, std::int32_t width, std::int32_t height) const {
    const std::int32_t count = *std::max_element(things.begin(), things.end());
    if (count < 2) return {};
    std::vector<std::pair<std::int32_t, std::int32_t>> meetings;  // of neighbours, the larger number first
    const auto meet = [&](std::int32_t a, std::int32_t b) {
      const std::pair<std::int32_t, std::int32_t> met{std::max(a, b), std::min(a, b)};
      if (met.second != 0 && a != b && (meetings.empty() || meetings.back() != met)) meetings.push_back(met);
    };
    const bool corners = options.watershed.connectivity == Connectivity::eight;
    for (std::int32_t y = 0; y < height; ++y) {
      for (std::int32_t x = 0; x < width; ++x) {
        const std::int32_t* here = &things[at(std::int64_t{y} * width + x)];
        if (x + 1 < width) meet(*here, here[1]);
        if (y + 1 < height) meet(*here, here[width]);
        if (corners && x + 1 < width && y + 1 < height) meet(*here, here[width + 1]), meet(here[1], here[width]);
      }
    }
    std::sort(meetings.begin(), meetings.end());
    std::vector<std::uint8_t> out(at(count) + 1, 0), taken;
    for (auto meeting = meetings.begin(); meeting != meetings.end();) {
      const std::int32_t thing = meeting->first;
      taken.assign(at(colours), 0);
      for (; meeting != meetings.end() && meeting->first == thing; ++meeting) taken[out[at(meeting->second)]] = 1;
      const auto free = std::find(taken.begin(), taken.end(), 0);
      out[at(thing)] = free == taken.end() ? 0 : static_cast<std::uint8_t>(free - taken.begin());
    }
    return out;
  }

  void close(std::int32_t label) {
    OpenShape& shape = shapes[at(label)];
    if (!shape.whole && shape.end - shape.begin <= options.max_extent) split(shape);
    let_go(shape);
    spare.insert(spare.end(), shape.merged.begin(), shape.merged.end());
    spare.push_back(label);
    shape.merged = {};
  }

  /// Shapes of the row before that the newest row (none at the end) does not go on with.
  void close_ended(const Row* newest) {
    std::vector<std::int32_t> going_on;
    if (newest != nullptr) {
      for (const Run& run : newest->runs) going_on.push_back(find(run.label));
    }
    std::sort(going_on.begin(), going_on.end());
    going_on.erase(std::unique(going_on.begin(), going_on.end()), going_on.end());
    for (const std::int32_t label : open) {
      const std::int32_t root = find(label);
      if (root != label) continue;  // it is part of another now
      if (!std::binary_search(going_on.begin(), going_on.end(), root)) close(root);
    }
    open = std::move(going_on);
  }

  void emit() {
    while (!rows.empty() && rows.front().open == 0 && (rows.size() > 1 || open.empty())) {
      sink(rows.front().codes.data(), 1, rows.front().scores.data());
      rows.pop_front();
      ++first_row;
    }
  }
};

Splitter::Splitter(const SplitOptions& options, Sink sink) : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->sink = std::move(sink);
  state_->stride = options.max_value + 1;
  state_->colours = 255 / state_->stride;
}
Splitter::~Splitter() = default;
Splitter::Splitter(Splitter&&) noexcept = default;
Splitter& Splitter::operator=(Splitter&&) noexcept = default;

std::uint8_t Splitter::value_of(std::uint8_t code) const { return state_->value_of(code); }

void Splitter::push(const std::uint8_t* mask, std::int32_t rows, const std::uint16_t* scores, const std::uint16_t* borders) {
  State& s = *state_;
  const auto width = static_cast<std::ptrdiff_t>(s.options.width);
  for (std::int32_t y = 0; y < rows; ++y, mask += width, scores += width, borders += width) {
    s.rows.push_back({{mask, mask + width}, {scores, scores + width}, {borders, borders + width}, {}, 0});
    s.find_runs(s.rows.back(), s.next_row++);
    s.close_ended(&s.rows.back());
    s.emit();
  }
}

void Splitter::finish() {
  state_->close_ended(nullptr);
  state_->emit();
}

}  // namespace fair::vector
