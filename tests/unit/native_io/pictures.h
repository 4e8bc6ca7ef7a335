// Small pictures made on the spot.
#pragma once

#include <cpl_vsi.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "native/io/gdal_session.h"

namespace fair::test {

/// What a picture shows and where it lies. Pixel (x, y) of band b is value(x, y, b).
struct Picture {
  int width = 64, height = 64, bands = 3;
  std::function<int(int, int, int)> value = [](int x, int y, int b) { return (x + 2 * y + 50 * b) % 256; };
  int epsg = 0;  ///< 0: no georeference
  std::vector<double> transform;
  bool alpha = false;  ///< the last band
};

inline io::DatasetPtr in_memory(const Picture& picture) {
  io::gdal_ready();
  io::DatasetPtr dataset(GetGDALDriverManager()->GetDriverByName("MEM")->Create("", picture.width, picture.height, picture.bands, GDT_Byte, nullptr));
  for (int b = 0; b < picture.bands; ++b) {
    std::vector<std::uint8_t> pixels;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) pixels.push_back(static_cast<std::uint8_t>(picture.value(x, y, b)));
    }
    GDALRasterBand* band = dataset->GetRasterBand(b + 1);
    if (picture.alpha && b + 1 == picture.bands) band->SetColorInterpretation(GCI_AlphaBand);
    if (band->RasterIO(GF_Write, 0, 0, picture.width, picture.height, pixels.data(), picture.width, picture.height, GDT_Byte, 0, 0) != CE_None)
      return {};
  }
  if (picture.epsg != 0) {
    OGRSpatialReference reference;
    reference.importFromEPSG(picture.epsg);
    dataset->SetSpatialRef(&reference);
  }
  if (picture.transform.size() == 6) dataset->SetGeoTransform(const_cast<double*>(picture.transform.data()));
  return dataset;
}

/// Writes it as `driver` says: GTiff, PNG, JPEG.
inline void write(const std::filesystem::path& path, const Picture& picture, const char* driver = "GTiff",
                  const std::vector<const char*>& creation = {}) {
  const io::DatasetPtr source = in_memory(picture);
  std::vector<char*> options;
  for (const char* option : creation) options.push_back(const_cast<char*>(option));
  options.push_back(nullptr);
  io::DatasetPtr out(GetGDALDriverManager()->GetDriverByName(driver)->CreateCopy(path.c_str(), source.get(), 0, options.data(), nullptr, nullptr));
}

/// Degrees a pixel of the chips below.
inline constexpr double chip_step = 3e-6;

/// Four chips of 64 pixels in a row, c0.tif to c3.tif, each about 20 m wide; the first one's upper left corner is at 85° east, 27° north.
inline void write_chips(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < 4; ++i) {
    Picture chip;
    chip.epsg = 4326;
    chip.transform = {85.0 + i * 64 * chip_step, chip_step, 0, 27.0, 0, -chip_step};
    write(folder / ("c" + std::to_string(i) + ".tif"), chip);
  }
}

/// The bytes of such a file.
inline std::string encoded(const Picture& picture, const char* driver = "PNG") {
  const std::string path = "/vsimem/test-encoded";
  write(path, picture, driver);
  vsi_l_offset size = 0;
  GByte* data = VSIGetMemFileBuffer(path.c_str(), &size, FALSE);
  std::string bytes(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  VSIUnlink(path.c_str());
  return bytes;
}

}  // namespace fair::test
