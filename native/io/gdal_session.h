// GDAL as this room uses it: a short list of drivers, nothing that reaches out, errors as values. Private to native/io and native/draw.
#pragma once

#include <gdal_priv.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace fair::io {

struct CloseDataset {
  void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using DatasetPtr = std::unique_ptr<GDALDataset, CloseDataset>;

/// Registers the drivers we read and write, once; safe from any thread. Nobody here calls GDALAllRegister: a file that names another
/// format (VRT, WMS, HTTP …) simply has no driver.
void gdal_ready();

/// Keeps GDAL quiet on this thread while it lives, and remembers what it complained about.
class GdalQuiet {
 public:
  GdalQuiet();
  ~GdalQuiet();
  GdalQuiet(const GdalQuiet&) = delete;
  GdalQuiet& operator=(const GdalQuiet&) = delete;
  /// GDAL's last complaint, or `otherwise`; at most a line of it.
  [[nodiscard]] std::string complaint(const std::string& otherwise) const;
  [[nodiscard]] bool failed() const { return failed_; }
  void forget();

 private:
  static void CPL_STDCALL hear(CPLErr kind, CPLErrorNum number, const char* text);
  std::string text_;
  bool failed_ = false;
};

/// Where pictures in memory lie, for GDAL.
inline constexpr const char* memory_folder = "/vsimem/fair-pictures/";

/// Opens a local raster read-only, by content: GeoTIFF (also cloud-optimised), JPEG, PNG, JPEG 2000, WebP, as this GDAL has them. Files in
/// memory_folder are PNG, JPEG or WebP. With an overview's number the dataset is that overview.
[[nodiscard]] Result<DatasetPtr> open_raster(const std::filesystem::path& path, int overview = -1);

/// Opens a local vector file read-only: GeoJSON, FlatGeobuf, GeoPackage, Shapefile.
[[nodiscard]] Result<DatasetPtr> open_vector(const std::filesystem::path& path);

}  // namespace fair::io
