#include "tests/unit/native_train/npy.h"

#include <zlib.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "native/onnx/npy.h"
#include "native/train/operators.h"

namespace fair::test {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
T at(const std::string& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

at::Tensor parse(const std::string& bytes, const std::string& name) {
  const auto array = onnx::parse_npy(bytes, name);
  if (!array) throw std::runtime_error(array.error().message());
  return train::to_tensor(*array, array->type == onnx::ElementType::f64 ? at::kDouble : at::kFloat);
}

}  // namespace

at::Tensor read_npy(const std::filesystem::path& path) { return parse(bytes_of(path), path.string()); }

std::map<std::string, at::Tensor> read_npz(const std::filesystem::path& path) {
  const auto bytes = bytes_of(path);
  const auto end = bytes.rfind("PK\x05\x06");
  if (end == std::string::npos) throw std::runtime_error(path.string() + ": no zip directory");
  const auto count = at<std::uint16_t>(bytes, end + 10);
  std::size_t entry = at<std::uint32_t>(bytes, end + 16);
  std::map<std::string, at::Tensor> out;
  for (int i = 0; i < count; ++i) {
    const auto method = at<std::uint16_t>(bytes, entry + 10);
    const auto packed = at<std::uint32_t>(bytes, entry + 20);
    const auto size = at<std::uint32_t>(bytes, entry + 24);
    const auto name_size = at<std::uint16_t>(bytes, entry + 28);
    auto name = bytes.substr(entry + 46, name_size);
    const auto local = at<std::uint32_t>(bytes, entry + 42);
    const auto data = local + 30 + at<std::uint16_t>(bytes, local + 26) + at<std::uint16_t>(bytes, local + 28);
    std::string member = bytes.substr(data, packed);
    if (method == 8) {
      std::string plain(size, '\0');
      z_stream z{};
      inflateInit2(&z, -MAX_WBITS);
      z.next_in = reinterpret_cast<Bytef*>(member.data());
      z.avail_in = packed;
      z.next_out = reinterpret_cast<Bytef*>(plain.data());
      z.avail_out = size;
      const bool whole = inflate(&z, Z_FINISH) == Z_STREAM_END;
      inflateEnd(&z);
      if (!whole) throw std::runtime_error(path.string() + ": damaged member " + name);
      member = std::move(plain);
    }
    out[name.substr(0, name.size() - 4)] = parse(member, name);
    entry += 46U + name_size + at<std::uint16_t>(bytes, entry + 30) + at<std::uint16_t>(bytes, entry + 32);
  }
  return out;
}

}  // namespace fair::test
