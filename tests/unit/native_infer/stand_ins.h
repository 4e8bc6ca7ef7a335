// Imagery, a runner and a sink made of nothing but code, for tests of the driver.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "native/infer/driver.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::infer::stand_in {

namespace core = pipeline::stand_in;

/// Endless rows of bright houses on dark ground, computed block by block.
class Town final : public BlockSource {
 public:
  Town(std::int64_t columns, std::int64_t rows, std::int32_t block = 256) {
    grid_.transform = {{9500000, 0.3, 0, 3200000, 0, -0.3}};
    grid_.block_width = grid_.block_height = block;
    grid_.columns = columns;
    grid_.rows = rows;
  }
  const geo::BlockGrid& grid() const override { return grid_; }
  geo::BlockGrid& change() { return grid_; }
  std::string name() const override { return "town"; }
  Result<std::optional<raster::Image>> fetch(pipeline::Block b) override {
    if (fail_at >= 0 && fetched.load() >= fail_at) return fail(Code::io, "town", "imagery", "a fault made for this test");
    ++fetched;
    if (missing_every > 0 && (b.row * grid_.columns + b.column) % missing_every == 0) return std::optional<raster::Image>{};
    const std::int32_t n = grid_.block_width;
    raster::Image image{n, n, 3, std::vector<std::uint8_t>(static_cast<std::size_t>(n) * n * 3), {}};
    std::uint8_t* to = image.pixels.data();
    for (std::int64_t y = b.row * n; y < (b.row + 1) * n; ++y) {
      for (std::int64_t x = b.column * n; x < (b.column + 1) * n; ++x) {
        const bool house = x % 40 >= 10 && x % 40 < 30 && y % 40 >= 12 && y % 40 < 28;
        *to++ = house ? 230 : 30;
        *to++ = 0;
        *to++ = 0;
      }
    }
    return std::optional(std::move(image));
  }

  std::int64_t missing_every = 0, fail_at = -1;
  std::atomic<std::int64_t> fetched{0};

 private:
  geo::BlockGrid grid_;
};

/// The first band is the probability of a building.
class Echo final : public Runner {
 public:
  Result<std::vector<Output>> run(const TensorView& input) override {
    if (fail_at >= 0 && runs >= fail_at) return fail(Code::internal, "echo", "a run", "a fault made for this test");
    if (throw_at >= 0 && runs >= throw_at) throw std::runtime_error("thrown for this test");
    ++runs;
    auto kept = std::make_shared<core::Tensor>(core::scores_of(input));
    std::vector<Output> outputs{{kept->view(), kept}};
    return outputs;
  }
  std::int64_t runs = 0, fail_at = -1, throw_at = -1;
};

class Counter final : public FeatureSink {
 public:
  Result<> write(std::vector<vector::Feature>&& features) override {
    count += static_cast<std::int64_t>(features.size());
    if (keep) {
      for (vector::Feature& f : features) ids.push_back(f.id);
    }
    return {};
  }
  Result<> finish() override {
    finished = true;
    return {};
  }
  std::int64_t count = 0;
  bool finished = false, keep = false;
  std::vector<std::string> ids;
};

inline std::shared_ptr<plugin::ModelPlugin> plugin(std::int32_t overlap = 32) {
  return std::make_shared<core::Plugin>(plugin::ResultKind::scores, overlap);
}

}  // namespace fair::infer::stand_in
