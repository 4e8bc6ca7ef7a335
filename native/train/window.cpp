#include "native/train/window.h"

#include <algorithm>

#include "native/train/operators.h"

namespace fair::train::operators {

Window::Window(const onnx::Node& node)
    : kernel(node.integers("kernel_shape")),
      stride(node.integers("strides")),
      dilation(node.integers("dilations")),
      pads(node.integers("pads")),
      auto_pad(node.text("auto_pad", "NOTSET")),
      ceil(node.integer("ceil_mode", 0) != 0) {}

void Window::fill(const at::Tensor& x, const std::vector<std::int64_t>& kernel_if_absent) {
  if (x.dim() < 3) throw Unsupported("an input of " + std::to_string(x.dim()) + " axes instead of batch, channels and at least one more");
  const auto n = static_cast<std::size_t>(x.dim() - 2);
  if (kernel.empty()) kernel = kernel_if_absent;
  if (stride.empty()) stride.assign(n, 1);
  if (dilation.empty()) dilation.assign(n, 1);
  if (pads.empty() || auto_pad != "NOTSET") pads.assign(2 * n, 0);
  if (kernel.size() != n || stride.size() != n || dilation.size() != n || pads.size() != 2 * n)
    throw Unsupported("a window of " + std::to_string(kernel.size()) + " axes over " + std::to_string(n));
  if (auto_pad != "SAME_UPPER" && auto_pad != "SAME_LOWER") return;
  for (std::size_t i = 0; i < n; ++i) {
    const auto size = x.size(static_cast<std::int64_t>(i) + 2);
    const auto out = (size + stride[i] - 1) / stride[i];
    const auto total = std::max<std::int64_t>((out - 1) * stride[i] + extent(i) - size, 0);
    pads[i] = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[n + i] = total - pads[i];
  }
}

bool Window::symmetric() const {
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
  return std::equal(pads.begin(), half, half);
}

std::vector<std::int64_t> Window::begin_pads() const { return {pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2)}; }

std::int64_t Window::count(std::size_t i, std::int64_t size) const {
  const auto room = size + begin(i) + end(i) - extent(i);
  if (room < 0) throw Unsupported("a window larger than its input");
  auto out = (ceil ? room + stride[i] - 1 : room) / stride[i] + 1;
  if (ceil && (out - 1) * stride[i] >= size + begin(i)) --out;
  return out;
}

std::vector<std::int64_t> torch_pads(const std::vector<std::int64_t>& begins, const std::vector<std::int64_t>& ends) {
  std::vector<std::int64_t> out;
  for (std::size_t i = begins.size(); i-- > 0;) {
    out.push_back(begins[i]);
    out.push_back(ends[i]);
  }
  return out;
}

}  // namespace fair::train::operators
