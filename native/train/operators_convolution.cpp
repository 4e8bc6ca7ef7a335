#include <algorithm>

#include "native/train/convolution.h"
#include "native/train/operators.h"
#include "native/train/window.h"

namespace fair::train::operators {
namespace {

std::vector<std::int64_t> spatial_of(const at::Tensor& t) { return t.sizes().slice(2).vec(); }

/// By the names under which the processor's autocast knows convolutions; at::convolution itself it lets pass.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias, const Window& w,
                    const std::vector<std::int64_t>& pads, std::int64_t groups) {
  switch (w.axes()) {
    case 1: return at::conv1d(x, weight, bias, w.stride, pads, w.dilation, groups);
    case 2: return train::convolution(x, weight, bias, {w.stride, pads, w.dilation, groups});
    case 3: return at::conv3d(x, weight, bias, w.stride, pads, w.dilation, groups);
    default: return at::convolution(x, weight, bias, w.stride, pads, w.dilation, false, std::vector<std::int64_t>(w.axes(), 0), groups);
  }
}

Kernel conv(const NodeContext& c) {
  return [window = Window(c.node), groups = c.node.integer("group", 1)](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], spatial_of(in[1]));
    const auto bias = optional_input(in, 2);
    if (w.symmetric()) return {convolve(in[0], in[1], bias, w, w.begin_pads(), groups)};
    const std::vector<std::int64_t> ends(w.pads.begin() + static_cast<std::ptrdiff_t>(w.axes()), w.pads.end());
    const auto padded = at::constant_pad_nd(in[0], torch_pads(w.begin_pads(), ends), 0);
    return {convolve(padded, in[1], bias, w, std::vector<std::int64_t>(w.axes(), 0), groups)};
  };
}

/// Pads of a transposed convolution cut its result, so that an output's size asked for is kept by choosing them.
void cut_to(Window& w, const at::Tensor& x, const std::vector<std::int64_t>& output_shape, const std::vector<std::int64_t>& more) {
  const bool same = w.auto_pad == "SAME_UPPER" || w.auto_pad == "SAME_LOWER";
  if (output_shape.empty() && !same) return;
  const auto n = w.axes();
  for (std::size_t i = 0; i < n; ++i) {
    const auto size = x.size(static_cast<std::int64_t>(i) + 2);
    // Some exporters write batch and channels too.
    const auto wanted = output_shape.empty() ? size * w.stride[i] : output_shape[output_shape.size() - n + i];
    const auto total = std::max<std::int64_t>(w.stride[i] * (size - 1) + more[i] + w.extent(i) - wanted, 0);
    w.pads[i] = w.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.pads[n + i] = total - w.pads[i];
  }
}

Kernel conv_transpose(const NodeContext& c) {
  return [window = Window(c.node), groups = c.node.integer("group", 1), more = c.node.integers("output_padding"),
          output_shape = c.node.integers("output_shape")](Tensors& in) -> Tensors {
    auto w = window;
    w.fill(in[0], spatial_of(in[1]));
    const auto n = w.axes();
    auto extra = more;
    extra.resize(n, 0);
    if (!output_shape.empty() && output_shape.size() < n) throw Unsupported("an output_shape of " + std::to_string(output_shape.size()) + " axes");
    cut_to(w, in[0], output_shape, extra);
    const auto bias = optional_input(in, 2);
    bool plain = w.symmetric();
    for (std::size_t i = 0; i < n; ++i) plain = plain && extra[i] < std::max(w.stride[i], w.dilation[i]) && w.begin(i) <= w.extent(i) - 1;
    if (plain && output_shape.empty()) return {at::convolution(in[0], in[1], bias, w.stride, w.begin_pads(), w.dilation, true, extra, groups)};
    const std::vector<std::int64_t> none(n, 0);
    auto y = at::convolution(in[0], in[1], {}, w.stride, none, w.dilation, true, none, groups);
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> behind;
    for (std::size_t i = 0; i < n; ++i) {
      const auto wanted = output_shape.empty() ? y.size(static_cast<std::int64_t>(i) + 2) + extra[i] - w.begin(i) - w.end(i)
                                               : output_shape[output_shape.size() - n + i];
      before.push_back(-w.begin(i));
      behind.push_back(wanted - (y.size(static_cast<std::int64_t>(i) + 2) - w.begin(i)));
    }
    y = at::constant_pad_nd(y, torch_pads(before, behind), 0);
    if (!bias.defined()) return {y};
    std::vector<std::int64_t> per_channel(n + 2, 1);
    per_channel[1] = bias.numel();
    return {y + bias.view(per_channel)};
  };
}

}  // namespace

const std::vector<Operator>& convolution() {
  static const std::vector<Operator> table{
      {"Conv", conv, 1, ""},
      {"ConvTranspose", conv_transpose, 1, ""},
  };
  return table;
}

}  // namespace fair::train::operators
