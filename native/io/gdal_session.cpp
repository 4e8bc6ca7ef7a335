#include "native/io/gdal_session.h"

#include <cpl_conv.h>
#include <gdal_frmts.h>
#include <ogrsf_frmts.h>

#include <mutex>

#include "native/io/atomic_file.h"

namespace fair::io {
namespace {

constexpr const char* kRasterDrivers[] = {"GTiff", "JPEG", "PNG", "JP2OpenJPEG", "WEBP", nullptr};
constexpr const char* kPictureDrivers[] = {"JPEG", "PNG", "WEBP", nullptr};
constexpr const char* kVectorDrivers[] = {"GeoJSON", "FlatGeobuf", "GPKG", "ESRI Shapefile", nullptr};

Result<> check_local_file(const std::filesystem::path& path, const char* what) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail(Code::not_found, path.string(), what, "nothing there", "check the path");
  if (!std::filesystem::is_regular_file(status)) return fail(Code::invalid, path.string(), what, "no regular file", "give the path of one file");
  return {};
}

/// Sidecars may name other files to open. Ours hold a georeference; one that points elsewhere is refused.
Result<> check_sidecar(const std::filesystem::path& path) {
  const std::filesystem::path sidecar = path.string() + ".aux.xml";
  std::error_code error;
  if (!std::filesystem::is_regular_file(sidecar, error)) return {};
  FAIR_TRY_ASSIGN(const std::string text, read_whole(sidecar, 16U << 20U));
  for (const char* word : {"/vsi", "OVERVIEW_FILE", "://"}) {
    if (text.find(word) != std::string::npos) {
      return fail(Code::invalid, sidecar.string(), "a georeference", std::string("a reference to other files ('") + word + "')",
                  "remove that entry, or the file");
    }
  }
  return {};
}

}  // namespace

void gdal_ready() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Damaged JPEGs are errors, folders are not searched for more files, and no address is ever opened, whatever a file says.
    CPLSetConfigOption("GDAL_ERROR_ON_LIBJPEG_WARNING", "TRUE");
    CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "FALSE");
    CPLSetConfigOption("CPL_VSIL_CURL_ALLOWED_FILENAME", "none");
    CPLSetConfigOption("PROJ_NETWORK", "OFF");
    CPLSetConfigOption("OGR_GEOJSON_MAX_OBJ_SIZE", "200");
    if (CPLGetConfigOption("GDAL_CACHEMAX", nullptr) == nullptr) CPLSetConfigOption("GDAL_CACHEMAX", "64");
    GDALRegister_GTiff();
    GDALRegister_JPEG();
    GDALRegister_PNG();
    GDALRegister_JP2OpenJPEG();
    GDALRegister_WEBP();
    GDALRegister_MEM();
    RegisterOGRGeoJSON();
    RegisterOGRFlatGeobuf();
    RegisterOGRGeoPackage();
    RegisterOGRShape();
  });
}

GdalQuiet::GdalQuiet() { CPLPushErrorHandlerEx(hear, this); }
GdalQuiet::~GdalQuiet() { CPLPopErrorHandler(); }

void GdalQuiet::hear(CPLErr kind, CPLErrorNum /*number*/, const char* text) {
  auto* self = static_cast<GdalQuiet*>(CPLGetErrorHandlerUserData());
  if (kind < CE_Warning || (kind == CE_Warning && self->failed_)) return;
  // The first failure is the cause; later ones are its echoes.
  if (kind >= CE_Failure && self->failed_) return;
  self->text_ = text;
  self->failed_ = kind >= CE_Failure;
}

void GdalQuiet::forget() {
  text_.clear();
  failed_ = false;
}

std::string GdalQuiet::complaint(const std::string& otherwise) const {
  std::string text = text_.substr(0, text_.find('\n'));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text.empty() ? otherwise : text.substr(0, 300);
}

Result<DatasetPtr> open_raster(const std::filesystem::path& path, int overview) {
  const bool in_memory = path.string().rfind(memory_folder, 0) == 0;
  if (!in_memory) {
    FAIR_TRY(check_local_file(path, "an image file"));
    FAIR_TRY(check_sidecar(path));
  }
  gdal_ready();
  const GdalQuiet quiet;
  const char* const* drivers = in_memory ? kPictureDrivers : kRasterDrivers;
  const std::string level = "OVERVIEW_LEVEL=" + std::to_string(overview);
  const char* const options[] = {overview >= 0 ? level.c_str() : nullptr, nullptr};
  DatasetPtr dataset(GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers, options));
  if (!dataset) {
    return fail(Code::invalid, path.string(), "a GeoTIFF, JPEG or PNG", quiet.complaint("a file of another kind"),
                "other formats can be converted with gdal_translate; damaged files must be fetched again");
  }
  return dataset;
}

Result<DatasetPtr> open_vector(const std::filesystem::path& path) {
  FAIR_TRY(check_local_file(path, "a file of labels"));
  gdal_ready();
  const GdalQuiet quiet;
  DatasetPtr dataset(GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, kVectorDrivers));
  if (!dataset) {
    return fail(Code::invalid, path.string(), "GeoJSON, FlatGeobuf, GeoPackage or Shapefile", quiet.complaint("a file of another kind"),
                "other formats can be converted with ogr2ogr");
  }
  return dataset;
}

}  // namespace fair::io
