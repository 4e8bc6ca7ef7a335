#include "core/pipeline/shard_merger.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/pipeline/box_merger.h"
#include "core/pipeline/label_merger.h"
#include "core/pipeline/score_merger.h"

namespace fair::pipeline {
namespace {

constexpr std::int32_t blank_rows_at_once = 64;

}  // namespace

struct ShardMerger::State {
  stac::ModelSpec model;
  InferenceOptions options;
  ScanPlan plan;
  std::optional<vector::Vectorizer> vectorizer;
  std::unique_ptr<Merger> merger;
  std::int64_t row = 0, window = -1;
  bool borders = false;
  std::vector<std::uint8_t> blank;
  std::vector<std::uint16_t> blank_scores;

  State(const stac::ModelSpec& m, const InferenceOptions& o, ScanPlan p) : model(m), options(o), plan(std::move(p)) {}

  void leave_blank(vector::Vectorizer& rows, std::int64_t until) {
    const auto width = static_cast<std::size_t>(plan.across().extent);
    blank.resize(width * blank_rows_at_once);
    blank_scores.resize(width * blank_rows_at_once);
    while (row < until) {
      const auto n = static_cast<std::int32_t>(std::min<std::int64_t>(blank_rows_at_once, until - row));
      rows.push(blank.data(), n, blank_scores.data(), borders ? blank_scores.data() : nullptr);
      row += n;
    }
  }
};

ShardMerger::ShardMerger(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardMerger::ShardMerger(ShardMerger&&) noexcept = default;
ShardMerger& ShardMerger::operator=(ShardMerger&&) noexcept = default;
ShardMerger::~ShardMerger() = default;

Result<ShardMerger> ShardMerger::create(const stac::ModelSpec& model, const Json& description, const geo::BlockGrid& grid,
                                        const InferenceOptions& options) {
  FAIR_TRY_ASSIGN(ScanPlan plan, ScanPlan::create(model, description, grid, options));
  return ShardMerger(std::make_unique<State>(model, options, std::move(plan)));
}

Result<> ShardMerger::rows(std::int64_t first, std::int32_t count, std::size_t width, const std::uint8_t* mask, const std::uint16_t* scores,
                           const std::uint16_t* borders) {
  State& s = *state_;
  const bool fits = width == static_cast<std::size_t>(s.plan.across().extent) && count >= 1 && first >= s.row &&
                    first + count <= s.plan.along().extent && !s.merger && (!s.vectorizer || s.borders == (borders != nullptr));
  if (!fits) {
    return fail(Code::invalid, "rows " + std::to_string(first) + " of " + std::to_string(width) + " pixels",
                "rows from " + std::to_string(s.row) + " on, " + std::to_string(s.plan.across().extent) + " wide, of the same kind", "others",
                "merge each shard of one prediction once");
  }
  if (!s.vectorizer) {
    s.borders = borders != nullptr;
    s.vectorizer.emplace(vectorizer_of(s.plan, s.model, s.options));
  }
  s.leave_blank(*s.vectorizer, first);
  s.vectorizer->push(mask, count, scores, borders);
  s.row += count;
  return {};
}

Result<> ShardMerger::window(std::int64_t window, const plugin::PostResult& result, const std::vector<std::uint8_t>& valid) {
  State& s = *state_;
  if (window <= s.window || window >= s.plan.windows() || s.vectorizer || result.kind == plugin::ResultKind::scores || result.shape.size() != 2) {
    return fail(Code::invalid, "window " + std::to_string(window), "boxes or a label of a window after " + std::to_string(s.window), "another",
                "merge each shard of one prediction once");
  }
  if (!s.merger) {
    if (result.kind == plugin::ResultKind::boxes) s.merger = std::make_unique<BoxMerger>(s.plan, s.model, s.options);
    else s.merger = std::make_unique<LabelMerger>(s.plan, s.model, s.options);
  }
  s.window = window;
  return s.merger->add(window, result, 0, valid);
}

Result<> ShardMerger::finish() {
  State& s = *state_;
  if (s.merger) return s.merger->finish();
  if (!s.vectorizer) return {};
  s.leave_blank(*s.vectorizer, s.plan.along().extent);
  s.vectorizer->finish();
  return {};
}

std::vector<vector::Feature> ShardMerger::take() {
  State& s = *state_;
  if (s.merger) return s.merger->take();
  return s.vectorizer ? s.vectorizer->take() : std::vector<vector::Feature>{};
}

}  // namespace fair::pipeline
