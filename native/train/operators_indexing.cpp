#include <algorithm>

#include "native/train/operators.h"

namespace fair::train::operators {
namespace {

/// Positions where negative ones count from the end, beside the data.
at::Tensor positions(const at::Tensor& index, std::int64_t size, const at::Tensor& beside) {
  const auto at = index.to(beside.device(), at::kLong);
  return at::where(at < 0, at + size, at);
}

Kernel gather(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0)](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    const auto index = positions(in[1], in[0].size(along), in[0]);
    auto shape = in[0].sizes().vec();
    shape.erase(shape.begin() + along);
    shape.insert(shape.begin() + along, index.sizes().begin(), index.sizes().end());
    return {in[0].index_select(along, index.reshape({-1})).reshape(shape)};
  };
}

Kernel gather_elements(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0)](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    return {at::gather(in[0], along, positions(in[1], in[0].size(along), in[0]))};
  };
}

/// Where tuples of positions point: one tensor of positions an axis, ready for index and index_put.
c10::List<c10::optional<at::Tensor>> tuples(const at::Tensor& data, const at::Tensor& indices, std::int64_t batch_axes) {
  c10::List<c10::optional<at::Tensor>> out;
  const auto rank = indices.dim() - 1;
  const auto depth = indices.size(-1);
  if (depth < 1 || batch_axes + depth > data.dim())
    throw Unsupported("tuples of " + std::to_string(depth) + " positions into " + std::to_string(data.dim()) + " axes");
  for (std::int64_t b = 0; b < batch_axes; ++b) {
    std::vector<std::int64_t> along(static_cast<std::size_t>(std::max<std::int64_t>(rank, 1)), 1);
    along[static_cast<std::size_t>(b)] = data.size(b);
    out.push_back(at::arange(data.size(b), at::TensorOptions().dtype(at::kLong).device(data.device())).view(along));
  }
  for (std::int64_t k = 0; k < depth; ++k) out.push_back(positions(indices.select(-1, k), data.size(batch_axes + k), data));
  return out;
}

Kernel gather_nd(const NodeContext& c) {
  return [batch_axes = c.node.integer("batch_dims", 0)](Tensors& in) -> Tensors { return {at::index(in[0], tuples(in[0], in[1], batch_axes))}; };
}

/// What happens to a value that something is scattered onto: ONNX's name and LibTorch's.
std::string reduction_of(const NodeContext& c) {
  const auto how = c.node.text("reduction", "none");
  if (how == "none" || how == "add") return how;
  if (how == "mul") return "prod";
  if (how == "max") return "amax";
  if (how == "min") return "amin";
  throw Unsupported("reduction " + how);
}

Kernel scatter_elements(const NodeContext& c) {
  return [axis = c.node.integer("axis", 0), how = reduction_of(c)](Tensors& in) -> Tensors {
    const auto along = from_front(axis, in[0].dim());
    const auto at = positions(in[1], in[0].size(along), in[0]);
    if (how == "none") return {at::scatter(in[0], along, at, in[2])};
    if (how == "add") return {at::scatter_add(in[0], along, at, in[2])};
    return {at::scatter_reduce(in[0], along, at, in[2], how)};
  };
}

Kernel scatter_nd(const NodeContext& c) {
  return [how = reduction_of(c)](Tensors& in) -> Tensors {
    const auto where = tuples(in[0], in[1], 0);
    if (how == "none" || how == "add") return {at::index_put(in[0], where, in[2], how == "add")};
    // The axes that tuples point into as one, the others as another.
    auto flat = at::zeros({1}, at::TensorOptions().dtype(at::kLong).device(in[0].device()));
    std::int64_t places = 1;
    for (std::size_t k = 0; k < where.size(); ++k) {
      const auto size = in[0].size(static_cast<std::int64_t>(k));
      flat = flat * size + c10::optional<at::Tensor>(where.get(k))->reshape({-1});
      places *= size;
    }
    const auto data = in[0].reshape({places, -1});
    const auto updates = in[2].reshape({flat.numel(), data.size(1)});
    return {at::scatter_reduce(data, 0, flat.unsqueeze(1).expand_as(updates), updates, how).view(in[0].sizes())};
  };
}

Kernel non_zero(const NodeContext&) {
  return [](Tensors& in) -> Tensors { return {at::nonzero(in[0]).t()}; };
}

Kernel one_hot(const NodeContext& c) {
  return [axis = c.node.integer("axis", -1)](Tensors& in) -> Tensors {
    const auto depth = in[1].to(at::kLong).item<std::int64_t>();
    const auto along = from_front(axis, in[0].dim() + 1);
    std::vector<std::int64_t> classes(static_cast<std::size_t>(in[0].dim() + 1), 1);
    classes[static_cast<std::size_t>(along)] = depth;
    const auto index = positions(in[0], depth, in[0]).unsqueeze(along);
    const auto hot = index.eq(at::arange(depth, index.options()).view(classes));
    return {at::where(hot, in[2].select(0, 1), in[2].select(0, 0))};
  };
}

Kernel compress(const NodeContext& c) {
  const bool whole = c.node.attribute("axis") == nullptr;
  return [whole, axis = c.node.integer("axis", 0)](Tensors& in) -> Tensors {
    const auto x = whole ? in[0].reshape({-1}) : in[0];
    return {x.index_select(from_front(axis, x.dim()), at::nonzero(in[1]).view({-1}).to(x.device()))};
  };
}

/// Turns the first steps of each sequence of a batch around.
Kernel reverse_sequence(const NodeContext& c) {
  return [batch = c.node.integer("batch_axis", 1), time = c.node.integer("time_axis", 0)](Tensors& in) -> Tensors {
    std::vector<std::int64_t> per_time(static_cast<std::size_t>(in[0].dim()), 1);
    auto per_batch = per_time;
    per_time[static_cast<std::size_t>(from_front(time, in[0].dim()))] = -1;
    per_batch[static_cast<std::size_t>(from_front(batch, in[0].dim()))] = -1;
    const auto lengths = in[1].to(in[0].device(), at::kLong).view(per_batch);
    const auto step = at::arange(in[0].size(time), lengths.options()).view(per_time);
    return {at::gather(in[0], time, at::where(step < lengths, lengths - 1 - step, step).expand_as(in[0]))};
  };
}

}  // namespace

const std::vector<Operator>& indexing() {
  static const std::vector<Operator> table{
      {"Gather", gather, 1, ""},
      {"GatherElements", gather_elements, 11, ""},
      {"GatherND", gather_nd, 11, ""},
      {"Scatter", scatter_elements, 9, "gone since opset 11"},
      {"ScatterElements", scatter_elements, 11, ""},
      {"ScatterND", scatter_nd, 11, ""},
      {"NonZero", non_zero, 9, "no gradient"},
      {"OneHot", one_hot, 9, ""},
      {"Compress", compress, 9, ""},
      {"ReverseSequence", reverse_sequence, 10, ""},
  };
  return table;
}

}  // namespace fair::train::operators
