#include "native/io/decode_image.h"

#include <cpl_vsi.h>

#include <algorithm>
#include <atomic>
#include <string_view>

#include "native/io/gdal_session.h"
#include "native/io/raster_file.h"

namespace fair::io {
namespace {

bool is_picture(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"sv || bytes.substr(0, 3) == "\xff\xd8\xff"sv ||
         (bytes.substr(0, 4) == "RIFF"sv && bytes.size() > 12 && bytes.substr(8, 4) == "WEBP"sv);
}

/// What came instead of a picture: a service's complaint, mostly.
std::string excerpt(std::string_view bytes) {
  std::string out;
  for (const char c : bytes.substr(0, 160)) {
    if (static_cast<unsigned char>(c) >= 0x7f || (c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t')) return "other data";
    out += c < ' ' ? ' ' : c;
  }
  return "\"" + out + "\"";
}

/// Bytes as a file GDAL can open, while it lives.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : path_(std::string(memory_folder) + std::to_string(next()++)) {
    // GDAL does not write to a file opened for reading.
    auto* data = reinterpret_cast<GByte*>(const_cast<char*>(bytes.data()));
    VSIFCloseL(VSIFileFromMemBuffer(path_.c_str(), data, bytes.size(), FALSE));
  }
  ~MemoryFile() { VSIUnlink(path_.c_str()); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static std::atomic<std::uint64_t>& next() {
    static std::atomic<std::uint64_t> serial{0};
    return serial;
  }
  std::string path_;
};

}  // namespace

Result<raster::Image> decode_image(const std::string& bytes, const std::string& thing, std::int32_t most_side) {
  if (!is_picture(bytes)) return fail(Code::invalid, thing, "a PNG, JPEG or WebP picture", excerpt(bytes), "check the template and its key");
  const MemoryFile file(bytes);
  auto opened = RasterFile::open(file.path());
  if (opened && std::max(opened->info().width, opened->info().height) > most_side) {
    return fail(Code::invalid, thing, "a picture of at most " + std::to_string(most_side) + " pixels a side",
                std::to_string(opened->info().width) + " x " + std::to_string(opened->info().height), "check the template");
  }
  auto image = opened ? opened->read_all() : Result<raster::Image>(tl::unexpected(std::move(opened).error()));
  if (!image) {
    Error error = std::move(image).error();
    error.thing = thing;
    return fail(std::move(error));
  }
  return image;
}

}  // namespace fair::io
