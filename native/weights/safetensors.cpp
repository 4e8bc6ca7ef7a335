#include "native/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/base/json.h"
#include "native/onnx/half_weights.h"
#include "native/weights/cursor.h"

namespace fair::weights {
namespace {

using onnx::ElementType;
constexpr std::uint64_t most_header = 100'000'000;  // the format's own limit

std::uint64_t header_size(std::string_view bytes) {
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = size << 8U | static_cast<unsigned char>(bytes[i]);
  return size;
}

ElementType type_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, ElementType>, 13> names{{{"F32", ElementType::f32},
                                                                                   {"F16", ElementType::f16},
                                                                                   {"BF16", ElementType::bf16},
                                                                                   {"F64", ElementType::f64},
                                                                                   {"I64", ElementType::i64},
                                                                                   {"I32", ElementType::i32},
                                                                                   {"I16", ElementType::i16},
                                                                                   {"I8", ElementType::i8},
                                                                                   {"U8", ElementType::u8},
                                                                                   {"U16", ElementType::u16},
                                                                                   {"U32", ElementType::u32},
                                                                                   {"U64", ElementType::u64},
                                                                                   {"BOOL", ElementType::boolean}}};
  for (const auto& [known, type] : names) {
    if (known == name) return type;
  }
  return ElementType::undefined;
}

struct Range {
  std::uint64_t begin = 0, end = 0;
};

/// A whole number of at least 0.
Result<std::uint64_t> count_of(const Json& value, const std::string& thing) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  return fail(Code::invalid, thing, "a whole number of at least 0", value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 40),
              "the file is damaged");
}

Result<Range> range_of(const Json& entry, std::uint64_t data, const std::string& thing) {
  const auto offsets = entry.find("data_offsets");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2)
    return fail(Code::invalid, thing, "data_offsets of two numbers", "none", "the file is damaged");
  FAIR_TRY_ASSIGN(const std::uint64_t begin, count_of((*offsets)[0], thing));
  FAIR_TRY_ASSIGN(const std::uint64_t end, count_of((*offsets)[1], thing));
  if (begin > end || end > data)
    return fail(Code::invalid, thing, "bytes within the " + std::to_string(data) + " that follow the header",
                std::to_string(begin) + " to " + std::to_string(end), "the file is truncated or damaged; fetch or save it again");
  return Range{begin, end};
}

Result<std::vector<std::int64_t>> shape_of(const Json& entry, std::uint64_t elements, const std::string& thing) {
  const auto shape = entry.find("shape");
  if (shape == entry.end() || !shape->is_array()) return fail(Code::invalid, thing, "a shape", "none", "the file is damaged");
  std::vector<std::int64_t> dims;
  std::uint64_t left = 1;
  bool empty = false;
  for (const Json& size : *shape) {
    FAIR_TRY_ASSIGN(const std::uint64_t n, count_of(size, thing));
    empty = empty || n == 0;
    if (n > INT64_MAX || (n != 0 && left > UINT64_MAX / n))
      return fail(Code::invalid, thing, "a shape that fits memory", "a larger one", "the file is damaged");
    if (n != 0) left *= n;
    dims.push_back(static_cast<std::int64_t>(n));
  }
  if ((empty ? 0 : left) != elements)
    return fail(Code::invalid, thing, "as many elements as its bytes hold, " + std::to_string(elements), empty ? "0" : std::to_string(left),
                "the file is damaged");
  return dims;
}

/// Every byte belongs to one tensor.
Result<> covered(std::vector<Range> ranges, std::uint64_t data, const std::string& thing) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t at = 0;
  for (const Range& r : ranges) {
    if (r.begin != at)
      return fail(Code::invalid, thing + " data at byte " + std::to_string(std::min(at, r.begin)), "tensors side by side",
                  r.begin < at ? "two that share bytes" : "bytes of none", "the file is damaged; save it again");
    at = r.end;
  }
  if (at != data)
    return fail(Code::invalid, thing, std::to_string(at) + " bytes of tensors", std::to_string(data), "the file is damaged; fetch or save it again");
  return {};
}

}  // namespace

bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > 8 && bytes[8] == '{' && header_size(bytes) >= 2 && header_size(bytes) <= most_header;
}

Result<StateDict> parse_safetensors(std::string_view bytes, const std::string& thing) {
  const std::uint64_t size = header_size(bytes);
  if (size > bytes.size() - 8)
    return fail(Code::invalid, thing, "a header of " + std::to_string(size) + " bytes", std::to_string(bytes.size() - 8) + " bytes after its length",
                "the file is truncated; fetch or save it again");
  const std::string_view data = bytes.substr(8 + size);
  JsonLimits limits;
  limits.max_bytes = most_header;
  limits.max_depth = 8;
  FAIR_TRY_ASSIGN(const Json header, parse_json(bytes.substr(8, size), thing + " header", limits));
  if (!header.is_object()) return fail(Code::invalid, thing + " header", "a JSON object", header.type_name(), "the file is damaged");
  StateDict out;
  out.format = "safetensors";
  std::vector<Range> ranges;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const std::string part = thing + " tensor '" + name + "'";
    if (!entry.is_object()) return fail(Code::invalid, part, "a JSON object", entry.type_name(), "the file is damaged");
    FAIR_TRY_ASSIGN(const Range range, range_of(entry, data.size(), part));
    ranges.push_back(range);
    const auto dtype = entry.find("dtype");
    if (dtype == entry.end() || !dtype->is_string()) return fail(Code::invalid, part, "a dtype", "none", "the file is damaged");
    onnx::Tensor t;
    t.name = name;
    t.type = type_of(dtype->get_ref<const std::string&>());
    if (t.type == ElementType::undefined) {
      out.left_out.push_back(name + " (" + dtype->get<std::string>() + ")");
      continue;
    }
    const std::uint64_t length = range.end - range.begin, one = onnx::size_of(t.type);
    if (length % one != 0)
      return fail(Code::invalid, part, "whole elements of " + std::to_string(one) + " bytes", std::to_string(length) + " bytes",
                  "the file is damaged");
    FAIR_TRY_ASSIGN(t.dims, shape_of(entry, length / one, part));
    t.raw = std::string(data.substr(range.begin, length));
    out.tensors.push_back(std::move(t));
  }
  FAIR_TRY(covered(std::move(ranges), data.size(), thing));
  return out;
}

Result<std::string> serialize_safetensors(const std::vector<onnx::StateEntry>& entries, bool half) {
  Json header = Json::object();
  std::string data;
  const auto place = [&](const onnx::StateEntry& entry, const char* type, std::string_view bytes) {
    header[entry.name] = {{"dtype", type}, {"shape", entry.dims}, {"data_offsets", {data.size(), data.size() + bytes.size()}}};
    data += bytes;
  };
  const auto rounded = [half](const onnx::StateEntry& entry) { return half && entry.dims.size() >= 2; };
  for (const onnx::StateEntry& entry : entries) {
    if (!rounded(entry)) place(entry, "F32", entry.bytes);
  }
  for (const onnx::StateEntry& entry : entries) {
    if (!rounded(entry)) continue;
    FAIR_TRY_ASSIGN(const std::string halves, onnx::halves_of(entry.bytes, entry.name));
    place(entry, "F16", halves);
  }
  std::string described = header.dump();
  described.append((8 - described.size() % 8) % 8, ' ');  // data begin at a multiple of eight
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) out += static_cast<char>(described.size() >> 8 * i & 0xFFU);
  return out + described + data;
}

}  // namespace fair::weights
