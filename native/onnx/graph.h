// An ONNX model in memory: what the trainer executes, the builder makes and the files hold.
// Spec: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (messages carry the same names there, with "Proto" behind).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace fair::onnx {

/// Numbered as TensorProto.DataType.
enum class ElementType : std::int32_t {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  text = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  bf16 = 16,
};

/// Bytes of one element; 0 for text and for types this project does not compute with.
[[nodiscard]] std::size_t size_of(ElementType type);
/// "float32", "int64" … as people write them.
[[nodiscard]] const char* name(ElementType type);

/// TensorProto. Values lie in `raw`, little-endian and C-contiguous, however the file spelled them.
struct Tensor {
  std::string name;
  ElementType type = ElementType::undefined;
  std::vector<std::int64_t> dims;
  std::string raw;
  std::vector<std::string> texts;  ///< values of a text tensor
  std::string other;               ///< fields this reader does not interpret, as bytes

  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] const float* f32() const { return reinterpret_cast<const float*>(raw.data()); }
  [[nodiscard]] float* f32() { return reinterpret_cast<float*>(raw.data()); }

  [[nodiscard]] static Tensor of(std::string name, std::vector<std::int64_t> dims, const std::vector<float>& values);
  [[nodiscard]] static Tensor of(std::string name, std::vector<std::int64_t> dims, const std::vector<std::int64_t>& values);
};

struct Graph;

/// AttributeProto. Which member holds the value follows from `type`.
struct Attribute {
  enum class Type : std::int32_t { undefined = 0, real = 1, integer = 2, text = 3, tensor = 4, graph = 5, reals = 6, integers = 7, texts = 8 };

  std::string name;
  Type type = Type::undefined;
  float f = 0;
  std::int64_t i = 0;
  std::string s;
  std::shared_ptr<Tensor> tensor;
  std::shared_ptr<Graph> graph;
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  std::vector<std::string> strings;
  std::string other;
};

/// NodeProto. An empty input name is an optional input left out.
struct Node {
  std::string name, op, domain;
  std::vector<std::string> inputs, outputs;
  std::vector<Attribute> attributes;
  std::string other;

  [[nodiscard]] const Attribute* attribute(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] double real(std::string_view name, double otherwise) const;  ///< the decimal number that was meant: 0.9f gives 0.9
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name, const std::vector<std::int64_t>& otherwise = {}) const;
  /// "Conv '/down1/conv1/Conv'", or named by its first output where it has no name.
  [[nodiscard]] std::string label() const;
};

/// One axis: a size, a name for a free size, or neither.
struct Dimension {
  std::int64_t value = -1;
  std::string param;
};

/// ValueInfoProto of a tensor; other types stay in `other_type`.
struct ValueInfo {
  std::string name;
  ElementType type = ElementType::undefined;
  std::optional<std::vector<Dimension>> shape;
  std::string other_type, other;
};

/// GraphProto.
struct Graph {
  std::string name, doc;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs, outputs, values;
  std::string other;

  [[nodiscard]] const Tensor* initializer(std::string_view name) const;
  [[nodiscard]] Tensor* initializer(std::string_view name);
  /// Inputs a caller must feed: those that no initializer fills (older exporters list initializers as inputs too).
  [[nodiscard]] std::vector<const ValueInfo*> feeds() const;
};

struct Opset {
  std::string domain;  ///< "" is ONNX's own
  std::int64_t version = 0;
};

struct MetadataEntry {
  std::string key, value;
};

/// ModelProto.
struct Model {
  std::int64_t ir_version = 8;
  std::vector<Opset> opsets;
  std::string producer, producer_version, domain, doc;
  std::int64_t version = 0;
  Graph graph;
  std::vector<MetadataEntry> metadata;
  std::string other;  ///< functions, training info: kept, not interpreted

  /// Version of ONNX's own operator set, 0 where none is named.
  [[nodiscard]] std::int64_t opset() const;
  [[nodiscard]] const std::string* metadata_value(std::string_view key) const;
  /// Replaces or adds.
  void set_metadata(std::string_view key, std::string value);
};

}  // namespace fair::onnx
