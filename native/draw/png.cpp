#include "native/draw/png.h"

#include <cpl_vsi.h>

#include <string>
#include <string_view>

#include "native/io/atomic_file.h"
#include "native/io/gdal_session.h"

namespace fair::draw {

Result<> write_png(const std::filesystem::path& path, const raster::Image& image) {
  io::gdal_ready();
  const io::GdalQuiet quiet;
  const auto broken = [&](const char* what) {
    return fail(Code::io, path.string(), "a PNG of " + std::to_string(image.width) + " x " + std::to_string(image.height), quiet.complaint(what),
                "check the size and the memory");
  };
  if (image.channels != 3 || image.width < 1 || image.height < 1) return broken("an image without three channels or without pixels");
  GDALDriver* memory = GetGDALDriverManager()->GetDriverByName("MEM");
  GDALDriver* png = GetGDALDriverManager()->GetDriverByName("PNG");
  io::DatasetPtr source(memory == nullptr || png == nullptr ? nullptr : memory->Create("", image.width, image.height, 3, GDT_Byte, nullptr));
  if (!source || source->RasterIO(GF_Write, 0, 0, image.width, image.height, const_cast<std::uint8_t*>(image.pixels.data()), image.width,
                                  image.height, GDT_Byte, 3, nullptr, 3, 3 * static_cast<GSpacing>(image.width), 1, nullptr) != CE_None) {
    return broken("no PNG driver in this GDAL");
  }
  // Encoded in memory under a name of its own, so that GDAL leaves no sidecar beside the file.
  const std::string name = "/vsimem/fair-draw-" + std::to_string(reinterpret_cast<std::uintptr_t>(source.get())) + ".png";
  io::DatasetPtr encoded(png->CreateCopy(name.c_str(), source.get(), FALSE, nullptr, nullptr, nullptr));
  encoded.reset();
  vsi_l_offset size = 0;
  GByte* bytes = VSIGetMemFileBuffer(name.c_str(), &size, FALSE);
  Result<> written = bytes == nullptr || size == 0
                         ? Result<>(broken("GDAL encoded nothing"))
                         : io::write_whole(path, std::string_view(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)));
  VSIUnlink(name.c_str());
  return written;
}

}  // namespace fair::draw
