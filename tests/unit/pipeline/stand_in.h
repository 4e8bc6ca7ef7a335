// A plugin and a model that need no network: scores follow from the pixels, so what should come out is known.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "core/pipeline/inference.h"

namespace fair::pipeline::stand_in {

/// preprocess: value / 255, as fAIr's; postprocess: the "model's" output taken as a result of the kind asked for.
class Plugin final : public plugin::ModelPlugin {
 public:
  Plugin(plugin::ResultKind kind, std::int32_t overlap) : kind_(kind) {
    description_ = Json{{"name", "stand-in"}, {"tiling", {{"overlap", overlap}}}};
    description_["result_kind"] = kind == plugin::ResultKind::scores ? "scores" : kind == plugin::ResultKind::boxes ? "boxes" : "label";
  }
  const Json& description() const override { return description_; }
  Result<> preprocess(std::span<const raster::ImageView> windows, TensorView out) override {
    auto* to = out.as<float>();
    for (const raster::ImageView& w : windows) {
      for (std::int32_t c = 0; c < w.channels; ++c) {
        for (std::int32_t y = 0; y < w.height; ++y) {
          for (std::int32_t x = 0; x < w.width; ++x) *to++ = static_cast<float>(w.data[y * w.stride + x * w.channels + c]) / 255.0F;
        }
      }
    }
    return {};
  }
  Result<plugin::PostResult> postprocess(std::span<const TensorView> outputs) override {
    plugin::PostResult result;
    result.kind = kind_;
    const TensorView& o = outputs.front();
    auto values = std::make_shared<std::vector<float>>(o.as<const float>(), o.as<const float>() + o.elements());
    result.data = *values;
    result.memory = std::move(values);
    result.shape.assign(o.shape.begin(), o.shape.begin() + o.rank);
    return result;
  }

 private:
  plugin::ResultKind kind_;
  Json description_;
};

struct Tensor {
  std::vector<float> data;
  std::vector<std::int64_t> shape;
  TensorView view() {
    TensorView v;
    v.data = data.data();
    v.rank = static_cast<std::int32_t>(shape.size());
    std::copy(shape.begin(), shape.end(), v.shape.begin());
    return v;
  }
};

/// Two classes; the second one's probability is the first band.
inline Tensor scores_of(const TensorView& input) {
  const std::int64_t n = input.shape[0];
  const std::int64_t plane = input.shape[2] * input.shape[3];
  Tensor out{std::vector<float>(static_cast<std::size_t>(n * 2 * plane)), {n, 2, input.shape[2], input.shape[3]}};
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < plane; ++k) {
      const float p = input.as<const float>()[i * input.shape[1] * plane + k];
      out.data[static_cast<std::size_t>((2 * i) * plane + k)] = 1 - p;
      out.data[static_cast<std::size_t>((2 * i + 1) * plane + k)] = p;
    }
  }
  return out;
}

/// Scores that look at neighbours as far as the window reaches, so that windows disagree where they overlap, as real models do.
inline Tensor seeing_scores_of(const TensorView& input) {
  Tensor out = scores_of(input);
  const std::int64_t h = input.shape[2];
  const std::int64_t w = input.shape[3];
  for (std::int64_t i = 0; i < input.shape[0]; ++i) {
    const float* from = input.as<const float>() + i * input.shape[1] * h * w;
    float mean = 0;
    for (std::int64_t k = 0; k < h * w; ++k) mean += from[k];
    mean /= static_cast<float>(h * w);
    for (std::int64_t k = 0; k < h * w; ++k) {
      const float p = std::min(1.0F, std::max(0.0F, from[k] + 0.3F * (mean - 0.5F)));
      out.data[static_cast<std::size_t>((2 * i) * h * w + k)] = 1 - p;
      out.data[static_cast<std::size_t>((2 * i + 1) * h * w + k)] = p;
    }
  }
  return out;
}

inline stac::ModelSpec spec(std::int64_t window) {
  stac::ModelSpec model;
  model.id = "stand-in";
  model.input.shape = {-1, 3, window, window};
  model.input.height = model.input.width = window;
  model.output.name = "segmentation";
  model.output.classes = {{0, "background", ""}, {1, "building", ""}};
  return model;
}

/// A picture in bright blocks on dark ground, cut into blocks of any size.
struct Imagery {
  geo::BlockGrid grid;
  raster::Image picture;

  Imagery(std::int32_t width, std::int32_t height, std::int32_t block_width, std::int32_t block_height, unsigned seed) {
    picture = {width, height, 3, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, 40), {}};
    std::mt19937 random(seed);
    for (int i = 0; i < width * height / 300; ++i) {
      const auto x0 = static_cast<std::int32_t>(random() % static_cast<unsigned>(width));
      const auto y0 = static_cast<std::int32_t>(random() % static_cast<unsigned>(height));
      const auto x1 = std::min(width, x0 + 3 + static_cast<std::int32_t>(random() % 14));
      const auto y1 = std::min(height, y0 + 3 + static_cast<std::int32_t>(random() % 14));
      const auto level = static_cast<std::uint8_t>(100 + random() % 156);
      for (auto y = y0; y < y1; ++y) {
        std::fill(&picture.pixels[static_cast<std::size_t>((y * width + x0) * 3)],
                  &picture.pixels[static_cast<std::size_t>((y * width + x1 - 1) * 3 + 3)], level);
      }
    }
    cut(block_width, block_height);
  }

  void cut(std::int32_t block_width, std::int32_t block_height) {
    grid.crs = geo::Crs::web_mercator;
    grid.transform = {{9500000, 0.3, 0, 3200000, 0, -0.3}};
    grid.block_width = block_width;
    grid.block_height = block_height;
    grid.columns = (picture.width + block_width - 1) / block_width;
    grid.rows = (picture.height + block_height - 1) / block_height;
    grid.width = picture.width;
    grid.height = picture.height;
    grid.zoom = 19;
    grid.origin_column = 1000;
    grid.origin_row = 2000;
  }

  raster::Image block(Block b) const {
    const auto x0 = static_cast<std::int32_t>(b.column * grid.block_width);
    const auto y0 = static_cast<std::int32_t>(b.row * grid.block_height);
    raster::Image out{std::min(grid.block_width, picture.width - x0), std::min(grid.block_height, picture.height - y0), 3, {}, {}};
    for (std::int32_t y = y0; y < y0 + out.height; ++y) {
      const auto* from = &picture.pixels[static_cast<std::size_t>((y * picture.width + x0) * 3)];
      out.pixels.insert(out.pixels.end(), from, from + out.width * 3);
      if (picture.valid.empty()) continue;
      const auto* valid = &picture.valid[static_cast<std::size_t>(y * picture.width + x0)];
      out.valid.insert(out.valid.end(), valid, valid + out.width);
    }
    return out;
  }
};

struct Outcome {
  std::vector<vector::Feature> features;
  Progress progress;
  std::int64_t batches = 0;
};

/// Drives the machine to its end; with a seed, blocks and outputs come back in random order.
template <class Model>
Result<Outcome> drive(Inference inference, const Imagery& imagery, Model&& model, unsigned seed = 0, const std::vector<std::int64_t>& holes = {}) {
  std::mt19937 random(seed);
  std::vector<Block> fetching;
  std::vector<std::pair<std::uint64_t, Tensor>> running;
  Outcome outcome;
  for (int idle = 0; !inference.done() && idle < 3; ++idle) {
    for (const Block b : inference.next_blocks(seed == 0 ? 4 : 1 + random() % 9)) fetching.push_back(b);
    FAIR_TRY_ASSIGN(const std::optional<Batch> batch, inference.next_batch());
    if (batch) {
      running.emplace_back(batch->id, model(batch->input));
      ++outcome.batches;
      idle = 0;
    }
    if (!fetching.empty()) {
      const std::size_t at = seed == 0 ? 0 : random() % fetching.size();
      const Block b = fetching[at];
      fetching.erase(fetching.begin() + static_cast<std::ptrdiff_t>(at));
      const bool hole = std::find(holes.begin(), holes.end(), b.row * imagery.grid.columns + b.column) != holes.end();
      const raster::Image pixels = imagery.block(b);
      FAIR_TRY(inference.give_block(b, hole ? std::nullopt : std::optional(pixels.view())));
      idle = 0;
    }
    if (!running.empty() && (seed == 0 || random() % 3 == 0 || fetching.empty())) {
      const std::size_t at = seed == 0 ? 0 : random() % running.size();
      const TensorView output = running[at].second.view();
      FAIR_TRY(inference.give_outputs(running[at].first, {&output, 1}));
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
      idle = 0;
    }
    for (vector::Feature& f : inference.take_features()) outcome.features.push_back(std::move(f));
  }
  if (!inference.done()) return fail(Code::internal, "inference", "to end", "a standstill");
  outcome.progress = inference.progress();
  return outcome;
}

}  // namespace fair::pipeline::stand_in
