// Any bytes as a GeoJSON file of footprints, through GDAL.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "native/io/labels.h"

namespace {

/// In memory where the system has such a folder; goes with the process.
struct File {
  std::filesystem::path path;
  File() {
    const std::filesystem::path memory = "/dev/shm";
    const auto folder = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    path = folder / ("fair-fuzz-" + std::to_string(getpid()) + ".geojson");
  }
  ~File() {
    std::error_code error;
    std::filesystem::remove(path, error);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const File file;
  std::ofstream(file.path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  (void)fair::io::read_footprints(file.path);
  return 0;
}
