// One training step of a classifier, for tests/parity/classification_step.py: the loss and gradients by name.
//   parity_classification_step graph OUT.onnx LOGITS        writes the plugin's graph
//   parity_classification_step step MODEL.onnx PIXELS.npy LABELS.npy COUNTS OUT_FOLDER NAME…
//     COUNTS are chips of each class, "6,2", which weights balance; prints the loss as JSON and writes each named gradient as OUT_FOLDER/NAME.f64
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/base/json.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/classification_loss.h"
#include "native/train/program.h"
#include "plugins/resnet18_classification/training/graph.h"
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
  train::Program program = or_leave(train::Program::compile(model, options));
  program.set_training(true);
  const at::Tensor pixels = test::read_npy(words[2]).to(at::kDouble), labels = test::read_npy(words[3]).to(at::kLong);
  std::vector<std::int64_t> counts;
  std::istringstream list(words[4]);
  for (std::string one; std::getline(list, one, ',');) counts.push_back(std::stoll(one));
  const at::Tensor logits = program.run(pixels).at(0);
  train::ClassificationLoss measure =
      or_leave(train::ClassificationLoss::from(logits.size(1) == 1 ? "BCEWithLogitsLoss" : "CrossEntropyLoss", logits.size(1), counts, true));
  measure.weights = measure.weights.to(at::kDouble);
  const at::Tensor loss = measure(logits, labels);
  loss.backward();
  for (std::size_t i = 6; i < words.size(); ++i) {
    for (const train::NamedTensor& p : program.parameters()) {
      if (p.name != words[i]) continue;
      const at::Tensor gradient = p.value.grad().contiguous();
      std::ofstream(words[5] + "/" + p.name + ".f64", std::ios::binary)
          .write(static_cast<const char*>(gradient.data_ptr()), static_cast<std::streamsize>(gradient.nbytes()));
    }
  }
  std::cout << Json{{"loss", loss.item<double>()}, {"parameters", program.parameters().size()}}.dump() << "\n";
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (words.size() == 3 && words[0] == "graph") {
    fair::resnet18_classification::GraphOptions options;
    options.logits = std::stoll(words[2]);
    or_leave(fair::onnx::write_model(words[1], fair::resnet18_classification::resnet18(options)).map([] { return 0; }));
    return 0;
  }
  if (words.size() >= 6 && words[0] == "step") return step(words);
  std::cerr << "usage: parity_classification_step graph OUT.onnx LOGITS | step MODEL.onnx PIXELS.npy LABELS.npy COUNTS OUT_FOLDER NAME…\n";
  return 2;
}
