#include "native/onnx/npy.h"

#include <array>
#include <charconv>
#include <limits>

#include "native/io/atomic_file.h"

namespace fair::onnx {
namespace {

struct Spelling {
  std::string_view numpy;
  ElementType type;
};
constexpr std::array<Spelling, 12> spellings{{{"<f4", ElementType::f32},
                                              {"<f8", ElementType::f64},
                                              {"<f2", ElementType::f16},
                                              {"|u1", ElementType::u8},
                                              {"|i1", ElementType::i8},
                                              {"|b1", ElementType::boolean},
                                              {"<i2", ElementType::i16},
                                              {"<i4", ElementType::i32},
                                              {"<i8", ElementType::i64},
                                              {"<u2", ElementType::u16},
                                              {"<u4", ElementType::u32},
                                              {"<u8", ElementType::u64}}};

constexpr std::string_view magic("\x93NUMPY", 6);

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// What stands behind 'key': in a header's dictionary, up to the comma or bracket that ends it; empty where the key is missing.
std::string_view value_of(std::string_view header, std::string_view key) {
  const auto at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return {};
  auto value = header.substr(at + key.size() + 2);
  const auto begin = value.find_first_not_of(" :");
  if (begin == std::string_view::npos) return {};
  value = value.substr(begin);
  const bool tuple = value.front() == '(';
  const auto end = tuple ? value.find(')') : value.find_first_of(",}");
  if (end == std::string_view::npos) return {};
  return value.substr(0, tuple ? end + 1 : end);
}

/// "(2, 3)", "(2,)" or "()". False for anything else.
bool read_shape(std::string_view text, std::vector<std::int64_t>& out) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return false;
  text = text.substr(1, text.size() - 2);
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return true;
    text = text.substr(begin);
    std::int64_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    if (read.ec != std::errc() || size < 0) return false;
    text = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.empty()) return !out.empty() && (out.push_back(size), true);
    if (text.front() != ',') return false;
    text = text.substr(1);
    out.push_back(size);
  }
}

}  // namespace

Result<Tensor> parse_npy(std::string_view bytes, const std::string& thing) {
  const std::string hint = "save it with numpy.save";
  if (bytes.size() < 12 || bytes.substr(0, magic.size()) != magic)
    return fail(Code::invalid, thing, "a .npy file", "bytes that begin otherwise", hint);
  const auto version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3) return fail(Code::unsupported, thing, "version 1 to 3 of .npy", std::to_string(version), hint);
  const std::size_t start = version == 1 ? 10 : 12;
  const std::size_t length = little_endian(bytes.substr(8, start - 8));
  if (length > bytes.size() - start)
    return fail(Code::invalid, thing, "a header of " + std::to_string(length) + " bytes", "the end of the file", hint);
  const auto header = bytes.substr(start, length);
  const auto values = bytes.substr(start + length);

  auto type = value_of(header, "descr");
  if (type.size() > 2 && (type.front() == '\'' || type.front() == '"')) type = type.substr(1, type.size() - 2);
  Tensor out;
  for (const auto& s : spellings) {
    if (s.numpy == type) out.type = s.type;
  }
  if (out.type == ElementType::undefined) {
    return fail(Code::unsupported, thing, "little-endian numbers", type.empty() ? "no element type" : "elements of type " + std::string(type),
                "convert it first: a.astype('<f4')");
  }
  const auto order = value_of(header, "fortran_order");
  if (order.substr(0, 4) == "True") return fail(Code::unsupported, thing, "values in C order", "Fortran order", "save numpy.ascontiguousarray(a)");
  if (order.substr(0, 5) != "False") return fail(Code::invalid, thing, "fortran_order in its header", "none", hint);
  const auto shape = value_of(header, "shape");
  if (!read_shape(shape, out.dims)) return fail(Code::invalid, thing, "a shape in its header", "'" + std::string(shape) + "'", hint);
  std::size_t expected = size_of(out.type);
  for (const auto size : out.dims) {
    if (size != 0 && expected > std::numeric_limits<std::size_t>::max() / 2 / static_cast<std::size_t>(size))
      return fail(Code::invalid, thing, "a shape that fits memory", std::string(shape), hint);
    expected *= static_cast<std::size_t>(size);
  }
  if (values.size() != expected) {
    return fail(Code::invalid, thing, std::to_string(expected) + " bytes of values for shape " + std::string(shape), std::to_string(values.size()),
                "the file is truncated or has something behind its values");
  }
  out.raw = std::string(values);
  return out;
}

Result<Tensor> read_npy(const std::filesystem::path& path) {
  FAIR_TRY_ASSIGN(const std::string bytes, io::read_whole(path, 4ULL << 30U));
  return parse_npy(bytes, path.string());
}

Result<> write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  std::string_view spelled;
  for (const auto& s : spellings) {
    if (s.type == tensor.type) spelled = s.numpy;
  }
  if (spelled.empty()) return fail(Code::unsupported, path.string(), "a type that NumPy has", name(tensor.type));
  std::string header = "{'descr': '" + std::string(spelled) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < tensor.dims.size(); ++i) header += (i == 0 ? "" : " ") + std::to_string(tensor.dims[i]) + ",";
  if (tensor.dims.size() > 1) header.pop_back();
  header += "), }";
  // Values begin at a multiple of 64.
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string start(magic);
  start += {'\x01', '\x00', static_cast<char>(header.size() & 0xffU), static_cast<char>(header.size() >> 8U)};
  FAIR_TRY_ASSIGN(auto file, io::AtomicFile::create(path));
  FAIR_TRY(file.write(start));
  FAIR_TRY(file.write(header));
  FAIR_TRY(file.write(tensor.raw));
  return file.commit();
}

}  // namespace fair::onnx
