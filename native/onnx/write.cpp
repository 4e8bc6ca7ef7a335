#include "native/onnx/write.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace fair::onnx {
namespace {

using protozero::pbf_writer;

void text(pbf_writer& w, std::uint32_t tag, const std::string& value) {
  if (!value.empty()) w.add_string(tag, value);
}

/// What stands before a message or bytes of that length.
std::string frame(std::uint32_t tag, std::size_t length) {
  std::string out;
  protozero::add_varint_to_buffer(&out, std::uint64_t{tag} << 3U | 2U);
  protozero::add_varint_to_buffer(&out, length);
  return out;
}

/// A tensor in its parts, so that its values are copied once only, to where they end up.
struct TensorParts {
  std::string before;  ///< up to the values
  std::string_view values, after;
  [[nodiscard]] std::size_t size() const { return before.size() + values.size() + after.size(); }
  void append_to(std::string& out) const {
    out += before;
    out += values;
    out += after;
  }
};

TensorParts parts_of(const Tensor& t) {
  TensorParts out;
  pbf_writer w(out.before);
  for (const auto d : t.dims) w.add_int64(1, d);
  w.add_int32(2, static_cast<std::int32_t>(t.type));
  for (const auto& s : t.texts) w.add_string(6, s);
  text(w, 8, t.name);
  if (t.type != ElementType::text) {
    out.before += frame(9, t.raw.size());
    out.values = t.raw;
  }
  out.after = t.other;
  return out;
}

std::string bytes_of(const Tensor& t) {
  std::string out;
  parts_of(t).append_to(out);
  return out;
}

std::string bytes_of(const Graph& graph);

std::string bytes_of(const Attribute& a) {
  using Type = Attribute::Type;
  std::string out;
  pbf_writer w(out);
  text(w, 1, a.name);
  if (a.type == Type::real) w.add_float(2, a.f);
  if (a.type == Type::integer) w.add_int64(3, a.i);
  if (a.type == Type::text) w.add_bytes(4, a.s);
  if (a.tensor) w.add_message(5, bytes_of(*a.tensor));
  if (a.graph) w.add_message(6, bytes_of(*a.graph));
  for (const auto v : a.floats) w.add_float(7, v);
  for (const auto v : a.ints) w.add_int64(8, v);
  for (const auto& v : a.strings) w.add_bytes(9, v);
  w.add_int32(20, static_cast<std::int32_t>(a.type));
  out += a.other;
  return out;
}

std::string bytes_of(const Node& n) {
  std::string out;
  pbf_writer w(out);
  for (const auto& v : n.inputs) w.add_string(1, v);
  for (const auto& v : n.outputs) w.add_string(2, v);
  text(w, 3, n.name);
  text(w, 4, n.op);
  for (const auto& a : n.attributes) w.add_message(5, bytes_of(a));
  text(w, 7, n.domain);
  out += n.other;
  return out;
}

std::string bytes_of(const ValueInfo& v) {
  std::string type;
  if (v.type != ElementType::undefined || v.shape) {
    std::string tensor;
    pbf_writer t(tensor);
    t.add_int32(1, static_cast<std::int32_t>(v.type));
    if (v.shape) {
      std::string shape;
      pbf_writer s(shape);
      for (const auto& d : *v.shape) {
        std::string dim;
        pbf_writer one(dim);
        if (!d.param.empty()) one.add_string(2, d.param);
        else if (d.value >= 0) one.add_int64(1, d.value);
        s.add_message(1, dim);
      }
      t.add_message(2, shape);
    }
    pbf_writer(type).add_message(1, tensor);
  }
  type += v.other_type;
  std::string out;
  pbf_writer w(out);
  text(w, 1, v.name);
  if (!type.empty()) w.add_message(2, type);
  out += v.other;
  return out;
}

/// A graph in its parts.
struct GraphParts {
  std::string before, after;                                      ///< up to the initializers, and from there on
  std::vector<std::pair<std::string, TensorParts>> initializers;  ///< with their frames
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = before.size() + after.size();
    for (const auto& [frame, tensor] : initializers) sum += frame.size() + tensor.size();
    return sum;
  }
  void append_to(std::string& out) const {
    out += before;
    for (const auto& [frame, tensor] : initializers) {
      out += frame;
      tensor.append_to(out);
    }
    out += after;
  }
};

GraphParts parts_of(const Graph& g) {
  GraphParts out;
  pbf_writer before(out.before), after(out.after);
  for (const auto& n : g.nodes) before.add_message(1, bytes_of(n));
  text(before, 2, g.name);
  for (const auto& t : g.initializers) {
    TensorParts tensor = parts_of(t);
    std::string framed = frame(5, tensor.size());
    out.initializers.emplace_back(std::move(framed), std::move(tensor));
  }
  text(after, 10, g.doc);
  for (const auto& v : g.inputs) after.add_message(11, bytes_of(v));
  for (const auto& v : g.outputs) after.add_message(12, bytes_of(v));
  for (const auto& v : g.values) after.add_message(13, bytes_of(v));
  out.after += g.other;
  return out;
}

std::string bytes_of(const Graph& g) {
  std::string out;
  parts_of(g).append_to(out);
  return out;
}

}  // namespace

std::string serialize(const Model& m) {
  std::string out;
  pbf_writer w(out);
  w.add_int64(1, m.ir_version);
  text(w, 2, m.producer);
  text(w, 3, m.producer_version);
  text(w, 4, m.domain);
  if (m.version != 0) w.add_int64(5, m.version);
  text(w, 6, m.doc);
  const GraphParts graph = parts_of(m.graph);
  const std::size_t size = graph.size();
  out.reserve(size + (std::size_t{1} << 16U));
  out += frame(7, size);
  graph.append_to(out);
  for (const auto& o : m.opsets) {
    std::string opset;
    pbf_writer s(opset);
    text(s, 1, o.domain);
    s.add_int64(2, o.version);
    w.add_message(8, opset);
  }
  for (const auto& e : m.metadata) {
    std::string pair;
    pbf_writer s(pair);
    s.add_string(1, e.key);
    s.add_string(2, e.value);
    w.add_message(14, pair);
  }
  out += m.other;
  return out;
}

Result<> write_model(const std::filesystem::path& path, const Model& model) {
  const std::string bytes = serialize(model);
  const std::string part = path.string() + ".part";
  const auto failed = [&](const char* doing) {
    const int why = errno;
    ::unlink(part.c_str());
    return fail(Code::io, path.string(), "to be written", std::string(doing) + ": " + std::strerror(why), "check free space and permissions");
  };
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return failed("open");
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = ::write(file, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int why = errno;
      ::close(file);
      errno = why;
      return failed("write");
    }
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(file) != 0) {
    const int why = errno;
    ::close(file);
    errno = why;
    return failed("fsync");
  }
  if (::close(file) != 0) return failed("close");
  if (::rename(part.c_str(), path.c_str()) != 0) return failed("rename");
  return {};
}

}  // namespace fair::onnx
