// One training step of a detector, for tests/parity/detection_step.py: the loss's parts and gradients by name.
//   parity_detection_step graph OUT.onnx              writes the plugin's graph
//   parity_detection_step step MODEL.onnx PIXELS.npy TARGETS.npy OUT_FOLDER NAME…
//     prints the parts as JSON and writes each named gradient as OUT_FOLDER/NAME.f64, C-contiguous
#include <fstream>
#include <iostream>

#include "core/base/json.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/box_loss.h"
#include "native/train/detection_task.h"
#include "native/train/program.h"
#include "plugins/yolo11n_detection/training/graph.h"
#include "tests/unit/native_train/npy.h"

namespace {

template <class T>
T or_leave(fair::Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << result.error().message() << "\n";
  std::exit(1);
}

int step(const std::vector<std::string>& words) {
  using namespace fair;
  const onnx::Model model = or_leave(onnx::read_model(words[1]));
  train::ProgramOptions options;
  options.real = at::kDouble;  // both sides: what differs is not the rounding
  options.frozen = {"model.22.dfl.", "model.23.dfl."};
  options.taps = or_leave(train::detection_taps(model));
  train::Program program = or_leave(train::Program::compile(model, options));
  program.set_training(true);
  const at::Tensor pixels = test::read_npy(words[2]).to(at::kDouble), targets = test::read_npy(words[3]).to(at::kDouble);
  const train::Tensors outputs = program.run(pixels);
  train::HeadMaps maps;
  for (std::size_t i = 0; i < 3; ++i) {
    maps.sides.push_back(outputs.at(1 + i));
    maps.classes.push_back(outputs.at(4 + i));
  }
  const train::BoxLossParts parts = train::box_loss(maps, pixels.size(2), targets);
  parts.sum().backward();
  for (std::size_t i = 5; i < words.size(); ++i) {
    for (const train::NamedTensor& p : program.parameters()) {
      if (p.name != words[i]) continue;
      const at::Tensor gradient = p.value.grad().contiguous();
      std::ofstream(words[4] + "/" + p.name + ".f64", std::ios::binary)
          .write(static_cast<const char*>(gradient.data_ptr()), static_cast<std::streamsize>(gradient.nbytes()));
    }
  }
  std::cout << Json{{"box", parts.box.item<double>()},
                    {"classes", parts.classes.item<double>()},
                    {"distribution", parts.distribution.item<double>()},
                    {"parameters", program.parameters().size()}}
                   .dump()
            << "\n";
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (words.size() == 2 && words[0] == "graph") {
    or_leave(fair::onnx::write_model(words[1], fair::yolo11n_detection::yolo11({})).map([] { return 0; }));
    return 0;
  }
  if (words.size() >= 5 && words[0] == "step") return step(words);
  std::cerr << "usage: parity_detection_step graph OUT.onnx | step MODEL.onnx PIXELS.npy TARGETS.npy OUT_FOLDER NAME…\n";
  return 2;
}
