#include "native/io/raster_file.h"

#include <gdalwarper.h>
#include <ogr_spatialref.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <vector>

#include "core/geo/transform.h"
#include "native/io/gdal_session.h"

namespace fair::io {
namespace {

/// Files say their resolution in rounded figures.
constexpr double kAbout = 1.001;

constexpr int kMaxSide = 4'000'000;
constexpr std::int64_t kMaxBlockBytes = std::int64_t{512} << 20U;
constexpr std::int64_t kMaxWindow = std::int64_t{16384} * 16384;

/// Refuses what would not fit the memory of the machines we run on before anything is allocated for it.
Result<> check_shape(GDALDataset& dataset, const std::filesystem::path& path) {
  const int width = dataset.GetRasterXSize();
  const int height = dataset.GetRasterYSize();
  const int bands = dataset.GetRasterCount();
  if (bands < 1) return fail(Code::invalid, path.string(), "an image with bands", "none", "check that this is the right file");
  if (width > kMaxSide || height > kMaxSide || bands > 64) {
    return fail(Code::invalid, path.string(), "at most 4000000 x 4000000 pixels and 64 bands",
                std::to_string(width) + " x " + std::to_string(height) + " with " + std::to_string(bands) + " bands",
                "the file's header is wrong, or it must be cut up");
  }
  GDALRasterBand* band = dataset.GetRasterBand(1);
  if (band->GetRasterDataType() != GDT_Byte) {
    return fail(Code::unsupported, path.string(), "8 bits a band", GDALGetDataTypeName(band->GetRasterDataType()),
                "convert it with gdal_translate -ot Byte -scale");
  }
  int block_width = 0;
  int block_height = 0;
  band->GetBlockSize(&block_width, &block_height);
  if (static_cast<std::int64_t>(block_width) * block_height * bands > kMaxBlockBytes) {
    return fail(Code::invalid, path.string(), "blocks of at most 512 MB",
                std::to_string(block_width) + " x " + std::to_string(block_height) + " pixels a block",
                "rewrite it in tiles: gdal_translate -of COG");
  }
  return {};
}

bool same(const OGRSpatialReference& a, const OGRSpatialReference& b) {
  const char* const options[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", nullptr};
  return a.IsSame(&b, options) != 0;
}

OGRSpatialReference epsg(int code) {
  OGRSpatialReference reference;
  reference.importFromEPSG(code);
  reference.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return reference;
}

/// How the bands of a file become RGB and validity.
struct BandPlan {
  std::array<int, 3> colours{1, 1, 1};
  int alpha = 0;  ///< band, or 0
  bool dataset_mask = false;
  bool has_no_data = false;
  double no_data = 0;
  std::vector<std::array<std::uint8_t, 4>> palette;
};

BandPlan plan_bands(GDALDataset& dataset) {
  BandPlan plan;
  const int bands = dataset.GetRasterCount();
  for (int b = 1; b <= bands; ++b) {
    if (dataset.GetRasterBand(b)->GetColorInterpretation() == GCI_AlphaBand) plan.alpha = b;
  }
  if (bands >= 3) plan.colours = {1, 2, 3};
  GDALRasterBand* first = dataset.GetRasterBand(1);
  int known = 0;
  plan.no_data = first->GetNoDataValue(&known);
  plan.has_no_data = known != 0;
  if (const int flags = first->GetMaskFlags(); plan.alpha == 0 && !plan.has_no_data) plan.dataset_mask = (flags & GMF_PER_DATASET) != 0;
  if (const GDALColorTable* table = first->GetColorTable(); table != nullptr && bands < 3) {
    for (int i = 0; i < std::min(table->GetColorEntryCount(), 256); ++i) {
      const GDALColorEntry* entry = table->GetColorEntry(i);
      plan.palette.push_back({static_cast<std::uint8_t>(entry->c1), static_cast<std::uint8_t>(entry->c2), static_cast<std::uint8_t>(entry->c3),
                              static_cast<std::uint8_t>(entry->c4)});
    }
  }
  return plan;
}

}  // namespace

struct RasterFile::State {
  /// A dataset belongs to one thread at a time. A warped one reads through the plain one beneath it.
  struct Handle {
    DatasetPtr plain, warped;
    GDALDataset* use() const { return warped ? warped.get() : plain.get(); }
  };
  std::filesystem::path path;
  RasterInfo info;
  BandPlan plan;
  std::mutex mutex;
  std::vector<Handle> idle;

  Result<Handle> open_handle() const;
  void describe(const Handle& handle);
  void choose_overview(const Handle& handle, double gsd);
  Result<Handle> borrow() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    return open_handle();
  }
  void give_back(Handle handle) {
    const std::lock_guard lock(mutex);
    if (idle.size() < 8) idle.push_back(std::move(handle));
  }
};

Result<RasterFile::State::Handle> RasterFile::State::open_handle() const {
  Handle handle;
  FAIR_TRY_ASSIGN(handle.plain, open_raster(path, info.overview));
  FAIR_TRY(check_shape(*handle.plain, path));
  const OGRSpatialReference* reference = handle.plain->GetSpatialRef();
  if (reference == nullptr || same(*reference, epsg(4326)) || same(*reference, epsg(3857))) return handle;

  const GdalQuiet quiet;
  const int bands = std::min(handle.plain->GetRasterCount(), 3) == 3 ? 3 : 1;
  GDALWarpOptions* options = GDALCreateWarpOptions();
  options->nBandCount = bands;
  options->panSrcBands = static_cast<int*>(CPLMalloc(sizeof(int) * static_cast<std::size_t>(bands)));
  options->panDstBands = static_cast<int*>(CPLMalloc(sizeof(int) * static_cast<std::size_t>(bands)));
  for (int b = 0; b < bands; ++b) options->panSrcBands[b] = options->panDstBands[b] = b + 1;
  options->nDstAlphaBand = bands + 1;
  for (int b = 1; b <= handle.plain->GetRasterCount(); ++b) {
    if (handle.plain->GetRasterBand(b)->GetColorInterpretation() == GCI_AlphaBand) options->nSrcAlphaBand = b;
  }
  char* target = nullptr;
  epsg(3857).exportToWkt(&target);
  GDALDatasetH warped = GDALAutoCreateWarpedVRTEx(GDALDataset::ToHandle(handle.plain.get()), nullptr, target, GRA_Bilinear, 0.0, options, nullptr);
  CPLFree(target);
  GDALDestroyWarpOptions(options);
  if (warped == nullptr) {
    return fail(Code::invalid, path.string(), "a projection that can be warped to EPSG:3857", quiet.complaint("one that cannot"),
                "warp it with gdalwarp -t_srs EPSG:3857");
  }
  handle.warped.reset(GDALDataset::FromHandle(warped));
  return handle;
}

RasterFile::RasterFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
RasterFile::RasterFile(RasterFile&&) noexcept = default;
RasterFile& RasterFile::operator=(RasterFile&&) noexcept = default;
RasterFile::~RasterFile() = default;

const RasterInfo& RasterFile::info() const { return state_->info; }

void RasterFile::State::describe(const Handle& handle) {
  GDALDataset& dataset = *handle.use();
  info.width = dataset.GetRasterXSize();
  info.height = dataset.GetRasterYSize();
  info.bands = dataset.GetRasterCount();
  info.warped = handle.warped != nullptr;
  const OGRSpatialReference* reference = handle.plain->GetSpatialRef();
  if (reference != nullptr) {
    info.projection = reference->GetName();
    info.crs = !info.warped && same(*reference, epsg(4326)) ? geo::Crs::wgs84 : geo::Crs::web_mercator;
    info.georeferenced = dataset.GetGeoTransform(info.transform.a) == CE_None;
  }
}

/// The coarsest overview that is not coarser than `gsd`, where the file is at least twice as fine.
void RasterFile::State::choose_overview(const Handle& handle, double gsd) {
  const geo::GroundSize pixel = geo::ground_size(info.crs, info.transform, 0.5 * info.width, 0.5 * info.height);
  GDALRasterBand* band = handle.plain->GetRasterBand(1);
  const double finest = std::max(pixel.across, pixel.down);
  if (!(finest > 0) || gsd * kAbout < 2 * finest) return;
  double best = 1;
  for (int i = 0; i < band->GetOverviewCount(); ++i) {
    GDALRasterBand* overview = band->GetOverview(i);
    if (overview == nullptr || overview->GetXSize() < 1 || overview->GetYSize() < 1) continue;
    const double factor =
        std::max(static_cast<double>(band->GetXSize()) / overview->GetXSize(), static_cast<double>(band->GetYSize()) / overview->GetYSize());
    if (factor > best && finest * factor <= gsd * kAbout) best = factor, info.overview = i;
  }
}

Result<RasterFile> RasterFile::open(const std::filesystem::path& path, double gsd) {
  auto state = std::make_unique<State>();
  state->path = path;
  RasterInfo& info = state->info;
  FAIR_TRY_ASSIGN(State::Handle handle, state->open_handle());
  state->describe(handle);
  if (info.georeferenced) {
    const double* a = info.transform.a;
    const bool finite = std::all_of(a, a + 6, [](double v) { return std::isfinite(v); });
    if (!finite || a[1] * a[5] - a[2] * a[4] == 0) {
      return fail(Code::invalid, path.string(), "a georeference that can be inverted", "pixels of no size", "set it again with gdal_edit -a_ullr");
    }
    if (gsd > 0) state->choose_overview(handle, gsd);
    if (info.overview >= 0) {
      handle.warped.reset();  // before what it reads through
      FAIR_TRY_ASSIGN(handle, state->open_handle());
      state->describe(handle);
    }
  }
  state->plan = plan_bands(*handle.use());
  state->give_back(std::move(handle));
  return RasterFile(std::move(state));
}

Result<raster::Image> RasterFile::read_all() const {
  return read(0, 0, state_->info.width, state_->info.height, state_->info.width, state_->info.height);
}

Result<raster::Image> RasterFile::read(std::int32_t column, std::int32_t row, std::int32_t width, std::int32_t height, std::int32_t out_width,
                                       std::int32_t out_height) const {
  const RasterInfo& info = state_->info;
  if (column < 0 || row < 0 || width < 1 || height < 1 || out_width < 1 || out_height < 1 || column > info.width - width ||
      row > info.height - height || static_cast<std::int64_t>(out_width) * out_height > kMaxWindow) {
    return fail(Code::usage, state_->path.string(), "a window inside the image, of at most 16384 x 16384 pixels",
                std::to_string(width) + " x " + std::to_string(height) + " at " + std::to_string(column) + ", " + std::to_string(row));
  }
  FAIR_TRY_ASSIGN(State::Handle handle, state_->borrow());
  GDALDataset& dataset = *handle.use();
  const BandPlan& plan = state_->plan;
  GdalQuiet quiet;
  GDALRasterIOExtraArg extra;
  INIT_RASTERIO_EXTRA_ARG(extra);
  extra.eResampleAlg = plan.palette.empty() ? GRIORA_Average : GRIORA_NearestNeighbour;

  raster::Image image;
  image.width = out_width;
  image.height = out_height;
  image.channels = 3;
  const auto area = static_cast<std::size_t>(out_width) * static_cast<std::size_t>(out_height);
  image.pixels.resize(area * 3);
  int bands[3] = {plan.colours[0], plan.colours[1], plan.colours[2]};
  bool good = dataset.RasterIO(GF_Read, column, row, width, height, image.pixels.data(), out_width, out_height, GDT_Byte, 3, bands, 3,
                               static_cast<GSpacing>(out_width) * 3, 1, &extra) == CE_None;
  if (good && (plan.alpha != 0 || plan.dataset_mask)) {
    image.valid.resize(area);
    extra.eResampleAlg = GRIORA_NearestNeighbour;
    GDALRasterBand* band = plan.alpha != 0 ? dataset.GetRasterBand(plan.alpha) : dataset.GetRasterBand(1)->GetMaskBand();
    good = band->RasterIO(GF_Read, column, row, width, height, image.valid.data(), out_width, out_height, GDT_Byte, 0, 0, &extra) == CE_None;
  }
  // Some codecs only warn of data that ends early and hand out grey.
  if (!good || quiet.failed()) {
    return fail(Code::invalid, state_->path.string(), "readable pixels", quiet.complaint("damaged data"),
                "the file is damaged or cut off: fetch it again");
  }
  state_->give_back(std::move(handle));

  if (!plan.palette.empty()) {
    for (std::size_t i = 0; i < area; ++i) {
      const std::uint8_t index = image.pixels[3 * i];
      for (std::size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = index < plan.palette.size() ? plan.palette[index][c] : 0;
    }
  }
  if (plan.has_no_data && image.valid.empty()) {
    image.valid.resize(area);
    for (std::size_t i = 0; i < area; ++i) {
      const std::uint8_t* pixel = image.pixels.data() + 3 * i;
      image.valid[i] = pixel[0] == plan.no_data && pixel[1] == plan.no_data && pixel[2] == plan.no_data ? 0 : 255;
    }
  }
  if (std::all_of(image.valid.begin(), image.valid.end(), [](std::uint8_t v) { return v != 0; })) image.valid.clear();
  return image;
}

Result<raster::Image> read_mask(const std::filesystem::path& path) {
  FAIR_TRY_ASSIGN(const DatasetPtr dataset, open_raster(path));
  FAIR_TRY(check_shape(*dataset, path));
  raster::Image mask;
  mask.width = dataset->GetRasterXSize();
  mask.height = dataset->GetRasterYSize();
  mask.channels = 1;
  if (static_cast<std::int64_t>(mask.width) * mask.height > kMaxWindow) {
    return fail(Code::invalid, path.string(), "a mask of at most 16384 x 16384 pixels",
                std::to_string(mask.width) + " x " + std::to_string(mask.height));
  }
  mask.pixels.resize(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height));
  const GdalQuiet quiet;
  if (dataset->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, mask.width, mask.height, mask.pixels.data(), mask.width, mask.height, GDT_Byte, 0, 0,
                                          nullptr) != CE_None ||
      quiet.failed()) {
    return fail(Code::invalid, path.string(), "readable pixels", quiet.complaint("damaged data"), "the file is damaged or cut off: make it again");
  }
  return mask;
}

}  // namespace fair::io
