#include "native/launch/graph_engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "native/infer/session.h"
#include "native/onnx/counter_random.h"
#include "native/onnx/half_weights.h"

namespace fair::launch {
namespace {

using onnx::ElementType;

std::string text_of(const std::vector<onnx::Dimension>& shape) {
  std::string out;
  for (const auto& d : shape)
    out += (out.empty() ? "" : "×") + (!d.param.empty() ? d.param : d.value < 0 ? std::string("?") : std::to_string(d.value));
  return out;
}
std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out;
  for (const auto size : shape) out += (out.empty() ? "" : "×") + std::to_string(size);
  return out;
}

Result<const onnx::ValueInfo*> the_input(const onnx::Model& model) {
  const auto feeds = model.graph.feeds();
  if (feeds.size() != 1) {
    std::string names;
    for (const auto* feed : feeds) names += (names.empty() ? "" : ", ") + feed->name;
    return fail(Code::unsupported, "the graph", "one input, the image", std::to_string(feeds.size()) + (names.empty() ? "" : ": " + names));
  }
  const auto type = feeds.front()->type;
  if (type != ElementType::f32 && type != ElementType::f16) {
    return fail(Code::unsupported, "input '" + feeds.front()->name + "'", "float32 or float16", onnx::name(type),
                "export the model with a floating-point input");
  }
  return feeds.front();
}

template <class T>
double number_at(const onnx::Tensor& t, std::size_t i) {
  T value{};
  std::memcpy(&value, t.raw.data() + i * sizeof(T), sizeof(T));
  return static_cast<double>(value);
}

double value_at(const onnx::Tensor& t, std::size_t i) {
  switch (t.type) {
    case ElementType::f32: return number_at<float>(t, i);
    case ElementType::f64: return number_at<double>(t, i);
    case ElementType::f16: return static_cast<double>(onnx::from_half(static_cast<std::uint16_t>(number_at<std::uint16_t>(t, i))));
    case ElementType::u8:
    case ElementType::boolean: return number_at<std::uint8_t>(t, i);
    case ElementType::i8: return number_at<std::int8_t>(t, i);
    case ElementType::u16: return number_at<std::uint16_t>(t, i);
    case ElementType::i16: return number_at<std::int16_t>(t, i);
    case ElementType::i32: return number_at<std::int32_t>(t, i);
    case ElementType::u32: return number_at<std::uint32_t>(t, i);
    case ElementType::i64: return number_at<std::int64_t>(t, i);
    case ElementType::u64: return number_at<std::uint64_t>(t, i);
    default: return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

Result<onnx::Tensor> random_input(const onnx::Model& model, std::int64_t pixels, std::uint64_t seed) {
  FAIR_TRY_ASSIGN(const auto* input, the_input(model));
  if (!input->shape) return fail(Code::unsupported, "input '" + input->name + "'", "a shape", "none in the graph", "give one with --input X.npy");
  const auto& dims = *input->shape;
  std::vector<std::int64_t> shape;
  // Channels are the axis of few: (batch, channels, height, width), or last as Keras has it.
  const auto few = [&](std::size_t i) { return dims.size() == 4 && dims[i].value > 0 && dims[i].value <= 16; };
  const bool channels_last = !few(1) && few(3);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const bool image = dims.size() == 4 && (channels_last ? i == 1 || i == 2 : i >= 2);
    const bool channels = dims.size() == 4 && !image && i != 0;
    shape.push_back(dims[i].value >= 0 ? dims[i].value : image ? pixels : channels ? 3 : 1);
  }
  std::size_t n = 1;
  for (const auto size : shape) n *= static_cast<std::size_t>(size);
  const onnx::CounterRandom dice(seed, 0);
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(dice.uniform(i));
  return onnx::Tensor::of(input->name, std::move(shape), values);
}

Result<onnx::Tensor> fitting_input(const onnx::Model& model, onnx::Tensor given) {
  FAIR_TRY_ASSIGN(const auto* input, the_input(model));
  if (input->shape) {
    const auto& wanted = *input->shape;
    bool fits = wanted.size() == given.dims.size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i) fits = wanted[i].value < 0 || wanted[i].value == given.dims[i];
    if (!fits) {
      return fail(Code::incompatible, "the input", "an array of " + text_of(wanted) + " for '" + input->name + "'", text_of(given.dims),
                  "give the array the graph's shape");
    }
  }
  if (given.type != ElementType::f32) {
    std::vector<float> values(static_cast<std::size_t>(given.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(value_at(given, i));
    given = onnx::Tensor::of("", given.dims, values);
  }
  given.name = input->name;
  return given;
}

Result<std::vector<onnx::Tensor>> run_on_runtime(const std::filesystem::path& model, const onnx::Tensor& input, bool optimised) {
  infer::SessionOptions options;
  options.device = "cpu";
  options.optimised = optimised;
  FAIR_TRY_ASSIGN(const auto session, infer::Session::open(model, options));
  if (input.dims.size() > TensorView::max_rank) return fail(Code::unsupported, "the input", "at most 8 axes", std::to_string(input.dims.size()));
  TensorView view;
  view.dtype = DType::f32;
  view.data = const_cast<char*>(input.raw.data());
  view.rank = static_cast<std::int32_t>(input.dims.size());
  std::copy(input.dims.begin(), input.dims.end(), view.shape.begin());
  FAIR_TRY_ASSIGN(const auto outputs, session->run(view));
  std::vector<onnx::Tensor> out;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& from = outputs[i].view;
    onnx::Tensor tensor;
    tensor.name = session->info().outputs[i].name;
    tensor.type = static_cast<ElementType>(from.dtype);  // numbered alike
    tensor.dims.assign(from.shape.begin(), from.shape.begin() + from.rank);
    tensor.raw.assign(static_cast<const char*>(from.data), from.bytes());
    out.push_back(std::move(tensor));
  }
  return out;
}

Result<Trial> try_graph(const onnx::Model& model, const std::filesystem::path& file) {
  Result<Trial> last = fail(Code::internal, file.string(), "a run", "none");
  for (const std::int64_t pixels : {256, 64}) {
    FAIR_TRY_ASSIGN(const onnx::Tensor input, random_input(model, pixels, 42));
    auto outputs = run_on_runtime(file, input);
    if (outputs && !outputs->empty()) return Trial{input.dims, outputs->front().dims};
    if (!outputs) last = fail(outputs.error());
  }
  return last;
}

std::vector<Difference> differences(const std::vector<onnx::Tensor>& a, const std::vector<onnx::Tensor>& b) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<Difference> out;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    Difference d;
    d.name = (i < a.size() ? a : b)[i].name;
    if (i >= a.size() || i >= b.size() || a[i].dims != b[i].dims) {
      d.largest = infinite;
      d.complaint = i >= a.size() || i >= b.size() ? "given by one engine only" : text_of(a[i].dims) + " against " + text_of(b[i].dims);
      out.push_back(std::move(d));
      continue;
    }
    d.shape = a[i].dims;
    const auto n = static_cast<std::size_t>(a[i].elements());
    for (std::size_t k = 0; k < n; ++k) {
      const double x = value_at(a[i], k);
      const double y = value_at(b[i], k);
      if (std::isnan(x) && std::isnan(y)) continue;
      const double off = x == y ? 0.0 : std::abs(x - y);
      d.largest = std::max(d.largest, std::isnan(off) ? infinite : off);
      if (std::isfinite(x)) d.magnitude = std::max(d.magnitude, std::abs(x));
    }
    out.push_back(std::move(d));
  }
  return out;
}

}  // namespace fair::launch
