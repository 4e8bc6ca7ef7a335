// Seconds per training step of the plugin's networks: random data, AdamW, clipping, as a training loop does them.
// usage: bench_train unet-segmentation|unet-segmentation-small [BATCH=4] [SIZE=256] [STEPS=8] [THREADS=2]
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "native/train/loss.h"
#include "native/train/memory.h"
#include "native/train/optimizer.h"
#include "native/train/program.h"
#include "plugins/unet_segmentation/training/graph.h"

int main(int argc, char** argv) {
  using namespace fair;
  const auto number = [&](int i, int otherwise) { return argc > i ? std::atoi(argv[i]) : otherwise; };
  const std::string name = argc > 1 ? argv[1] : "unet-segmentation";
  const int batch = number(2, 4);
  const int size = number(3, 256);
  const int steps = number(4, 8);
  const int threads = number(5, 2);
  train::keep_memory();
  at::set_num_threads(threads);
  const auto model = unet_segmentation::graph_for(name, {});
  if (!model) return std::fprintf(stderr, "%s\n", model.error().message().c_str()), 2;
  auto program = train::Program::compile(*model, {});
  if (!program) return std::fprintf(stderr, "%s\n", program.error().message().c_str()), 1;
  program->set_training(true);
  const auto loss_of = *train::Loss::from("CrossEntropyLoss", 2);
  auto options = *train::OptimizerOptions::from("AdamW");
  options.weight_decay = 1e-2;
  train::Optimizer optimizer(program->parameters(), options);
  const auto x = at::rand({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto y = at::randint(2, {batch, size, size}, at::kLong);

  std::vector<double> seconds;
  double last = 0;
  for (int i = 0; i < steps + 2; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto loss = loss_of(program->run(x)[0], y);
    loss.backward();
    optimizer.clip(1.0);
    optimizer.step(1e-4);
    last = loss.item<double>();
    if (i >= 2) seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("%s %dx3x%dx%d, %d threads: median %.1f ms/step  min %.1f  loss %.4f\n", name.c_str(), batch, size, size, threads,
              seconds[seconds.size() / 2] * 1e3, seconds.front() * 1e3, last);
  return 0;
}
