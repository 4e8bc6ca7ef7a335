#include "native/train/box_assignment.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace fair::train {
namespace {

constexpr double tiny = 1e-9;

at::Tensor side(const at::Tensor& boxes, std::int64_t i) { return boxes.select(-1, i); }

}  // namespace

at::Tensor complete_iou(const at::Tensor& a, const at::Tensor& b) {
  constexpr double epsilon = 1e-7, pi = 3.14159265358979323846;
  const at::Tensor wa = side(a, 2) - side(a, 0), ha = side(a, 3) - side(a, 1) + epsilon;
  const at::Tensor wb = side(b, 2) - side(b, 0), hb = side(b, 3) - side(b, 1) + epsilon;
  const at::Tensor w = (at::minimum(side(a, 2), side(b, 2)) - at::maximum(side(a, 0), side(b, 0))).clamp_min(0);
  const at::Tensor h = (at::minimum(side(a, 3), side(b, 3)) - at::maximum(side(a, 1), side(b, 1))).clamp_min(0);
  const at::Tensor both = w * h;
  const at::Tensor iou = both / (wa * ha + wb * hb - both + epsilon);
  const at::Tensor hull_w = at::maximum(side(a, 2), side(b, 2)) - at::minimum(side(a, 0), side(b, 0));
  const at::Tensor hull_h = at::maximum(side(a, 3), side(b, 3)) - at::minimum(side(a, 1), side(b, 1));
  const at::Tensor diagonal = hull_w.pow(2) + hull_h.pow(2) + epsilon;
  const at::Tensor dx = side(b, 0) + side(b, 2) - side(a, 0) - side(a, 2), dy = side(b, 1) + side(b, 3) - side(a, 1) - side(a, 3);
  const at::Tensor apart = (dx.pow(2) + dy.pow(2)) / 4;
  const at::Tensor ratios = (at::atan(wb / hb) - at::atan(wa / ha)).pow(2) * (4 / (pi * pi));
  // The weight of the ratios is a constant to the gradient, as the paper has it.
  at::Tensor weight;
  {
    const c10::NoGradGuard no_grad;
    weight = ratios / (ratios - iou + (1 + epsilon));
  }
  return iou - (apart / diagonal + ratios * weight);
}

Assignment assign_boxes(const at::Tensor& probabilities, const at::Tensor& boxes, const at::Tensor& points, const at::Tensor& truths,
                        const at::Tensor& classes, const AssignmentOptions& options) {
  const std::int64_t anchors = probabilities.size(0);
  Assignment out;
  out.boxes = at::zeros({anchors, 4}, boxes.options());
  out.scores = at::zeros_like(probabilities);
  out.taken = at::zeros({anchors}, boxes.options().dtype(at::kBool));
  if (truths.size(0) == 0) return out;

  const at::Tensor from = points.unsqueeze(0) - truths.slice(1, 0, 2).unsqueeze(1), to = truths.slice(1, 2, 4).unsqueeze(1) - points.unsqueeze(0);
  const at::Tensor inside = at::cat({from, to}, 2).amin(2).gt(tiny);  // (truths, anchors), as all below
  // A few in a hundred pairs: the rest need no arithmetic, and count as 0.
  const at::Tensor pairs = inside.nonzero(), truth = pairs.select(1, 0), anchor = pairs.select(1, 1);
  const auto spread = [&](const at::Tensor& values) {
    return at::zeros(inside.sizes(), values.options()).flatten().index_copy_(0, truth * anchors + anchor, values).view(inside.sizes());
  };
  const at::Tensor shared = complete_iou(truths.index_select(0, truth), boxes.index_select(0, anchor)).clamp_min(0);
  const at::Tensor score = probabilities.flatten().index_select(0, anchor * probabilities.size(1) + classes.index_select(0, truth));
  const at::Tensor overlap = spread(shared), alignment = spread(score.pow(options.score_power) * shared.pow(options.overlap_power));

  const at::Tensor best = std::get<1>(alignment.topk(std::min(options.most_anchors, anchors), 1));
  at::Tensor chosen = at::zeros_like(inside).scatter_(1, best, true).logical_and(inside);
  const at::Tensor contested = chosen.sum(0).gt(1).unsqueeze(0);
  const at::Tensor closest = at::zeros_like(inside).scatter_(0, overlap.argmax(0, true), true);
  chosen = at::where(contested, closest, chosen);

  out.taken = chosen.any(0);
  const at::Tensor owner = chosen.to(at::kByte).argmax(0);
  out.boxes = truths.index_select(0, owner) * out.taken.unsqueeze(1);
  // A box's best anchor is asked for its own overlap, the others for their share of it.
  const at::Tensor aligned = alignment * chosen;
  const at::Tensor most_aligned = aligned.amax(1, true), most_overlap = (overlap * chosen).amax(1, true);
  const at::Tensor wanted = (aligned * most_overlap / (most_aligned + tiny)).amax(0);
  out.scores.scatter_(1, classes.index_select(0, owner).unsqueeze(1), (wanted * out.taken).unsqueeze(1).to(out.scores.scalar_type()));
  return out;
}

}  // namespace fair::train
