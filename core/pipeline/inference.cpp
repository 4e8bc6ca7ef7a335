#include "core/pipeline/inference.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "core/pipeline/block_store.h"
#include "core/pipeline/box_merger.h"
#include "core/pipeline/label_merger.h"
#include "core/pipeline/score_merger.h"
#include "core/pipeline/views.h"

namespace fair::pipeline {
namespace {

std::string text(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return out + "]";
}

/// What merging relies on, whatever a plugin did.
Result<> check(const plugin::PostResult& result, std::int64_t batch, const ScanPlan& plan) {
  std::vector<std::int64_t> expected;
  switch (result.kind) {
    case plugin::ResultKind::scores: expected = {batch, -1, plan.y.size, plan.x.size}; break;
    case plugin::ResultKind::boxes: expected = {-1, 7}; break;
    case plugin::ResultKind::label: expected = {batch, -1}; break;
  }
  bool fits = result.shape.size() == expected.size();
  std::int64_t elements = 1;
  for (std::size_t i = 0; fits && i < expected.size(); ++i) {
    fits = expected[i] < 0 ? result.shape[i] >= 0 : result.shape[i] == expected[i];
    elements *= result.shape[i];
  }
  if (!fits || elements != static_cast<std::int64_t>(result.data.size())) {
    return fail(Code::invalid, "plugin's result", "values of shape " + text(expected) + " (-1 is free)",
                std::to_string(result.data.size()) + " values of shape " + text(result.shape), "the plugin or the item's shapes are wrong");
  }
  if (result.kind == plugin::ResultKind::scores &&
      (result.extra_channels < 0 || result.extra_channels > 1 || result.shape[1] <= result.extra_channels)) {
    return fail(Code::invalid, "plugin's result", "classes and at most one extra channel",
                std::to_string(result.shape[1]) + " channels, of which " + std::to_string(result.extra_channels) + " extra");
  }
  return {};
}

}  // namespace

struct Inference::State {
  /// A batch in one view, from its first window to its merged result.
  struct Flight {
    std::uint64_t id = 0;
    std::int32_t view = 0;
    std::vector<std::int64_t> windows;
    std::vector<std::vector<std::uint8_t>> valid;  ///< a window's, empty when all is imagery; of the last view
    std::vector<float> input;
    std::optional<plugin::PostResult> result;
  };

  stac::ModelSpec model;
  std::shared_ptr<plugin::ModelPlugin> plugin;
  InferenceOptions options;
  ScanPlan plan;
  Shard::Strips strips;  ///< that are run
  std::int64_t first_window, last_window;
  BlockStore blocks;
  Views views;
  std::unique_ptr<Merger> merger;

  std::int64_t batch_size = 1;
  bool fixed_batch = false;
  std::int64_t next_window;  ///< to cut
  std::int64_t merged = 0;   ///< windows whose result is in
  std::int64_t skipped = 0;  ///< windows without imagery
  std::uint64_t next_id = 1;
  std::vector<Window> gathering;  ///< of the next batch
  std::vector<std::int64_t> gathered;
  std::int32_t next_view = 0;  ///< of those windows
  std::deque<Flight> flights;  ///< in order
  std::vector<std::vector<float>> spare_inputs;
  bool finished = false;

  State(const stac::ModelSpec& m, std::shared_ptr<plugin::ModelPlugin> p, const InferenceOptions& o, ScanPlan s, Views v)
      : model(m),
        plugin(std::move(p)),
        options(o),
        plan(std::move(s)),
        strips(plan.run_by(o.shard)),
        first_window(strips.first * plan.across().count()),
        last_window(strips.last * plan.across().count()),
        blocks(plan, static_cast<std::int32_t>(m.input.channels), strips.first),
        views(std::move(v)),
        next_window(first_window) {}

  [[nodiscard]] std::int64_t ask_until() const {
    return std::min(last_window, next_window + std::max<std::int64_t>(options.windows_ahead, batch_size));
  }

  Result<bool> gather() {
    if (next_view > 0) return true;
    while (static_cast<std::int64_t>(gathered.size()) < batch_size && next_window < last_window) {
      if (!blocks.ready(next_window)) return false;
      const std::size_t at = gathered.size();
      if (gathering.size() == at) gathering.emplace_back();
      FAIR_TRY(blocks.cut(next_window, gathering[at]));
      if (gathering[at].any_valid) {
        gathered.push_back(next_window);
      } else {
        ++skipped;
      }
      ++next_window;
    }
    return !gathered.empty();
  }

  Result<TensorView> preprocess(Flight& flight) {
    const std::int64_t count = fixed_batch ? batch_size : static_cast<std::int64_t>(gathered.size());
    TensorView input;
    input.rank = 4;
    const bool channels_last = model.input.layout == stac::Layout::nhwc;
    const std::int64_t channels = model.input.channels;
    input.shape = channels_last ? std::array<std::int64_t, TensorView::max_rank>{count, plan.y.size, plan.x.size, channels}
                                : std::array<std::int64_t, TensorView::max_rank>{count, channels, plan.y.size, plan.x.size};
    if (!spare_inputs.empty()) {
      flight.input = std::move(spare_inputs.back());
      spare_inputs.pop_back();
    }
    flight.input.resize(static_cast<std::size_t>(input.elements()));
    input.data = flight.input.data();

    flight.view = next_view;
    std::vector<raster::ImageView> pictures;
    std::vector<raster::Image> turned;
    turned.reserve(gathered.size());
    for (std::size_t i = 0; i < gathered.size(); ++i) {
      pictures.push_back(gathering[i].image.view());
      pictures.back().valid = gathering[i].valid.empty() ? nullptr : gathering[i].valid.data();
      if (flight.view > 0) pictures.back() = turned.emplace_back(views.seen(pictures.back(), flight.view)).view();
    }
    TensorView filled = input;
    filled.shape[0] = static_cast<std::int64_t>(gathered.size());
    std::fill(flight.input.begin() + filled.elements(), flight.input.end(), 0.0F);
    FAIR_TRY(plugin->preprocess(pictures, filled));
    next_view = (flight.view + 1) % views.count();
    flight.windows = gathered;
    if (next_view > 0) return input;
    gathered.clear();
    for (std::size_t i = 0; i < flight.windows.size(); ++i) flight.valid.push_back(std::exchange(gathering[i].valid, {}));
    return input;
  }

  Result<> merge() {
    while (!flights.empty()) {
      Flight& flight = flights.front();
      if (!flight.result) break;
      FAIR_TRY_ASSIGN(const std::optional<plugin::PostResult> mean, views.add(flight.view, std::move(*flight.result)));
      if (mean) FAIR_TRY(merge(flight, *mean));
      spare_inputs.push_back(std::move(flight.input));
      flights.pop_front();
    }
    return finish_when_done();
  }

  Result<> merge(const Flight& flight, const plugin::PostResult& result) {
    if (!merger) {
      switch (result.kind) {
        case plugin::ResultKind::scores: {
          const auto channels = static_cast<std::int32_t>(result.shape[1]) - result.extra_channels;
          FAIR_TRY_ASSIGN(merger, ScoreMerger::create(plan, model, options, channels, result.extra_channels == 1));
          break;
        }
        case plugin::ResultKind::boxes: merger = std::make_unique<BoxMerger>(plan, model, options); break;
        case plugin::ResultKind::label: merger = std::make_unique<LabelMerger>(plan, model, options); break;
      }
      kind = result.kind;
      channels_seen = result.kind == plugin::ResultKind::boxes ? 7 : result.shape[1];
    }
    if (result.kind != kind || (result.kind != plugin::ResultKind::boxes && result.shape[1] != channels_seen)) {
      return fail(Code::invalid, "plugin's result", "the same kind and channels for every batch", text(result.shape), "the plugin is wrong");
    }
    for (std::size_t i = 0; i < flight.windows.size(); ++i) {
      FAIR_TRY(take(flight.windows[i], result, static_cast<std::int64_t>(i), flight.valid[i]));
    }
    merged += static_cast<std::int64_t>(flight.windows.size());
    return {};
  }

  Result<> take(std::int64_t window, const plugin::PostResult& result, std::int64_t within, const std::vector<std::uint8_t>& valid) {
    const Shard& shard = options.shard;
    if (shard.sink == nullptr || result.kind == plugin::ResultKind::scores) return merger->add(window, result, within, valid);
    // What the strips before its own have seen is another share's to tell.
    if (window / plan.across().count() < shard.of(plan.along().count()).first) return {};
    return shard.sink->window(window, result, within, valid);
  }

  Result<> finish_when_done() {
    if (finished || next_window < last_window || !flights.empty() || !gathered.empty()) return {};
    finished = true;
    if (merger) FAIR_TRY(merger->finish());
    return {};
  }

  plugin::ResultKind kind = plugin::ResultKind::scores;
  std::int64_t channels_seen = 0;
};

Inference::Inference(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inference::Inference(Inference&&) noexcept = default;
Inference& Inference::operator=(Inference&&) noexcept = default;
Inference::~Inference() = default;

Result<Inference> Inference::create(const stac::ModelSpec& model, std::shared_ptr<plugin::ModelPlugin> plugin, const geo::BlockGrid& grid,
                                    const InferenceOptions& options) {
  if (!plugin) return fail(Code::usage, "plugin", "one", "none");
  if (options.batch_size < 1 || options.batches_in_flight < 1) {
    return fail(Code::usage, "batch size and batches in flight", "at least 1",
                std::to_string(options.batch_size) + " and " + std::to_string(options.batches_in_flight));
  }
  if (!(options.confidence_threshold >= 0) || options.confidence_threshold > 1) {
    return fail(Code::usage, "confidence_threshold", "a probability between 0 and 1", std::to_string(options.confidence_threshold));
  }
  if (model.input.channels < 1 || model.input.channels > 64) {
    return fail(Code::unsupported, "model input", "1 to 64 bands", std::to_string(model.input.channels));
  }
  if (options.shard.count < 1 || options.shard.index < 0 || options.shard.index >= options.shard.count) {
    return fail(Code::usage, "shard", "one of a number of them, counted from 0",
                std::to_string(options.shard.index) + " of " + std::to_string(options.shard.count));
  }
  if (model.output.classes.empty()) {
    return fail(Code::invalid, "model item", "classification:classes", "none", "name the classes of the model's output in the item");
  }
  FAIR_TRY_ASSIGN(ScanPlan plan, ScanPlan::create(model, plugin->description(), grid, options));
  FAIR_TRY_ASSIGN(Views views, Views::create(options.tta_views, plan.x.size, plan.y.size, plugin->description()));
  plan.warnings.insert(plan.warnings.end(), model.notes.begin(), model.notes.end());
  auto state = std::make_unique<State>(model, std::move(plugin), options, std::move(plan), std::move(views));
  const std::int64_t declared = model.input.shape.empty() ? -1 : model.input.shape.front();
  state->fixed_batch = declared > 0;
  state->batch_size = declared > 0 ? declared : options.batch_size;
  return Inference(std::move(state));
}

std::vector<Block> Inference::next_blocks(std::size_t max) { return state_->blocks.ask(max, state_->ask_until()); }

Result<> Inference::give_block(Block block, std::optional<raster::ImageView> pixels) { return state_->blocks.give(block, pixels); }

Result<std::optional<Batch>> Inference::next_batch() {
  State& s = *state_;
  if (static_cast<std::int32_t>(s.flights.size()) >= s.options.batches_in_flight) return std::optional<Batch>{};
  FAIR_TRY_ASSIGN(const bool some, s.gather());
  if (!some) {
    FAIR_TRY(s.finish_when_done());
    return std::optional<Batch>{};
  }
  State::Flight flight;
  flight.id = s.next_id++;
  FAIR_TRY_ASSIGN(const TensorView input, s.preprocess(flight));
  Batch batch{flight.id, input, static_cast<std::int64_t>(flight.windows.size())};
  s.flights.push_back(std::move(flight));
  return std::optional<Batch>(batch);
}

Result<> Inference::give_outputs(std::uint64_t batch, std::span<const TensorView> outputs) {
  State& s = *state_;
  const auto at = std::find_if(s.flights.begin(), s.flights.end(), [&](const State::Flight& f) { return f.id == batch && !f.result; });
  if (at == s.flights.end()) return fail(Code::usage, "batch " + std::to_string(batch), "one handed out and not yet answered", "another");
  FAIR_TRY_ASSIGN(plugin::PostResult result, s.plugin->postprocess(outputs));
  FAIR_TRY(check(result, s.fixed_batch ? s.batch_size : static_cast<std::int64_t>(at->windows.size()), s.plan));
  at->result = std::move(result);
  return s.merge();
}

std::vector<vector::Feature> Inference::take_features() { return state_->merger ? state_->merger->take() : std::vector<vector::Feature>{}; }

bool Inference::done() const { return state_->finished; }

Progress Inference::progress() const {
  const State& s = *state_;
  return {s.blocks.given(), s.plan.grid.columns * s.plan.grid.rows, s.merged + s.skipped, s.last_window - s.first_window};
}

const std::vector<std::string>& Inference::warnings() const { return state_->plan.warnings; }

}  // namespace fair::pipeline
