// A prediction in shares, put together, is the prediction of all at once.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/vector/geojson.h"
#include "native/infer/driver.h"
#include "tests/unit/pipeline/stand_in.h"

namespace fair::infer {
namespace {

namespace core = pipeline::stand_in;
namespace fs = std::filesystem;

class Picture final : public BlockSource {
 public:
  Picture(std::int32_t width, std::int32_t height, unsigned seed) : imagery_(width, height, 48, 40, seed) {}
  const geo::BlockGrid& grid() const override { return imagery_.grid; }
  geo::BlockGrid& change() { return imagery_.grid; }
  Result<std::optional<raster::Image>> fetch(pipeline::Block b) override {
    ++fetched;
    if (b.row == missing_row) return std::optional<raster::Image>{};
    return std::optional(imagery_.block(b));
  }
  std::string name() const override { return "picture"; }
  std::atomic<int> fetched{0};
  std::int64_t missing_row = -1;

 private:
  core::Imagery imagery_;
};

/// Scores that depend on the whole window; boxes about as many as there is brightness; or a label.
class Seeing final : public Runner {
 public:
  explicit Seeing(plugin::ResultKind kind) : kind_(kind) {}
  Result<std::vector<Output>> run(const TensorView& input) override {
    auto kept = std::make_shared<core::Tensor>(core::seeing_scores_of(input));
    const std::int64_t n = input.shape[0], plane = input.shape[2] * input.shape[3];
    const auto* scores = kept->data.data();
    if (kind_ == plugin::ResultKind::label) {
      core::Tensor labels{{}, {n, 2}};
      for (std::int64_t i = 0; i < n; ++i) {
        float mean = 0;
        for (std::int64_t k = 0; k < plane; ++k) mean += scores[(2 * i + 1) * plane + k] / static_cast<float>(plane);
        labels.data.insert(labels.data.end(), {1 - mean, std::min(1.0F, 2 * mean)});
      }
      *kept = std::move(labels);
    } else if (kind_ == plugin::ResultKind::boxes) {
      core::Tensor boxes{{}, {0, 7}};
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t k = 0; k < plane; k += 61) {
          const float p = scores[(2 * i + 1) * plane + k];
          if (p < 0.4F) continue;
          const auto x = static_cast<float>(k % input.shape[3]), y = static_cast<float>(k / input.shape[3]);
          boxes.data.insert(boxes.data.end(), {static_cast<float>(i), x - 5, y - 4, x + 6, y + 7, p, 1});
          ++boxes.shape[0];
        }
      }
      *kept = std::move(boxes);
    }
    return std::vector<Output>{{kept->view(), kept}};
  }

 private:
  plugin::ResultKind kind_;
};

class Lines final : public FeatureSink {
 public:
  explicit Lines(std::string& out) : out_(out) {}
  Result<> write(std::vector<vector::Feature>&& features) override {
    for (const vector::Feature& f : features) {
      vector::append_text(out_, f, "segmentation");
      out_ += '\n';
    }
    return {};
  }
  Result<> finish() override { return {}; }

 private:
  std::string& out_;
};

struct Job {
  plugin::ResultKind kind = plugin::ResultKind::scores;
  std::vector<std::array<std::int32_t, 2>> sizes{{200, 330}};
  std::int32_t overlap = 12;
  std::int64_t missing_row = -1;
  bool tiles = true;
};

class Shards : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("fair_shards_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::vector<std::unique_ptr<BlockSource>> sources(const Job& job) {
    std::vector<std::unique_ptr<BlockSource>> out;
    for (const auto& [width, height] : job.sizes) {
      auto one = std::make_unique<Picture>(width, height, static_cast<unsigned>(out.size() + 3));
      one->missing_row = job.missing_row;
      if (!job.tiles) one->change().zoom = -1;
      out.push_back(std::move(one));
    }
    return out;
  }

  [[nodiscard]] fs::path file(std::int64_t i) const { return folder_ / (std::to_string(i) + ".shard"); }

  Result<std::string> whole(const Job& job) const {
    Seeing runner(job.kind);
    std::string text;
    Lines lines(text);
    FAIR_TRY(predict(core::spec(64), std::make_shared<core::Plugin>(job.kind, job.overlap), runner, sources(job), lines, {}));
    return text;
  }

  Result<int> shard(const Job& job, std::int64_t index, std::int64_t count) const {
    Seeing runner(job.kind);
    const auto plugin = std::make_shared<core::Plugin>(job.kind, job.overlap);
    const auto from = sources(job);
    ShardHeader header{index, count, core::spec(64).to_metadata(), plugin->description(), Json::object(), nullptr, {}};
    for (const auto& source : from) header.grids.push_back(source->grid());
    FAIR_TRY_ASSIGN(const auto writer, ShardWriter::create(file(index), header));
    PredictOptions options;
    options.shard = writer.get();
    FAIR_TRY(predict(core::spec(64), plugin, runner, from, *writer, options));
    int fetched = 0;
    for (const auto& source : from) fetched += static_cast<Picture&>(*source).fetched.load();
    return fetched;
  }

  [[nodiscard]] Result<std::string> merged(std::int64_t count) const {
    std::vector<fs::path> files;
    for (std::int64_t i = count; i-- > 0;) files.push_back(file(i));
    std::string text;
    FAIR_TRY(merge_shards(files, [&](const ShardHeader&) -> Result<std::unique_ptr<FeatureSink>> { return std::make_unique<Lines>(text); }));
    return text;
  }

  fs::path folder_;
};

TEST_F(Shards, AreTheWhole) {
  using plugin::ResultKind;
  const std::vector<std::array<std::int32_t, 2>> high{{200, 330}}, wide{{410, 150}}, several{{200, 330}, {64, 64}, {130, 90}, {40, 30}, {64, 200}};
  for (const Job& job :
       {Job{ResultKind::scores, high}, Job{ResultKind::scores, wide}, Job{ResultKind::scores, high, 32}, Job{ResultKind::scores, high, 12, 3},
        Job{ResultKind::scores, several, 12, -1, false}, Job{ResultKind::boxes, high}, Job{ResultKind::boxes, wide, 30},
        Job{ResultKind::boxes, several, 12, -1, false}, Job{ResultKind::label, high, 0}, Job{ResultKind::label, several, 0, -1, false}}) {
    const auto expected = whole(job);
    ASSERT_TRUE(expected) << expected.error().message();
    ASSERT_GT(std::count(expected->begin(), expected->end(), '\n'), 3);
    for (const std::int64_t count : {1, 2, 3, 20}) {
      for (std::int64_t i = 0; i < count; ++i) {
        const auto done = shard(job, i, count);
        ASSERT_TRUE(done) << done.error().message();
      }
      const auto found = merged(count);
      ASSERT_TRUE(found) << found.error().message();
      EXPECT_TRUE(*found == *expected) << "kind " << static_cast<int>(job.kind) << ", " << job.sizes.size() << " sources, overlap " << job.overlap
                                       << ", " << count << " shards: " << std::count(found->begin(), found->end(), '\n') << " features for "
                                       << std::count(expected->begin(), expected->end(), '\n');
    }
  }
}

TEST_F(Shards, FetchOnlyWhatTheyNeed) {
  const Job job{plugin::ResultKind::scores, {{200, 2000}}};
  const auto all = shard(job, 0, 1), one = shard(job, 3, 8);
  ASSERT_TRUE(all && one);
  EXPECT_LT(*one, *all / 5);
}

TEST_F(Shards, ThatDoNotFitAreRefused) {
  const Job job;
  for (std::int64_t i = 0; i < 3; ++i) ASSERT_TRUE(shard(job, i, 3));
  std::string text;
  const auto merge = [&](const std::vector<fs::path>& files) {
    return merge_shards(files, [&](const ShardHeader&) -> Result<std::unique_ptr<FeatureSink>> { return std::make_unique<Lines>(text); });
  };
  EXPECT_EQ(merge({file(0), file(2)}).error().code, Code::not_found);
  EXPECT_NE(merge({file(0), file(2)}).error().message().find("none for 1"), std::string::npos);
  EXPECT_EQ(merge({file(0), file(1), file(1), file(2)}).error().code, Code::usage);
  EXPECT_EQ(merge({}).error().code, Code::usage);
  EXPECT_EQ(merge({folder_ / "none"}).error().code, Code::not_found);
  fs::copy_file(file(1), folder_ / "kept");
  Job other = job;
  other.overlap = 20;
  ASSERT_TRUE(shard(other, 1, 3));
  EXPECT_EQ(merge({file(0), file(1), file(2)}).error().code, Code::incompatible);
  fs::remove(file(1));
  fs::rename(folder_ / "kept", file(1));
  ASSERT_TRUE(merge({file(0), file(1), file(2)}));
  fs::resize_file(file(1), fs::file_size(file(1)) / 2);
  EXPECT_EQ(merge({file(0), file(1), file(2)}).error().code, Code::invalid);
  std::ofstream(file(1)) << "{}\nrest";
  EXPECT_EQ(merge({file(0), file(1), file(2)}).error().code, Code::invalid);
  std::ofstream(file(1)) << "[\n";
  EXPECT_FALSE(merge({file(0), file(1), file(2)}));
}

}  // namespace
}  // namespace fair::infer
