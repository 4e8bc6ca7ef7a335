#include "native/train/state_dict.h"

#include <array>
#include <cstring>
#include <map>
#include <string>

#include "native/io/atomic_file.h"

namespace fair::train {
namespace {

std::uint32_t crc32(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t c = 0xFFFFFFFFU;
  for (const char b : bytes) c = table[(c ^ static_cast<unsigned char>(b)) & 0xFFU] ^ (c >> 8U);
  return c ^ 0xFFFFFFFFU;
}

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8U * static_cast<unsigned>(i)));
}

/// Stored (uncompressed) entries, the way PyTorch lays its files out.
class Zip {
 public:
  void add(const std::string& name, const std::string& data) {
    const std::uint32_t crc = crc32(data);
    std::string header;
    put(header, 0x04034b50, 4);
    describe(header, name, data.size(), crc);
    put(central_, 0x02014b50, 4);
    put(central_, 20, 2);
    describe(central_, name, data.size(), crc);
    put(central_, 0, 2 + 2 + 2 + 4);  // comment, disk, internal and external attributes
    put(central_, body_.size(), 4);
    central_ += name;
    body_ += header + name + data;
    ++entries_;
  }
  [[nodiscard]] std::string finish() const {
    std::string out = body_ + central_;
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, entries_, 2);
    put(out, entries_, 2);
    put(out, central_.size(), 4);
    put(out, body_.size(), 4);
    put(out, 0, 2);
    return out;
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
  std::string body_, central_;
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
  void tuple(at::IntArrayRef values) {
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

at::Tensor plain(const at::Tensor& tensor, at::ScalarType type) { return tensor.detach().to(at::kCPU, type).contiguous(); }
std::string bytes_of(const at::Tensor& tensor) { return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()}; }

constexpr char magic[8] = {'F', 'A', 'I', 'R', 'C', 'K', 'P', '1'};

tl::unexpected<Error> damaged(const std::filesystem::path& path, const std::string& found) {
  return fail(Code::invalid, path.string(), "a checkpoint of this model", found, "resume the run it belongs to, or start anew");
}

}  // namespace

Result<> write_state_dict(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  Zip zip;
  Pickle pickle;
  pickle.ordered_dict();
  pickle.op('(');
  std::vector<std::string> data;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const at::Tensor tensor = plain(tensors[i].value, at::kFloat);
    pickle.text(tensors[i].name);
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.op('(');
    pickle.op('(');
    pickle.text("storage");
    pickle.global("torch", "FloatStorage");
    pickle.text(std::to_string(i));
    pickle.text("cpu");
    pickle.number(tensor.numel());
    pickle.op('t');
    pickle.op('Q');
    pickle.number(0);
    pickle.tuple(tensor.sizes());
    pickle.tuple(tensor.strides());
    pickle.op('\x89');
    pickle.ordered_dict();
    pickle.op('t');
    pickle.op('R');
    data.push_back(bytes_of(tensor));
  }
  pickle.op('u');
  zip.add("archive/data.pkl", pickle.finish());
  zip.add("archive/byteorder", "little");
  for (std::size_t i = 0; i < data.size(); ++i) zip.add("archive/data/" + std::to_string(i), data[i]);
  zip.add("archive/version", "3\n");
  return io::write_whole(path, zip.finish());
}

Result<> write_checkpoint(const std::filesystem::path& path, const Json& header, const std::vector<NamedTensor>& tensors) {
  Json index = Json::array();
  std::string body;
  for (const NamedTensor& t : tensors) {
    const at::Tensor tensor = plain(t.value, t.value.scalar_type());
    index.push_back({{"name", t.name}, {"type", static_cast<int>(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}});
    body += bytes_of(tensor);
  }
  const std::string text = Json{{"header", header}, {"tensors", index}, {"crc32", crc32(body)}}.dump();
  std::string out(magic, sizeof magic);
  put(out, text.size(), 8);
  return io::write_whole(path, out + text + body);
}

Result<Json> read_checkpoint(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  FAIR_TRY_ASSIGN(const std::string file, io::read_whole(path, std::uint64_t{8} << 30U));
  if (file.size() < 16 || std::memcmp(file.data(), magic, sizeof magic) != 0) return damaged(path, "another kind of file");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data() + 8, 8);
  if (length > file.size() - 16) return damaged(path, "a file that ends early");
  FAIR_TRY_ASSIGN(const Json json, parse_json(std::string_view(file).substr(16, length), path.string()));
  const std::string_view body = std::string_view(file).substr(16 + length);
  if (!json.is_object() || json.value("crc32", 0U) != crc32(body)) return damaged(path, "damaged bytes");
  std::map<std::string, std::pair<const Json*, std::string_view>> there;
  std::size_t at = 0;
  for (const Json& entry : json["tensors"]) {
    std::size_t bytes = at::elementSize(static_cast<at::ScalarType>(entry["type"].get<int>()));
    for (const Json& size : entry["shape"]) bytes *= size.get<std::size_t>();
    if (bytes > body.size() - at) return damaged(path, "a file that ends early");
    there[entry["name"].get<std::string>()] = {&entry, body.substr(at, bytes)};
    at += bytes;
  }
  for (const NamedTensor& t : tensors) {
    const auto found = there.find(t.name);
    if (found == there.end()) return damaged(path, "no tensor " + t.name);
    const Json& entry = *found->second.first;
    if (entry["shape"] != Json(t.value.sizes().vec()) || entry["type"] != static_cast<int>(t.value.scalar_type()))
      return damaged(path, "another shape of " + t.name);
    at::Tensor fresh = at::empty(t.value.sizes(), at::TensorOptions().dtype(t.value.scalar_type()));
    std::memcpy(fresh.data_ptr(), found->second.second.data(), found->second.second.size());
    t.value.detach().copy_(fresh);
  }
  return json["header"];
}

}  // namespace fair::train
