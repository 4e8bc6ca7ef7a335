#include "native/train/checkpoint.h"

#include <cstring>
#include <string>
#include <string_view>

#include "native/io/atomic_file.h"
#include "native/onnx/crc32.h"
#include "native/onnx/state_dict.h"

namespace fair::train {
namespace {

at::Tensor plain(const at::Tensor& tensor, at::ScalarType type) { return tensor.detach().to(at::kCPU, type).contiguous(); }

constexpr std::string_view magic = "FAIRCKP2";

/// What follows the magic: sizes in bytes, and a checksum of text and body.
struct Preamble {
  std::uint64_t text = 0, body = 0, crc32 = 0;
};

Json index_of(const std::vector<NamedTensor>& tensors) {
  Json index = Json::array();
  for (const NamedTensor& t : tensors) {
    index.push_back({{"name", t.name}, {"type", at::toString(t.value.scalar_type())}, {"shape", t.value.sizes().vec()}});
  }
  return index;
}

tl::unexpected<Error> damaged(const std::filesystem::path& path, const std::string& found) {
  return fail(Code::invalid, path.string(), "a checkpoint of this model and optimizer", found, "resume the run it belongs to, or start anew");
}

}  // namespace

Result<> write_weights(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  std::vector<at::Tensor> alive;
  std::vector<onnx::StateEntry> entries;
  for (const NamedTensor& t : tensors) {
    const at::Tensor& tensor = alive.emplace_back(plain(t.value, at::kFloat));
    entries.push_back({t.name, tensor.sizes().vec(), {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()}});
  }
  return onnx::write_state_dict(path, entries);
}

Result<> write_checkpoint(const std::filesystem::path& path, const Json& header, const std::vector<NamedTensor>& tensors) {
  const std::string text = Json{{"header", header}, {"tensors", index_of(tensors)}}.dump();
  std::string out;
  std::size_t size = magic.size() + sizeof(Preamble) + text.size();
  for (const NamedTensor& t : tensors) size += t.value.nbytes();
  out.reserve(size);
  out.append(magic).append(sizeof(Preamble), '\0').append(text);
  for (const NamedTensor& t : tensors) {
    const at::Tensor tensor = plain(t.value, t.value.scalar_type());
    out.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  }
  const std::size_t start = magic.size() + sizeof(Preamble);
  const Preamble preamble{text.size(), out.size() - start - text.size(), onnx::crc32(std::string_view(out).substr(start))};
  std::memcpy(out.data() + magic.size(), &preamble, sizeof preamble);
  return io::write_whole(path, out);
}

Result<Json> read_checkpoint(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  FAIR_TRY_ASSIGN(const std::string file, io::read_whole(path, std::uint64_t{8} << 30U));
  const std::size_t start = magic.size() + sizeof(Preamble);
  if (file.size() < start || file.compare(0, magic.size(), magic) != 0) return damaged(path, "another kind of file");
  Preamble preamble;
  std::memcpy(&preamble, file.data() + magic.size(), sizeof preamble);
  const std::string_view rest = std::string_view(file).substr(start);
  if (preamble.text > rest.size() || preamble.body != rest.size() - preamble.text) return damaged(path, "a file of another length than it says");
  if (preamble.crc32 != onnx::crc32(rest)) return damaged(path, "damaged bytes");
  FAIR_TRY_ASSIGN(const Json json, parse_json(rest.substr(0, preamble.text), path.string()));
  if (!json.is_object() || json.value("tensors", Json()) != index_of(tensors)) return damaged(path, "other tensors");
  const char* from = rest.data() + preamble.text;
  for (const NamedTensor& t : tensors) {
    at::Tensor fresh = at::empty(t.value.sizes(), at::TensorOptions().dtype(t.value.scalar_type()));
    std::memcpy(fresh.data_ptr(), from, fresh.nbytes());
    from += fresh.nbytes();
    t.value.detach().copy_(fresh);
  }
  return json.value("header", Json::object());
}

}  // namespace fair::train
