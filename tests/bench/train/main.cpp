// Seconds per training step of the plugins' networks: random data, AdamW, clipping, as a training loop does them. peer.py does the same in Python.
// usage: bench_train unet-segmentation|unet-segmentation-small|resnet18-classification|yolo11n-detection [BATCH=4] [SIZE=256] [STEPS=8] [THREADS=2]
//        [PRECISION=float32|bfloat16]
// With torchrun's variables it is one of several ranks, each with its part of the batch; ranks.sh compares.
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/train/batch_part.h"
#include "native/train/box_loss.h"
#include "native/train/classification_loss.h"
#include "native/train/detection_task.h"
#include "native/train/gradient_buckets.h"
#include "native/train/half_precision.h"
#include "native/train/loss.h"
#include "native/train/memory.h"
#include "native/train/optimizer.h"
#include "native/train/own_cores.h"
#include "native/train/program.h"
#include "native/train/rank_group.h"
#include "native/train/threads.h"
#include "plugins/resnet18_classification/training/graph.h"
#include "plugins/unet_segmentation/training/graph.h"
#include "plugins/yolo11n_detection/training/graph.h"

namespace {

using namespace fair;

struct Work {
  onnx::Model model;
  train::ProgramOptions options;
  std::function<at::Tensor(const train::Tensors&)> loss;
};

/// As many boxes a sample as Banepa's chips have on average.
constexpr int boxes_a_sample = 40;

/// Rows of place in the batch, class, x0, y0, x1, y1: sides of a twentieth to a quarter of the sample.
at::Tensor random_boxes(int batch, int size) {
  const at::Tensor place = at::arange(batch, at::kFloat).repeat_interleave(boxes_a_sample).unsqueeze(1);
  const at::Tensor corner = at::rand({place.size(0), 2}) * (0.75 * size), sides = (at::rand({place.size(0), 2}) * 0.2 + 0.05) * size;
  return at::cat({place, at::zeros_like(place), corner, corner + sides}, 1);
}

Result<Work> work_of(const std::string& name, int batch, int size) {
  Work work;
  if (name == "resnet18-classification") {
    work.model = resnet18_classification::resnet18({});
    const auto measure = *train::ClassificationLoss::from("BCEWithLogitsLoss", 1, {1, 1}, false);
    work.loss = [measure, y = at::randint(2, {batch}, at::kLong)](const train::Tensors& out) { return measure(out[0], y); };
    return work;
  }
  if (name == "yolo11n-detection") {
    work.model = yolo11n_detection::yolo11({});
    work.options.frozen = {"model.23.dfl."};
    FAIR_TRY_ASSIGN(work.options.taps, train::detection_taps(work.model));
    work.options.learns_from_taps = true;
    work.loss = [targets = random_boxes(batch, size), size](const train::Tensors& out) {
      return train::box_loss({{out.end() - 6, out.end() - 3}, {out.end() - 3, out.end()}}, size, targets).sum();
    };
    return work;
  }
  FAIR_TRY_ASSIGN(work.model, unet_segmentation::graph_for(name, {}));
  const auto measure = *train::Loss::from("CrossEntropyLoss", 2);
  work.loss = [measure, y = at::randint(2, {batch, size, size}, at::kLong)](const train::Tensors& out) { return measure(out[0], y); };
  return work;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, int otherwise) { return argc > i ? std::atoi(argv[i]) : otherwise; };
  const std::string name = argc > 1 ? argv[1] : "unet-segmentation";
  const int batch = number(2, 4);
  const int size = number(3, 256);
  const int steps = number(4, 8);
  const int threads = number(5, 2);
  const std::string precision = argc > 6 ? argv[6] : "float32";
  const auto bfloat16 = train::wants_bfloat16(precision, at::kCPU);
  if (!bfloat16) return std::fprintf(stderr, "%s\n", bfloat16.error().message().c_str()), 2;
  train::keep_memory();
  const auto rank = train::Rank::from_environment();
  if (!rank) return std::fprintf(stderr, "%s\n", rank.error().message().c_str()), 2;
  const train::OwnCores cores(*rank, threads);
  train::use_threads(threads);
  std::shared_ptr<train::RankGroup> group;
  if (!rank->alone()) {
    auto joined = train::RankGroup::join(*rank, {});
    if (!joined) return std::fprintf(stderr, "%s\n", joined.error().message().c_str()), 1;
    group = std::move(*joined);
  }
  const auto part = train::BatchPart::of(batch, rank->rank, rank->ranks);
  const auto work = work_of(name, part.count, size);
  if (!work) return std::fprintf(stderr, "%s\n", work.error().message().c_str()), 2;
  auto program = train::Program::compile(work->model, work->options);
  if (!program) return std::fprintf(stderr, "%s\n", program.error().message().c_str()), 1;
  program->set_training(true);
  auto options = *train::OptimizerOptions::from("AdamW");
  options.weight_decay = 1e-2;
  train::Optimizer optimizer(program->parameters(), options);
  std::optional<train::GradientBuckets> buckets;
  if (group) buckets.emplace(program->parameters(), group, part.share());
  const auto x = at::rand({part.count, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);

  std::vector<double> seconds;
  double last = 0;
  for (int i = 0; i < steps + 2; ++i) {
    const auto start = std::chrono::steady_clock::now();
    train::Tensors outputs;
    {
      const train::HalfPrecision half(at::kCPU, *bfloat16);
      outputs = program->run(x);
    }
    for (at::Tensor& output : outputs) {
      if (output.defined()) output = output.to(at::kFloat);
    }
    const auto loss = work->loss(outputs);
    loss.backward();
    if (buckets) buckets->finish();
    optimizer.clip(1.0);
    optimizer.step(1e-4);
    last = loss.item<double>();
    if (i >= 2) seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  if (!rank->first()) return 0;
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  std::printf("%s %dx3x%dx%d, %d ranks of %d threads, %s: median %.1f ms/step  min %.1f  %.3f samples/s  loss %.4f\n", name.c_str(), batch, size,
              size, rank->ranks, threads, precision.c_str(), median * 1e3, seconds.front() * 1e3, batch / median, last);
  return 0;
}
