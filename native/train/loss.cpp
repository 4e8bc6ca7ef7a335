#include "native/train/loss.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "native/onnx/read.h"
#include "native/train/program.h"

namespace fair::train {
namespace {

at::Tensor one_hot(const at::Tensor& target, std::int64_t channels, at::ScalarType type) {
  if (channels == 1) return target.ne(0).to(type).unsqueeze(1);
  const auto classes = at::arange(channels, target.options()).view({1, channels, 1, 1});
  return target.unsqueeze(1).eq(classes).to(type);
}

}  // namespace

at::Tensor Loss::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  if (graph) return graph(logits, target);
  const auto channels = logits.size(1);
  at::Tensor total;
  const auto add = [&total](double factor, const at::Tensor& part) {
    const auto weighted = factor == 1.0 ? part : part * factor;
    total = total.defined() ? total + weighted : weighted;
  };
  if (cross_entropy > 0) add(cross_entropy, at::cross_entropy_loss(logits, target, class_weights, at::Reduction::Mean, ignored_class));
  if (binary_cross_entropy <= 0 && dice <= 0) return total;

  const auto counted = target.ne(ignored_class).unsqueeze(1).to(logits.scalar_type());
  const auto truth = one_hot(target, channels, logits.scalar_type());
  if (binary_cross_entropy > 0) {
    const auto each = at::binary_cross_entropy_with_logits(logits, truth, {}, {}, at::Reduction::None) * counted;
    add(binary_cross_entropy, each.sum() / (counted.sum() * static_cast<double>(channels)).clamp_min(1));
  }
  if (dice > 0) {
    // Over the whole batch, so that a window without a building does not decide alone.
    const auto scores = (channels == 1 ? at::sigmoid(logits) : at::softmax(logits, 1)) * counted;
    const auto present = truth * counted;
    const std::vector<std::int64_t> axes{0, 2, 3};
    const auto both = (scores * present).sum(axes);
    const auto sum = scores.sum(axes) + present.sum(axes);
    auto share = 1.0 - (both * 2.0 + 1.0) / (sum + 1.0);
    if (channels > 1) share = share.slice(0, 1);
    add(dice, share.mean());
  }
  return total;
}

Result<Loss> Loss::from(const std::string& name, std::int64_t channels) {
  Loss loss;
  std::size_t from = 0;
  while (from <= name.size()) {
    const auto to = std::min(name.find('+', from), name.size());
    std::string part = name.substr(from, to - from);
    part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
    double factor = 1.0;
    if (const auto star = part.find('*'); star != std::string::npos) {
      const auto read = std::from_chars(part.data(), part.data() + star, factor);
      if (read.ec != std::errc() || read.ptr != part.data() + star || factor <= 0)
        return fail(Code::usage, "loss '" + name + "'", "a positive factor before '*'", "'" + part + "'");
      part = part.substr(star + 1);
    }
    if (part == "CrossEntropyLoss" || part == "cross_entropy" || part == "ce")
      (channels == 1 ? loss.binary_cross_entropy : loss.cross_entropy) += factor;
    else if (part == "BCEWithLogitsLoss" || part == "binary_cross_entropy" || part == "bce") loss.binary_cross_entropy += factor;
    else if (part == "DiceLoss" || part == "dice") loss.dice += factor;
    else return fail(Code::usage, "loss '" + name + "'", "CrossEntropyLoss, BCEWithLogitsLoss, DiceLoss or a sum of them", "'" + part + "'");
    from = to + 1;
  }
  return loss;
}

Result<Loss> Loss::from_graph(const std::filesystem::path& path, std::int64_t channels, std::int64_t window, at::Device device) {
  FAIR_TRY_ASSIGN(const onnx::Model model, onnx::read_model(path));
  const auto feeds = model.graph.feeds();
  if (feeds.size() != 2 || model.graph.outputs.size() != 1) {
    return fail(Code::invalid, "loss " + path.string(), "two inputs, the logits and the target, and one output",
                std::to_string(feeds.size()) + " inputs and " + std::to_string(model.graph.outputs.size()) + " outputs");
  }
  ProgramOptions options;
  options.device = device;
  options.channels_last = false;
  options.frozen = {""};
  options.logits = false;
  options.learns = false;
  FAIR_TRY_ASSIGN(auto compiled, Program::compile(model, options));
  const std::size_t target_at = feeds[0]->name == "target" ? 0 : 1;
  const bool real = feeds[target_at]->type == onnx::ElementType::f32 || feeds[target_at]->type == onnx::ElementType::f16;
  const auto program = std::make_shared<const Program>(std::move(compiled));
  Loss loss;
  loss.graph = [program, target_at, real](const at::Tensor& logits, const at::Tensor& target) {
    Tensors inputs{logits, logits};
    inputs[target_at] = real ? target.to(logits.scalar_type()) : target;
    return program->run(inputs).at(0).sum();
  };
  std::string found;
  try {
    const auto logits = at::zeros({1, channels, window, window}, at::TensorOptions().device(device)).requires_grad_(true);
    const auto target = at::zeros({1, window, window}, at::TensorOptions().dtype(at::kLong).device(device));
    Tensors inputs{logits, logits};
    inputs[target_at] = real ? target.to(at::kFloat) : target;
    const auto value = program->run(inputs).at(0);
    if (value.numel() != 1) found = std::to_string(value.numel()) + " values";
    else if (!value.requires_grad()) found = "one that does not depend on the logits";
  } catch (const std::exception& e) {
    found = e.what();
    found.resize(std::min(found.find('\n'), found.size()));
  }
  if (!found.empty()) {
    const std::string size = std::to_string(window);
    return fail(Code::incompatible, "loss " + path.string(),
                "one value with a gradient for logits of (1, " + std::to_string(channels) + ", " + size + ", " + size + ") and a target of (1, " +
                    size + ", " + size + ")",
                found, "check its inputs");
  }
  return loss;
}

}  // namespace fair::train
