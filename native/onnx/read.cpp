#include "native/onnx/read.h"

#include <cstring>
#include <fstream>
#include <limits>
#include <protozero/pbf_reader.hpp>
#include <stdexcept>
#include <type_traits>

namespace fair::onnx {
namespace {

using protozero::pbf_reader;
constexpr int max_depth = 32;

/// A field written as another wire type than its message declares would be read as something else.
pbf_reader& declared(pbf_reader& r, protozero::pbf_wire_type type) {
  if (r.wire_type() != type) throw std::runtime_error("field " + std::to_string(r.tag()) + " is not of the type it should be");
  return r;
}
protozero::data_view view(pbf_reader& r) { return declared(r, protozero::pbf_wire_type::length_delimited).get_view(); }
std::string text(pbf_reader& r) { return declared(r, protozero::pbf_wire_type::length_delimited).get_string(); }
std::int64_t int64(pbf_reader& r) { return declared(r, protozero::pbf_wire_type::varint).get_int64(); }
std::int32_t int32(pbf_reader& r) { return declared(r, protozero::pbf_wire_type::varint).get_int32(); }
float real(pbf_reader& r) { return declared(r, protozero::pbf_wire_type::fixed32).get_float(); }

/// Inside the reader errors travel as exceptions, as protozero's own do; they end at parse_model.
struct Refused {
  Error error;
};

struct Reader {
  const std::string& thing;
  const std::filesystem::path* folder;  ///< where external data may lie, or null
  int depth = 0;

  [[noreturn]] void refuse(Code code, const std::string& part, std::string expected, std::string found, std::string hint = {}) const {
    throw Refused{Error{code, thing + ": " + part, std::move(expected), std::move(found), std::move(hint)}};
  }

  /// Walks a message; `take(reader)` returns false for a field it leaves, which is then kept as bytes.
  template <class Take>
  static void fields(protozero::data_view bytes, std::string& other, Take take) {
    pbf_reader r(bytes);
    for (;;) {
      const char* from = r.data().data();
      if (!r.next()) break;
      if (!take(r)) {
        r.skip();
        other.append(from, r.data().data());
      }
    }
  }

  template <class T, class Packed, class One>
  static void repeated(pbf_reader& r, std::vector<T>& out, Packed packed, One one, protozero::pbf_wire_type type = protozero::pbf_wire_type::varint) {
    if (r.wire_type() == protozero::pbf_wire_type::length_delimited) {
      for (const auto v : (r.*packed)()) out.push_back(static_cast<T>(v));
    } else {
      out.push_back(static_cast<T>((declared(r, type).*one)()));
    }
  }
  static void int64s(pbf_reader& r, std::vector<std::int64_t>& out) { repeated(r, out, &pbf_reader::get_packed_int64, &pbf_reader::get_int64); }

  template <class T>
  static void append(std::string& raw, T value) {
    raw.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  void append_narrow(std::string& raw, ElementType type, std::int32_t value) const {
    switch (size_of(type)) {
      case 1: append(raw, static_cast<std::uint8_t>(value)); break;
      case 2: append(raw, static_cast<std::uint16_t>(value)); break;
      default: append(raw, value); break;
    }
  }

  std::int64_t checked_elements(const Tensor& t) const {
    std::int64_t n = 1;
    for (const auto d : t.dims) {
      if (d < 0) refuse(Code::invalid, "tensor '" + t.name + "'", "sizes of at least 0", std::to_string(d));
      if (d != 0 && n > std::numeric_limits<std::int64_t>::max() / 16 / d)
        refuse(Code::invalid, "tensor '" + t.name + "'", "a size that fits memory", "more than 2^59 elements");
      n *= d;
    }
    return n;
  }

  void external(Tensor& t, const std::vector<MetadataEntry>& entries, std::size_t bytes) const {
    std::string location;
    std::uint64_t offset = 0;
    std::uint64_t length = bytes;
    for (const auto& e : entries) {
      try {
        if (e.key == "location") location = e.value;
        if (e.key == "offset") offset = std::stoull(e.value);
        if (e.key == "length") length = std::stoull(e.value);
      } catch (const std::exception&) {
        refuse(Code::invalid, "tensor '" + t.name + "'", "a number as external " + e.key, "'" + e.value + "'");
      }
    }
    const std::string part = "tensor '" + t.name + "'";
    if (!folder)
      refuse(Code::unsupported, part, "weights inside the file", "weights in '" + location + "'", "save the model with its weights inside");
    const std::filesystem::path relative(location);
    if (location.empty() || relative.has_parent_path() || location == ".." || location == ".")
      refuse(Code::invalid, part, "external weights in a file beside the model", "'" + location + "'");
    if (length != bytes) refuse(Code::invalid, part, std::to_string(bytes) + " bytes of external weights", std::to_string(length));
    const auto path = *folder / relative;
    std::error_code ec;
    if (std::filesystem::is_symlink(path, ec) || !std::filesystem::is_regular_file(path, ec))
      refuse(Code::not_found, part, "its weights in " + path.string(), "no such regular file", "keep the model and its data file together");
    const auto size = std::filesystem::file_size(path, ec);
    if (ec || offset > size || bytes > size - offset)
      refuse(Code::invalid, part, std::to_string(bytes) + " bytes at " + std::to_string(offset) + " of " + path.string(),
             std::to_string(size) + " bytes in all");
    std::ifstream in(path, std::ios::binary);
    t.raw.resize(bytes);
    if (!in.seekg(static_cast<std::streamoff>(offset)) || !in.read(t.raw.data(), static_cast<std::streamsize>(bytes)))
      refuse(Code::io, part, "its weights from " + path.string(), "a read error");
  }

  Tensor tensor(protozero::data_view bytes) const {
    Tensor t;
    std::vector<std::int64_t> wide;
    std::vector<std::uint64_t> unsigned_wide;
    std::vector<std::int32_t> narrow;
    std::vector<float> floats;
    std::vector<double> doubles;
    std::vector<MetadataEntry> outside;
    bool in_other_file = false;
    fields(bytes, t.other, [&](pbf_reader& r) {
      switch (r.tag()) {
        case 1: int64s(r, t.dims); return true;
        case 2: t.type = static_cast<ElementType>(int32(r)); return true;
        case 4: repeated(r, floats, &pbf_reader::get_packed_float, &pbf_reader::get_float, protozero::pbf_wire_type::fixed32); return true;
        case 5: repeated(r, narrow, &pbf_reader::get_packed_int32, &pbf_reader::get_int32); return true;
        case 6: t.texts.push_back(text(r)); return true;
        case 7: int64s(r, wide); return true;
        case 8: t.name = text(r); return true;
        case 9: t.raw = text(r); return true;
        case 10: repeated(r, doubles, &pbf_reader::get_packed_double, &pbf_reader::get_double, protozero::pbf_wire_type::fixed64); return true;
        case 11: repeated(r, unsigned_wide, &pbf_reader::get_packed_uint64, &pbf_reader::get_uint64); return true;
        case 13: outside.push_back(entry(view(r))); return true;
        case 14: in_other_file = int32(r) == 1; return true;
        default: return false;
      }
    });
    const std::int64_t n = checked_elements(t);
    const std::string part = "tensor '" + t.name + "'";
    if (t.type == ElementType::text) {
      if (static_cast<std::int64_t>(t.texts.size()) != n) refuse(Code::invalid, part, std::to_string(n) + " strings", std::to_string(t.texts.size()));
      return t;
    }
    const std::size_t one = size_of(t.type);
    if (one == 0) {  // a type nobody here computes with (float8, int4 …): carried through as it is
      if (in_other_file || !narrow.empty())
        refuse(Code::unsupported, part, "an element type this program knows", "type " + std::to_string(static_cast<int>(t.type)));
      return t;
    }
    const std::size_t wanted = static_cast<std::size_t>(n) * one;
    if (in_other_file) {
      external(t, outside, wanted);
      return t;
    }
    if (t.raw.empty()) {
      for (const auto v : floats) append(t.raw, v);
      for (const auto v : doubles) append(t.raw, v);
      for (const auto v : wide) append(t.raw, v);
      for (const auto v : unsigned_wide) {
        if (one == 4) append(t.raw, static_cast<std::uint32_t>(v));
        else append(t.raw, v);
      }
      for (const auto v : narrow) append_narrow(t.raw, t.type, v);
    }
    if (t.raw.size() != wanted)
      refuse(Code::invalid, part, std::to_string(wanted) + " bytes for its shape", std::to_string(t.raw.size()),
             "the file is damaged; fetch or export it again");
    return t;
  }

  static MetadataEntry entry(protozero::data_view bytes) {
    MetadataEntry e;
    std::string unused;
    fields(bytes, unused, [&](pbf_reader& r) {
      if (r.tag() == 1) e.key = text(r);
      else if (r.tag() == 2) e.value = text(r);
      else return false;
      return true;
    });
    return e;
  }

  Attribute attribute(protozero::data_view bytes) {
    Attribute a;
    fields(bytes, a.other, [&](pbf_reader& r) {
      switch (r.tag()) {
        case 1: a.name = text(r); return true;
        case 2: a.f = real(r); return true;
        case 3: a.i = int64(r); return true;
        case 4: a.s = text(r); return true;
        case 5: a.tensor = std::make_shared<Tensor>(tensor(view(r))); return true;
        case 6: a.graph = std::make_shared<Graph>(graph(view(r))); return true;
        case 7: repeated(r, a.floats, &pbf_reader::get_packed_float, &pbf_reader::get_float, protozero::pbf_wire_type::fixed32); return true;
        case 8: int64s(r, a.ints); return true;
        case 9: a.strings.push_back(text(r)); return true;
        case 20: a.type = static_cast<Attribute::Type>(int32(r)); return true;
        default: return false;
      }
    });
    return a;
  }

  Node node(protozero::data_view bytes) {
    Node n;
    fields(bytes, n.other, [&](pbf_reader& r) {
      switch (r.tag()) {
        case 1: n.inputs.push_back(text(r)); return true;
        case 2: n.outputs.push_back(text(r)); return true;
        case 3: n.name = text(r); return true;
        case 4: n.op = text(r); return true;
        case 5: n.attributes.push_back(attribute(view(r))); return true;
        case 7: n.domain = text(r); return true;
        default: return false;
      }
    });
    return n;
  }

  static std::vector<Dimension> shape(protozero::data_view bytes) {
    std::vector<Dimension> out;
    std::string unused;
    fields(bytes, unused, [&](pbf_reader& r) {
      if (r.tag() != 1) return false;
      Dimension d;
      fields(view(r), unused, [&](pbf_reader& s) {
        if (s.tag() == 1) d.value = int64(s);
        else if (s.tag() == 2) d.param = text(s);
        else return false;
        return true;
      });
      out.push_back(std::move(d));
      return true;
    });
    return out;
  }

  static ValueInfo value_info(protozero::data_view bytes) {
    ValueInfo v;
    std::string unused;
    fields(bytes, v.other, [&](pbf_reader& r) {
      if (r.tag() == 1) {
        v.name = text(r);
        return true;
      }
      if (r.tag() != 2) return false;
      fields(view(r), v.other_type, [&](pbf_reader& type) {
        if (type.tag() != 1) return false;
        fields(view(type), unused, [&](pbf_reader& t) {
          if (t.tag() == 1) v.type = static_cast<ElementType>(int32(t));
          else if (t.tag() == 2) v.shape = shape(view(t));
          else return false;
          return true;
        });
        return true;
      });
      return true;
    });
    return v;
  }

  Graph graph(protozero::data_view bytes) {
    if (++depth > max_depth) refuse(Code::invalid, "graph", "at most " + std::to_string(max_depth) + " graphs inside each other", "more");
    Graph g;
    fields(bytes, g.other, [&](pbf_reader& r) {
      switch (r.tag()) {
        case 1: g.nodes.push_back(node(view(r))); return true;
        case 2: g.name = text(r); return true;
        case 5: g.initializers.push_back(tensor(view(r))); return true;
        case 10: g.doc = text(r); return true;
        case 11: g.inputs.push_back(value_info(view(r))); return true;
        case 12: g.outputs.push_back(value_info(view(r))); return true;
        case 13: g.values.push_back(value_info(view(r))); return true;
        default: return false;
      }
    });
    --depth;
    return g;
  }

  Model model(protozero::data_view bytes) {
    Model m;
    bool has_graph = false;
    fields(bytes, m.other, [&](pbf_reader& r) {
      switch (r.tag()) {
        case 1: m.ir_version = int64(r); return true;
        case 2: m.producer = text(r); return true;
        case 3: m.producer_version = text(r); return true;
        case 4: m.domain = text(r); return true;
        case 5: m.version = int64(r); return true;
        case 6: m.doc = text(r); return true;
        case 7:
          m.graph = graph(view(r));
          has_graph = true;
          return true;
        case 8: {
          Opset o;
          std::string unused;
          fields(view(r), unused, [&](pbf_reader& s) {
            if (s.tag() == 1) o.domain = text(s);
            else if (s.tag() == 2) o.version = int64(s);
            else return false;
            return true;
          });
          m.opsets.push_back(std::move(o));
          return true;
        }
        case 14: m.metadata.push_back(entry(view(r))); return true;
        default: return false;
      }
    });
    if (!has_graph || m.opsets.empty())
      refuse(Code::invalid, "model", "a graph and an operator set", has_graph ? "no operator set" : "no graph", "is this an ONNX file?");
    return m;
  }
};

Result<Model> parse(std::string_view bytes, const std::string& thing, const std::filesystem::path* folder) {
  try {
    Reader reader{thing, folder};
    return reader.model(protozero::data_view(bytes.data(), bytes.size()));
  } catch (const Refused& refused) {
    return fail(refused.error);
  } catch (const protozero::end_of_buffer_exception&) {
    return fail(Code::invalid, thing, "a whole ONNX model", "a field that runs past the end (" + std::to_string(bytes.size()) + " bytes in all)",
                "the file is truncated; fetch or export it again");
  } catch (const std::exception& e) {
    return fail(Code::invalid, thing, "an ONNX model", std::string("bytes that are none (") + e.what() + ")", "export the model to ONNX first");
  }
}

}  // namespace

Result<Model> parse_model(std::string_view bytes, const std::string& thing) { return parse(bytes, thing, nullptr); }

Result<Model> read_model(const std::filesystem::path& path) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(path, ec)) return fail(Code::not_found, path.string(), "an ONNX file", "no such file");
  const auto size = std::filesystem::file_size(path, ec);
  std::ifstream in(path, std::ios::binary);
  if (ec || !in) return fail(Code::io, path.string(), "a readable file", "no permission or a read error");
  // Protobuf itself ends at 2 GiB; larger weights lie outside the file.
  if (size > (1ULL << 31U)) return fail(Code::invalid, path.string(), "at most 2 GiB, the limit of ONNX files", std::to_string(size) + " bytes");
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(Code::io, path.string(), "its " + std::to_string(size) + " bytes", "a read error");
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  return parse(bytes, path.string(), &folder);
}

}  // namespace fair::onnx
