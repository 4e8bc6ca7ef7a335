#include "native/train/box_loss.h"

#include <c10/core/GradMode.h>

namespace fair::train {
namespace {

/// All levels side by side.
struct Head {
  at::Tensor sides;    ///< (batch, anchors, 4, bins)
  at::Tensor logits;   ///< (batch, anchors, classes)
  at::Tensor points;   ///< (anchors, 2), cells
  at::Tensor strides;  ///< (anchors, 1), pixels
};

Head joined(const HeadMaps& maps, std::int64_t height) {
  std::vector<at::Tensor> sides, logits, points, strides;
  for (std::size_t i = 0; i < maps.sides.size(); ++i) {
    const at::Tensor& s = maps.sides[i];
    const std::int64_t h = s.size(2), w = s.size(3), bins = s.size(1) / 4;
    sides.push_back(s.flatten(2).transpose(1, 2).reshape({s.size(0), h * w, 4, bins}));
    logits.push_back(maps.classes[i].flatten(2).transpose(1, 2));
    const at::Tensor x = (at::arange(w, s.options()) + 0.5).unsqueeze(0).expand({h, w}),
                     y = (at::arange(h, s.options()) + 0.5).unsqueeze(1).expand({h, w});
    points.push_back(at::stack({x.reshape({-1}), y.reshape({-1})}, 1));
    strides.push_back(at::full({h * w, 1}, static_cast<double>(height) / static_cast<double>(h), s.options()));
  }
  return {at::cat(sides, 1), at::cat(logits, 1), at::cat(points, 0), at::cat(strides, 0)};
}

/// Boxes in cells from the distributions' means.
at::Tensor boxes_of(const Head& head) {
  const at::Tensor numbers = at::arange(head.sides.size(3), head.sides.options());
  const at::Tensor distances = at::matmul(head.sides.softmax(3), numbers);  // left, up, right, down
  return at::cat({head.points - distances.slice(2, 0, 2), head.points + distances.slice(2, 2, 4)}, 2);
}

/// The cross entropy of each side against the two bins that its true distance lies between, the nearer one the heavier; the mean of four sides.
at::Tensor distribution_loss(const at::Tensor& sides, const at::Tensor& distances) {
  const at::Tensor lower = distances.floor(), share = distances - lower;
  const at::Tensor logs = sides.log_softmax(2), below = lower.to(at::kLong).unsqueeze(2);
  const at::Tensor entropy = logs.gather(2, below).squeeze(2) * (1 - share) + logs.gather(2, below + 1).squeeze(2) * share;
  return -entropy.mean(1, true);
}

}  // namespace

BoxLossParts box_loss(const HeadMaps& maps, std::int64_t height, const at::Tensor& targets, const BoxLossOptions& options) {
  const Head head = joined(maps, height);
  const at::Tensor boxes = boxes_of(head);
  std::vector<at::Tensor> taken, wanted_boxes, wanted_scores;
  {
    const c10::NoGradGuard no_grad;
    const at::Tensor pixels = boxes.detach() * head.strides, probabilities = head.logits.detach().sigmoid(), centres = head.points * head.strides;
    for (std::int64_t b = 0; b < boxes.size(0); ++b) {
      const at::Tensor mine = targets.index_select(0, targets.select(1, 0).eq(static_cast<double>(b)).nonzero().squeeze(1));
      const Assignment a =
          assign_boxes(probabilities[b], pixels[b], centres, mine.slice(1, 2, 6), mine.select(1, 1).to(at::kLong), options.assignment);
      taken.push_back(a.taken);
      wanted_boxes.push_back(a.boxes);
      wanted_scores.push_back(a.scores);
    }
  }
  const at::Tensor scores = at::stack(wanted_scores);
  const at::Tensor total = scores.sum().clamp_min(1);
  BoxLossParts out;
  out.classes = at::binary_cross_entropy_with_logits(head.logits, scores, {}, {}, at::Reduction::Sum) / total * options.class_gain;
  const at::Tensor chosen = at::stack(taken).flatten().nonzero().squeeze(1);
  if (chosen.size(0) == 0) {
    // Nothing to find: the maps still take part, so that every weight has a gradient.
    out.box = boxes.sum() * 0;
    out.distribution = head.sides.sum() * 0;
    return out;
  }
  const std::int64_t batch = boxes.size(0), anchors = boxes.size(1);
  const at::Tensor weight = scores.sum(2).flatten().index_select(0, chosen).unsqueeze(1);
  const at::Tensor truth = (at::stack(wanted_boxes) / head.strides).flatten(0, 1).index_select(0, chosen);
  const at::Tensor found = boxes.flatten(0, 1).index_select(0, chosen);
  out.box = ((1 - complete_iou(found, truth).unsqueeze(1)) * weight).sum() / total * options.box_gain;
  const at::Tensor points = head.points.unsqueeze(0).expand({batch, anchors, 2}).flatten(0, 1).index_select(0, chosen);
  const double last = static_cast<double>(head.sides.size(3)) - 1;
  const at::Tensor distances = at::cat({points - truth.slice(1, 0, 2), truth.slice(1, 2, 4) - points}, 1).clamp(0, last - 0.01);
  const at::Tensor sides = head.sides.flatten(0, 1).index_select(0, chosen);
  out.distribution = (distribution_loss(sides, distances) * weight).sum() / total * options.distribution_gain;
  return out;
}

}  // namespace fair::train
