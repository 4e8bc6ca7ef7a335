#include "native/io/dataset_pack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <system_error>

#include "native/io/atomic_file.h"
#include "native/io/content_hash.h"

namespace fair::io {
namespace {

static_assert(std::endian::native == std::endian::little, "packs are little-endian and read in place");

constexpr std::array<char, 8> kMagic{'F', 'A', 'I', 'R', 'P', 'A', 'C', 'K'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kAlignment = 64;
constexpr std::int64_t kMaxSide = 1 << 16;

/// First bytes of the file. The index (JSON) follows, then pixels and masks, each at a multiple of 64 bytes from the first one.
struct Preamble {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t reserved = 0;
  std::uint64_t file_size = 0;
  std::uint64_t index_size = 0;
  std::uint64_t data_start = 0;
  std::uint64_t index_hash = 0;
  std::array<std::uint64_t, 2> spare{};
};
static_assert(sizeof(Preamble) == 64);

std::uint64_t round_up(std::uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

std::string hex(std::uint64_t value) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return {text.data(), end};
}

const char* name_of(Part part) {
  switch (part) {
    case Part::train: return "train";
    case Part::val: return "val";
    case Part::holdout: return "holdout";
  }
  return "train";
}

tl::unexpected<Error> damaged(const std::filesystem::path& path, std::string expected, std::string found) {
  return fail(Code::invalid, path.string(), std::move(expected), std::move(found), "pack the dataset again with 'fair dataset pack'");
}

class MappedPack final : public DatasetPack {
 public:
  ~MappedPack() override {
    if (base_ != nullptr) munmap(base_, size_);
  }
  const Json& header() const override { return header_; }
  const std::vector<PackedChip>& chips() const override { return chips_; }

  Result<> load(const std::filesystem::path& path);

 private:
  Result<> read_chip(const std::filesystem::path& path, const Json& entry, const std::uint8_t* data, std::uint64_t data_size);

  void* base_ = nullptr;
  std::size_t size_ = 0;
  Json header_;
  std::vector<PackedChip> chips_;
};

Result<> MappedPack::load(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? Code::not_found : Code::io, path.string(), "a packed dataset", std::generic_category().message(errno),
                "make it with 'fair dataset pack'");
  }
  struct stat status {};
  const bool regular = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  if (!regular || status.st_size < static_cast<off_t>(sizeof(Preamble))) {
    close(descriptor);
    return damaged(path, "a packed dataset", regular ? "a file of " + std::to_string(status.st_size) + " bytes" : "no regular file");
  }
  size_ = static_cast<std::size_t>(status.st_size);
  void* mapped = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int reason = errno;
  close(descriptor);
  if (mapped == MAP_FAILED) return fail(Code::io, path.string(), "a file that can be mapped", std::generic_category().message(reason));
  base_ = mapped;

  Preamble preamble;
  std::memcpy(&preamble, base_, sizeof preamble);
  if (preamble.magic != kMagic) return damaged(path, "a packed dataset", "a file of another kind");
  if (preamble.version != kVersion) return damaged(path, "pack version " + std::to_string(kVersion), "version " + std::to_string(preamble.version));
  if (preamble.file_size != size_) {
    return damaged(path, std::to_string(preamble.file_size) + " bytes", std::to_string(size_) + " bytes (cut off or grown)");
  }
  const std::uint64_t room = size_ - sizeof preamble;
  if (preamble.index_size > room || preamble.data_start > size_ || preamble.data_start < sizeof preamble + preamble.index_size ||
      preamble.data_start % kAlignment != 0) {
    return damaged(path, "an index inside the file", "one that reaches outside it");
  }
  const auto* bytes = static_cast<const std::uint8_t*>(base_);
  const std::string_view index_text(reinterpret_cast<const char*>(bytes) + sizeof preamble, preamble.index_size);
  if (content_hash(index_text.data(), index_text.size()) != preamble.index_hash)
    return damaged(path, "an index as it was written", "one that has changed since");
  JsonLimits limits;
  limits.max_bytes = std::size_t{1} << 30U;
  FAIR_TRY_ASSIGN(Json index, parse_json(index_text, path.string(), limits));
  if (!index.is_object() || !index.contains("header") || !index.contains("chips") || !index["chips"].is_array()) {
    return damaged(path, "an index with header and chips", "another document");
  }
  for (const Json& entry : index["chips"]) FAIR_TRY(read_chip(path, entry, bytes + preamble.data_start, size_ - preamble.data_start));
  header_ = std::move(index["header"]);
  return {};
}

Result<> MappedPack::read_chip(const std::filesystem::path& path, const Json& entry, const std::uint8_t* data, std::uint64_t data_size) {
  const auto whole = [&](const char* key, std::int64_t low, std::int64_t high) -> std::int64_t {
    const auto it = entry.find(key);
    if (it == entry.end() || !it->is_number_integer()) return -1;
    const auto value = it->is_number_unsigned() && it->get<std::uint64_t>() > static_cast<std::uint64_t>(high) ? -1 : it->get<std::int64_t>();
    return value < low || value > high ? -1 : value;
  };
  const std::string which = "chip " + std::to_string(chips_.size());
  if (!entry.is_object()) return damaged(path, which + " as an object", "something else");
  PackedChip chip;
  if (const auto it = entry.find("name"); it != entry.end() && it->is_string()) chip.name = it->get<std::string>();
  const std::int64_t width = whole("width", 1, kMaxSide);
  const std::int64_t height = whole("height", 1, kMaxSide);
  const std::int64_t channels = whole("channels", 1, 64);
  const std::int64_t part = whole("part", 0, 2);
  if (chip.name.empty() || width < 0 || height < 0 || channels < 0 || part < 0) {
    return damaged(path, which + " with a name, a part and a size", "fields missing or out of range");
  }
  chip.part = static_cast<Part>(part);
  chip.width = static_cast<std::int32_t>(width);
  chip.height = static_cast<std::int32_t>(height);
  chip.channels = static_cast<std::int32_t>(channels);
  const auto area = static_cast<std::uint64_t>(width * height);
  const auto block = [&](const char* key, const char* sum, std::uint64_t size, const std::uint8_t*& out) -> Result<> {
    const std::int64_t at = whole(key, 0, std::numeric_limits<std::int64_t>::max());
    const auto offset = static_cast<std::uint64_t>(at);
    if (at < 0 || offset % kAlignment != 0 || offset > data_size || size > data_size - offset) {
      return damaged(path, std::string(key) + " of " + chip.name + " inside the file", "a place outside it");
    }
    const auto it = entry.find(sum);
    if (it == entry.end() || !it->is_string() || it->get_ref<const std::string&>() != hex(content_hash(data + offset, size))) {
      return damaged(path, std::string(key) + " of " + chip.name + " as they were written", "bytes that have changed since");
    }
    out = data + offset;
    return {};
  };
  FAIR_TRY(block("pixels", "pixels_hash", area * static_cast<std::uint64_t>(channels), chip.pixels));
  if (entry.contains("mask")) FAIR_TRY(block("mask", "mask_hash", area, chip.mask));
  if (entry.contains("things")) {
    const std::uint8_t* things = nullptr;
    FAIR_TRY(block("things", "things_hash", 2 * area, things));
    chip.things = reinterpret_cast<const std::uint16_t*>(things);  // blocks begin at multiples of 64 bytes
  }
  if (const auto it = entry.find("labels"); it != entry.end()) chip.labels = *it;
  chips_.push_back(std::move(chip));
  return {};
}

}  // namespace

Result<std::shared_ptr<DatasetPack>> DatasetPack::open(const std::filesystem::path& path) {
  auto pack = std::make_shared<MappedPack>();
  FAIR_TRY(pack->load(path));
  return std::shared_ptr<DatasetPack>(std::move(pack));
}

Result<> write_pack(const std::filesystem::path& path, const Json& header, const std::vector<PackedChip>& chips) {
  Json index = {{"header", header}, {"chips", Json::array()}};
  std::uint64_t offset = 0;
  for (const PackedChip& chip : chips) {
    if (chip.width < 1 || chip.height < 1 || chip.channels < 1 || chip.width > kMaxSide || chip.height > kMaxSide || chip.channels > 64 ||
        chip.pixels == nullptr || chip.name.empty()) {
      return fail(Code::invalid, "chip '" + chip.name + "'", "a name and pixels of at most 65536 x 65536",
                  std::to_string(chip.width) + " x " + std::to_string(chip.height));
    }
    const std::uint64_t area = static_cast<std::uint64_t>(chip.width) * static_cast<std::uint64_t>(chip.height);
    const std::uint64_t size = area * static_cast<std::uint64_t>(chip.channels);
    Json entry = {{"name", chip.name},
                  {"part", static_cast<int>(chip.part)},
                  {"part_name", name_of(chip.part)},
                  {"width", chip.width},
                  {"height", chip.height},
                  {"channels", chip.channels},
                  {"pixels", offset},
                  {"pixels_hash", hex(content_hash(chip.pixels, size))}};
    offset += round_up(size);
    if (chip.mask != nullptr) {
      entry["mask"] = offset;
      entry["mask_hash"] = hex(content_hash(chip.mask, area));
      offset += round_up(area);
    }
    if (chip.things != nullptr) {
      entry["things"] = offset;
      entry["things_hash"] = hex(content_hash(chip.things, 2 * area));
      offset += round_up(2 * area);
    }
    if (!chip.labels.is_null()) entry["labels"] = chip.labels;
    index["chips"].push_back(std::move(entry));
  }
  const std::string text = index.dump(-1, ' ', false, Json::error_handler_t::replace);
  Preamble preamble;
  preamble.index_size = text.size();
  preamble.index_hash = content_hash(text.data(), text.size());
  preamble.data_start = round_up(sizeof preamble + text.size());
  preamble.file_size = preamble.data_start + offset;

  FAIR_TRY_ASSIGN(auto file, AtomicFile::create(path));
  FAIR_TRY(file.write(&preamble, sizeof preamble));
  FAIR_TRY(file.write(text));
  FAIR_TRY(file.align(kAlignment));
  for (const PackedChip& chip : chips) {
    const std::size_t area = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
    FAIR_TRY(file.write(chip.pixels, area * static_cast<std::size_t>(chip.channels)));
    FAIR_TRY(file.align(kAlignment));
    if (chip.mask != nullptr) {
      FAIR_TRY(file.write(chip.mask, area));
      FAIR_TRY(file.align(kAlignment));
    }
    if (chip.things != nullptr) {
      FAIR_TRY(file.write(chip.things, 2 * area));
      FAIR_TRY(file.align(kAlignment));
    }
  }
  return file.commit();
}

}  // namespace fair::io
