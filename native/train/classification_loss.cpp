#include "native/train/classification_loss.h"

#include <numeric>

namespace fair::train {

at::Tensor ClassificationLoss::operator()(const at::Tensor& logits, const at::Tensor& labels) const {
  const std::int64_t channels = logits.size(1);
  if (channels == 1) {
    return at::binary_cross_entropy_with_logits(logits.squeeze(1), labels.ne(0).to(logits.scalar_type()), {}, weights, at::Reduction::Mean);
  }
  if (!binary) return at::cross_entropy_loss(logits, labels, weights, at::Reduction::Mean);
  const at::Tensor truth = labels.unsqueeze(1).eq(at::arange(channels, labels.options())).to(logits.scalar_type());
  return at::binary_cross_entropy_with_logits(logits, truth, weights, {}, at::Reduction::Mean);
}

Result<ClassificationLoss> ClassificationLoss::from(const std::string& name, std::int64_t channels, const std::vector<std::int64_t>& occurring,
                                                    bool balanced) {
  ClassificationLoss out;
  if (name == "CrossEntropyLoss" || name == "cross_entropy" || name == "ce") out.binary = channels == 1;
  else if (name != "BCEWithLogitsLoss" && name != "binary_cross_entropy" && name != "bce")
    return fail(Code::usage, "loss '" + name + "'", "BCEWithLogitsLoss or CrossEntropyLoss", "another", "set loss=BCEWithLogitsLoss");
  if (!balanced) return out;
  if (channels == 1) {
    const std::int64_t positive = std::accumulate(occurring.begin() + 1, occurring.end(), std::int64_t{0});
    if (positive > 0 && occurring[0] > 0) out.weights = at::full({1}, static_cast<double>(occurring[0]) / static_cast<double>(positive), at::kFloat);
    return out;
  }
  const std::int64_t total = std::accumulate(occurring.begin(), occurring.end(), std::int64_t{0});
  std::int64_t present = 0;
  for (const std::int64_t n : occurring) present += n > 0 ? 1 : 0;
  out.weights = at::ones({channels}, at::kFloat);
  for (std::size_t c = 0; c < occurring.size(); ++c) {
    if (occurring[c] > 0)
      out.weights.data_ptr<float>()[c] = static_cast<float>(static_cast<double>(total) / static_cast<double>(present * occurring[c]));
  }
  return out;
}

}  // namespace fair::train
