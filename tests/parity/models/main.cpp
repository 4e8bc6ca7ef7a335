// The plugins' models piece by piece, for the comparisons beside this folder.
//   parity_models classification graph OUT.onnx LOGITS        writes the plugin's graph
//   parity_models detection graph OUT.onnx
//   parity_models classification step MODEL.onnx PIXELS.npy LABELS.npy OUT_FOLDER COUNTS NAME…
//   parity_models detection step MODEL.onnx PIXELS.npy TARGETS.npy OUT_FOLDER NAME…
//     one training step: prints the loss, or its parts, as JSON and writes each named gradient as OUT_FOLDER/NAME.f64, C-contiguous. COUNTS are chips
//     of each class, "6,2", which weights balance
//   parity_models ranks steps MODEL.onnx PIXELS.npy LABELS.npy float64|float32 own|shared|frozen PREFIX,… RATE
//     as one rank by torchrun's variables: SGD over (steps, batch, …), cross-entropy, batch statistics of each rank's own, of all, or frozen with all
//     that begins with a prefix; rank 0 prints the losses of the whole batches as JSON
//   parity_models detection boxes RAW.npy CLASSES CONFIDENCE IOU
//     decodes a raw output (batch, 4 + classes, anchors), suppresses, and prints rows of window, x0, y0, x1, y1, confidence, class as JSON

#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "core/detect/nms.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/train/batch_part.h"
#include "native/train/box_loss.h"
#include "native/train/classification_loss.h"
#include "native/train/detection_task.h"
#include "native/train/gradient_buckets.h"
#include "native/train/optimizer.h"
#include "native/train/program.h"
#include "native/train/rank_group.h"
#include "native/train/threads.h"
#include "plugins/built_in.h"
#include "plugins/resnet18_classification/training/graph.h"
#include "plugins/yolo11n_detection/training/graph.h"
#include "tests/unit/native_train/npy.h"

namespace {

using namespace fair;
using Words = std::vector<std::string>;

template <class T>
T or_leave(Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << result.error().message() << "\n";
  std::exit(1);
}

train::Program program_of(const onnx::Model& model, train::ProgramOptions options) {
  options.real = at::kDouble;  // both sides: what differs is not the rounding
  train::Program program = or_leave(train::Program::compile(model, options));
  program.set_training(true);
  return program;
}

void write_gradients(const train::Program& program, const std::string& folder, const Words& names) {
  for (const std::string& name : names) {
    for (const train::NamedTensor& p : program.parameters()) {
      if (p.name != name) continue;
      const at::Tensor gradient = p.value.grad().contiguous();
      std::ofstream(folder + "/" + name + ".f64", std::ios::binary)
          .write(static_cast<const char*>(gradient.data_ptr()), static_cast<std::streamsize>(gradient.nbytes()));
    }
  }
}

Json classification_step(const Words& words) {
  const train::Program program = program_of(or_leave(onnx::read_model(words[0])), {});
  const at::Tensor labels = test::read_npy(words[2]).to(at::kLong);
  std::vector<std::int64_t> counts;
  std::istringstream list(words[4]);
  for (std::string one; std::getline(list, one, ',');) counts.push_back(std::stoll(one));
  const at::Tensor logits = program.run(test::read_npy(words[1]).to(at::kDouble)).at(0);
  train::ClassificationLoss measure =
      or_leave(train::ClassificationLoss::from(logits.size(1) == 1 ? "BCEWithLogitsLoss" : "CrossEntropyLoss", logits.size(1), counts, true));
  measure.weights = measure.weights.to(at::kDouble);
  const at::Tensor loss = measure(logits, labels);
  loss.backward();
  write_gradients(program, words[3], {words.begin() + 5, words.end()});
  return {{"loss", loss.item<double>()}, {"parameters", program.parameters().size()}};
}

Json detection_step(const Words& words) {
  const onnx::Model model = or_leave(onnx::read_model(words[0]));
  train::ProgramOptions options;
  options.frozen = {"model.22.dfl.", "model.23.dfl."};
  options.taps = or_leave(train::detection_taps(model));
  const train::Program program = program_of(model, options);
  const at::Tensor pixels = test::read_npy(words[1]).to(at::kDouble), targets = test::read_npy(words[2]).to(at::kDouble);
  const train::Tensors outputs = program.run(pixels);
  const train::HeadMaps maps{{outputs.end() - 6, outputs.end() - 3}, {outputs.end() - 3, outputs.end()}};
  const train::BoxLossParts parts = train::box_loss(maps, pixels.size(2), targets);
  parts.sum().backward();
  write_gradients(program, words[3], {words.begin() + 4, words.end()});
  return {{"box", parts.box.item<double>()},
          {"classes", parts.classes.item<double>()},
          {"distribution", parts.distribution.item<double>()},
          {"parameters", program.parameters().size()}};
}

Json rank_steps(const Words& words) {
  train::use_threads(1);
  const train::Rank rank = or_leave(train::Rank::from_environment());
  std::shared_ptr<train::RankGroup> group;
  if (!rank.alone()) group = or_leave(train::RankGroup::join(rank, {}));
  train::ProgramOptions options;
  options.real = words[3] == "float64" ? at::kDouble : at::kFloat;
  std::istringstream list(words[5]);
  for (std::string one; words[4] == "frozen" && std::getline(list, one, ',');) options.frozen.push_back(one);
  train::Program program = or_leave(train::Program::compile(or_leave(onnx::read_model(words[0])), options));
  program.set_training(true);
  if (group && words[4] == "shared") program.share_statistics(*group);
  const at::Tensor pixels = test::read_npy(words[1]).to(options.real), labels = test::read_npy(words[2]).to(at::kLong);
  const auto part = train::BatchPart::of(static_cast<int>(pixels.size(1)), rank.rank, rank.ranks);
  std::optional<train::GradientBuckets> buckets;
  if (group) buckets.emplace(program.parameters(), group, part.share());
  std::vector<at::Tensor> statistics;
  for (const train::NamedTensor& b : program.buffers()) statistics.push_back(b.value);
  train::Optimizer optimizer(program.parameters(), or_leave(train::OptimizerOptions::from("SGD")));
  Json losses = Json::array();
  for (std::int64_t step = 0; step < pixels.size(0); ++step) {
    const auto mine = [&](const at::Tensor& all) { return all[step].slice(0, part.first, part.first + part.count); };
    if (group && !statistics.empty()) group->spread(statistics, "statistics");
    const at::Tensor loss =
        at::cross_entropy_loss(program.run(mine(pixels).contiguous(at::MemoryFormat::ChannelsLast)).at(0), mine(labels), {}, at::Reduction::Mean);
    loss.backward();
    if (buckets) buckets->finish();
    optimizer.step(std::stod(words[6]));
    const at::Tensor whole = loss.detach().to(at::kDouble) * part.share();
    if (group) group->sum(whole, "losses");
    losses.push_back(whole.item<double>());
  }
  return losses;
}

/// The built-in detector's postprocessing, for an item of that many classes.
std::shared_ptr<plugin::ModelPlugin> decoder(int classes) {
  for (const plugins::BuiltIn& one : plugins::built_in()) {
    if (std::string(one.name) != "yolo11n_detection") continue;
    Json item = Json::parse(one.items.front());
    Json& list = item["properties"]["mlm:output"][0]["classification:classes"];
    for (int c = 1; c < classes; ++c) list.push_back({{"name", "class " + std::to_string(c)}, {"value", c}});
    return or_leave(or_leave(plugins::built_in_registry())
                        .create(or_leave(stac::ModelSpec::from_item(or_leave(stac::Item::from_json(item, "yolo11n-detection"))))));
  }
  std::exit(1);
}

Json boxes(const Words& words) {
  at::Tensor raw = test::read_npy(words[0]).to(at::kFloat).contiguous();
  const float confidence = std::stof(words[2]);
  const auto plugin = decoder(std::stoi(words[1]));
  Json out = Json::array();
  for (std::int64_t window = 0; window < raw.size(0); ++window) {
    const at::Tensor one = raw[window];
    TensorView view;
    view.data = one.data_ptr<float>();
    view.rank = 3;
    view.shape = {1, one.size(0), one.size(1)};
    const auto rows = or_leave(plugin->postprocess({&view, 1}));
    std::vector<detect::Box> found;
    for (const float* row = rows.data.data(); row < rows.data.data() + rows.data.size(); row += 7) {
      if (row[5] > confidence) found.push_back({row[1], row[2], row[3], row[4], row[5], static_cast<std::int32_t>(row[6])});
    }
    for (const detect::Box& b : detect::suppress(std::move(found), std::stod(words[3])))
      out.push_back({window, b.x0, b.y0, b.x1, b.y1, b.confidence, b.label});
  }
  return out;
}

}  // namespace

int main(int count, char** values) {
  const Words all(values + 1, values + count);
  const std::string what = all.size() > 2 ? all[0] + " " + all[1] : "";
  const Words words(all.begin() + (what.empty() ? 0 : 2), all.end());
  if (what == "classification graph" && words.size() == 2) {
    resnet18_classification::GraphOptions options;
    options.logits = std::stoll(words[1]);
    or_leave(onnx::write_model(words[0], resnet18_classification::resnet18(options)).map([] { return 0; }));
  } else if (what == "detection graph" && words.size() == 1) {
    or_leave(onnx::write_model(words[0], yolo11n_detection::yolo11({})).map([] { return 0; }));
  } else if (what == "classification step" && words.size() >= 5) {
    std::cout << classification_step(words).dump() << "\n";
  } else if (what == "detection step" && words.size() >= 4) {
    std::cout << detection_step(words).dump() << "\n";
  } else if (what == "ranks steps" && words.size() == 7) {
    const Json losses = rank_steps(words);
    if (or_leave(train::Rank::from_environment()).first()) std::cout << losses.dump() << "\n";
  } else if (what == "detection boxes" && words.size() == 4) {
    std::cout << boxes(words).dump() << "\n";
  } else {
    std::cerr << "usage: parity_models classification|detection|ranks graph|step|steps|boxes …, as the head of tests/parity/models/main.cpp says\n";
    return 2;
  }
  return 0;
}
