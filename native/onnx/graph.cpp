#include "native/onnx/graph.h"

#include <array>
#include <charconv>
#include <cstring>

namespace fair::onnx {

std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
    case ElementType::i8:
    case ElementType::boolean: return 1;
    case ElementType::u16:
    case ElementType::i16:
    case ElementType::f16:
    case ElementType::bf16: return 2;
    case ElementType::f32:
    case ElementType::i32:
    case ElementType::u32: return 4;
    case ElementType::i64:
    case ElementType::u64:
    case ElementType::f64: return 8;
    default: return 0;
  }
}

const char* name(ElementType type) {
  switch (type) {
    case ElementType::f32: return "float32";
    case ElementType::u8: return "uint8";
    case ElementType::i8: return "int8";
    case ElementType::u16: return "uint16";
    case ElementType::i16: return "int16";
    case ElementType::i32: return "int32";
    case ElementType::i64: return "int64";
    case ElementType::text: return "string";
    case ElementType::boolean: return "bool";
    case ElementType::f16: return "float16";
    case ElementType::f64: return "float64";
    case ElementType::u32: return "uint32";
    case ElementType::u64: return "uint64";
    case ElementType::bf16: return "bfloat16";
    case ElementType::undefined: break;
  }
  return "undefined";
}

std::int64_t Tensor::elements() const {
  std::int64_t n = 1;
  for (const auto d : dims) n *= d;
  return n;
}

Tensor Tensor::of(std::string name, std::vector<std::int64_t> dims, const std::vector<float>& values) {
  Tensor t;
  t.name = std::move(name);
  t.type = ElementType::f32;
  t.dims = std::move(dims);
  t.raw.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return t;
}

Tensor Tensor::of(std::string name, std::vector<std::int64_t> dims, const std::vector<std::int64_t>& values) {
  Tensor t;
  t.name = std::move(name);
  t.type = ElementType::i64;
  t.dims = std::move(dims);
  t.raw.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t));
  return t;
}

const Attribute* Node::attribute(std::string_view wanted) const {
  for (const auto& a : attributes) {
    if (a.name == wanted) return &a;
  }
  return nullptr;
}

std::int64_t Node::integer(std::string_view wanted, std::int64_t otherwise) const {
  const auto* a = attribute(wanted);
  return a ? a->i : otherwise;
}

double Node::real(std::string_view wanted, double otherwise) const {
  const auto* a = attribute(wanted);
  if (!a) return otherwise;
  // The shortest decimal that reads back as this float is the number somebody typed; widening the float itself would keep its rounding error.
  std::array<char, 64> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), a->f);
  double value = a->f;
  std::from_chars(digits.data(), written.ptr, value);
  return value;
}

std::string Node::text(std::string_view wanted, std::string_view otherwise) const {
  const auto* a = attribute(wanted);
  return a ? a->s : std::string(otherwise);
}

std::vector<std::int64_t> Node::integers(std::string_view wanted, const std::vector<std::int64_t>& otherwise) const {
  const auto* a = attribute(wanted);
  return a ? a->ints : otherwise;
}

std::string Node::label() const {
  const std::string& what = !name.empty() ? name : (outputs.empty() ? name : outputs.front());
  return op + " '" + what + "'";
}

const Tensor* Graph::initializer(std::string_view wanted) const {
  for (const auto& t : initializers) {
    if (t.name == wanted) return &t;
  }
  return nullptr;
}

Tensor* Graph::initializer(std::string_view wanted) { return const_cast<Tensor*>(static_cast<const Graph*>(this)->initializer(wanted)); }

std::vector<const ValueInfo*> Graph::feeds() const {
  std::vector<const ValueInfo*> out;
  for (const auto& v : inputs) {
    if (!initializer(v.name)) out.push_back(&v);
  }
  return out;
}

std::int64_t Model::opset() const {
  for (const auto& o : opsets) {
    if (o.domain.empty() || o.domain == "ai.onnx") return o.version;
  }
  return 0;
}

const std::string* Model::metadata_value(std::string_view key) const {
  for (const auto& m : metadata) {
    if (m.key == key) return &m.value;
  }
  return nullptr;
}

void Model::set_metadata(std::string_view key, std::string value) {
  for (auto& m : metadata) {
    if (m.key == key) {
      m.value = std::move(value);
      return;
    }
  }
  metadata.push_back(MetadataEntry{std::string(key), std::move(value)});
}

}  // namespace fair::onnx
