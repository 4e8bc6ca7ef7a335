#include "native/onnx/state_dict.h"

#include "native/io/atomic_file.h"
#include "native/onnx/crc32.h"

namespace fair::onnx {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value);
    value >>= 8U;
  }
}

/// Stored (uncompressed) entries, the way PyTorch lays its files out, straight into a file.
class Zip {
 public:
  explicit Zip(io::AtomicFile& file) : file_(file) {}

  Result<> add(const std::string& name, std::string_view data) {
    const std::uint32_t crc = crc32(data);
    std::string header;
    put(header, 0x04034b50, 4);
    describe(header, name, data.size(), crc);
    put(central_, 0x02014b50, 4);
    put(central_, 20, 2);
    describe(central_, name, data.size(), crc);
    put(central_, 0, 2 + 2 + 2 + 4);  // comment, disk, internal and external attributes
    put(central_, written_, 4);
    central_ += name;
    ++entries_;
    FAIR_TRY(write(header + name));
    return write(data);
  }
  Result<> finish() {
    const std::size_t where = written_, size = central_.size();
    std::string end = std::move(central_);
    put(end, 0x06054b50, 4);
    put(end, 0, 4);
    put(end, entries_, 2);
    put(end, entries_, 2);
    put(end, size, 4);
    put(end, where, 4);
    put(end, 0, 2);
    return write(end);
  }

 private:
  static void describe(std::string& out, const std::string& name, std::size_t size, std::uint32_t crc) {
    put(out, 20, 2);
    put(out, 0, 2 + 2 + 2);  // flags, stored, time
    put(out, 33, 2);         // 1980-01-01: the same weights give the same bytes
    put(out, crc, 4);
    put(out, size, 4);
    put(out, size, 4);
    put(out, name.size(), 2);
    put(out, 0, 2);
  }
  Result<> write(std::string_view bytes) {
    written_ += bytes.size();
    return file_.write(bytes.data(), bytes.size());
  }

  io::AtomicFile& file_;
  std::string central_;
  std::size_t written_ = 0;
  std::uint64_t entries_ = 0;
};

/// The opcodes of Python's pickle protocol 2 that a state dict needs.
class Pickle {
 public:
  Pickle() { out_ = std::string("\x80\x02", 2); }
  void global(const char* module, const char* name) { out_ += std::string("c") + module + "\n" + name + "\n"; }
  void op(char code) { out_ += code; }
  void text(const std::string& value) {
    out_ += 'X';
    put(out_, value.size(), 4);
    out_ += value;
  }
  void number(std::int64_t value) {
    if (value >= 0 && value < 0x7fffffff) {
      out_ += 'J';
      put(out_, static_cast<std::uint64_t>(value), 4);
    } else {
      out_ += '\x8a';
      out_ += '\x08';
      put(out_, static_cast<std::uint64_t>(value), 8);
    }
  }
  void tuple(const std::vector<std::int64_t>& values) {
    op('(');
    for (const std::int64_t v : values) number(v);
    op('t');
  }
  void ordered_dict() {
    global("collections", "OrderedDict");
    out_ += ")R";
  }
  [[nodiscard]] std::string finish() const { return out_ + '.'; }

 private:
  std::string out_;
};

std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> out(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) out[i - 1] = out[i] * dims[i];
  return out;
}

bool ends_with(std::string_view text, std::string_view end) { return text.size() >= end.size() && text.substr(text.size() - end.size()) == end; }

}  // namespace

Result<> write_state_dict(const std::filesystem::path& path, const std::vector<StateEntry>& entries) {
  Pickle pickle;
  pickle.ordered_dict();
  pickle.op('(');
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const StateEntry& entry = entries[i];
    pickle.text(entry.name);
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.op('(');
    pickle.op('(');
    pickle.text("storage");
    pickle.global("torch", "FloatStorage");
    pickle.text(std::to_string(i));
    pickle.text("cpu");
    pickle.number(static_cast<std::int64_t>(entry.bytes.size() / sizeof(float)));
    pickle.op('t');
    pickle.op('Q');
    pickle.number(0);
    pickle.tuple(entry.dims);
    pickle.tuple(strides_of(entry.dims));
    pickle.op('\x89');
    pickle.ordered_dict();
    pickle.op('t');
    pickle.op('R');
  }
  pickle.op('u');
  FAIR_TRY_ASSIGN(auto file, io::AtomicFile::create(path));
  Zip zip(file);
  FAIR_TRY(zip.add("archive/data.pkl", pickle.finish()));
  FAIR_TRY(zip.add("archive/byteorder", "little"));
  for (std::size_t i = 0; i < entries.size(); ++i) FAIR_TRY(zip.add("archive/data/" + std::to_string(i), entries[i].bytes));
  FAIR_TRY(zip.add("archive/version", "3\n"));
  FAIR_TRY(zip.finish());
  return file.commit();
}

bool names_state(std::string_view name) {
  return ends_with(name, ".weight") || ends_with(name, ".bias") || ends_with(name, ".running_mean") || ends_with(name, ".running_var");
}

std::vector<StateEntry> state_of(const Model& model) {
  std::vector<StateEntry> out;
  for (const Tensor& t : model.graph.initializers) {
    if (names_state(t.name) && t.type == ElementType::f32) out.push_back({t.name, t.dims, t.raw});
  }
  return out;
}

}  // namespace fair::onnx
