#include "native/weights/zip.h"

#include <zlib.h>

#include <algorithm>

#include "native/onnx/crc32.h"
#include "native/weights/cursor.h"

namespace fair::weights {
namespace {

constexpr std::uint32_t local_mark = 0x04034b50, central_mark = 0x02014b50, end_mark = 0x06054b50, end64_mark = 0x06064b50, locator_mark = 0x07064b50;
constexpr std::uint32_t full32 = 0xffffffff;
constexpr std::uint16_t full16 = 0xffff;

struct Directory {
  std::uint64_t entries = 0, size = 0, offset = 0;
};

/// The end record stands last, behind it only a comment of at most 65535 bytes.
std::size_t find_end(std::string_view bytes, const std::string& thing) {
  constexpr std::size_t record = 22;
  if (bytes.size() >= record) {
    const std::size_t furthest = bytes.size() - record, nearest = furthest > full16 ? furthest - full16 : 0;
    for (std::size_t at = furthest + 1; at-- > nearest;) {
      if (bytes.compare(at, 4, "PK\x05\x06", 4) == 0 && Cursor(bytes, at + 20, thing).number(2) == bytes.size() - at - record) return at;
    }
  }
  refuse(Code::invalid, thing, "a zip archive's directory at its end", "none in " + std::to_string(bytes.size()) + " bytes",
         "the file is truncated; fetch or save it again");
}

Directory find_directory(std::string_view bytes, const std::string& thing) {
  const std::size_t end = find_end(bytes, thing);
  Cursor c(bytes, end + 10, thing);
  Directory d;
  d.entries = c.number(2);
  d.size = c.number(4);
  d.offset = c.number(4);
  if (d.entries != full16 && d.size != full32 && d.offset != full32) return d;
  if (end < 20 || Cursor(bytes, end - 20, thing).number(4) != locator_mark) return d;
  Cursor big(bytes, Cursor(bytes, end - 12, thing).number(8), thing);
  if (big.number(4) != end64_mark) refuse(Code::invalid, big.place(), "a zip64 end record", "other bytes", "the file is damaged");
  big.take(28);
  d.entries = big.number(8);
  d.size = big.number(8);
  d.offset = big.number(8);
  return d;
}

/// Numbers that 32 bits could not hold stand in extra field 1, in this order.
void widen(ZipArchive::Entry& entry, std::string_view extra, const std::string& thing) {
  Cursor c(extra, 0, thing);
  while (c.left() >= 4) {
    const std::uint64_t id = c.number(2), size = c.number(2);
    Cursor field(c.take(size), 0, thing);
    if (id != 1) continue;
    for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header}) {
      if (*value == full32) *value = field.number(8);
    }
  }
}

std::string inflated(std::string_view packed, std::uint64_t size, const std::string& thing) {
  std::string out;
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) refuse(Code::io, thing, "memory for zlib", "none");
  const auto piece = static_cast<std::uint64_t>(1U << 20U);
  int status = Z_OK;
  std::size_t taken = 0;
  // Piece by piece, so that an entry that promises more than it holds costs no memory.
  while (status == Z_OK && out.size() <= size) {
    const std::size_t had = out.size();
    out.resize(had + static_cast<std::size_t>(std::min(piece, size + 1 - had)));
    if (z.avail_in == 0) {
      const std::size_t next = std::min<std::size_t>(packed.size() - taken, 1U << 30U);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + taken));
      z.avail_in = static_cast<uInt>(next);
      taken += next;
    }
    z.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    z.avail_out = static_cast<uInt>(out.size() - had);
    status = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
  }
  inflateEnd(&z);
  if (status != Z_STREAM_END || out.size() != size) {
    refuse(Code::invalid, thing, std::to_string(size) + " deflated bytes", status == Z_OK ? "more" : std::to_string(out.size()),
           "the file is damaged; fetch or save it again");
  }
  return out;
}

}  // namespace

ZipArchive::ZipArchive(std::string_view bytes, std::string thing) : bytes_(bytes), thing_(std::move(thing)) {
  const Directory directory = find_directory(bytes_, thing_);
  Cursor c(bytes_, directory.offset, thing_);
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (c.number(4) != central_mark) refuse(Code::invalid, c.place(), "an entry of the zip directory", "other bytes", "the file is damaged");
    c.take(4);
    const std::uint64_t flags = c.number(2);
    Entry entry;
    entry.method = static_cast<std::uint16_t>(c.number(2));
    c.take(4);
    entry.crc = static_cast<std::uint32_t>(c.number(4));
    entry.packed = c.number(4);
    entry.size = c.number(4);
    const std::uint64_t name = c.number(2), extra = c.number(2), comment = c.number(2);
    c.take(8);
    entry.header = c.number(4);
    std::string called(c.take(name));
    widen(entry, c.take(extra), c.place());
    c.take(comment);
    if ((flags & 1U) != 0)
      refuse(Code::unsupported, thing_ + " entry '" + called + "'", "an open entry", "an encrypted one", "save it without a password");
    if (!entries_.emplace(called, entry).second) refuse(Code::invalid, thing_, "entries with names of their own", "two called '" + called + "'");
  }
}

std::string_view ZipArchive::packed(std::string_view name, const Entry& entry) const {
  Cursor c(bytes_, entry.header, thing_ + " entry '" + std::string(name) + "'");
  if (c.number(4) != local_mark) refuse(Code::invalid, c.place(), "a zip entry's header", "other bytes", "the file is damaged");
  c.take(22);
  const std::uint64_t name_size = c.number(2), extra = c.number(2);
  c.take(name_size);
  c.take(extra);
  return c.take(entry.packed);
}

std::string_view ZipArchive::content(std::string_view name) {
  const auto found = entries_.find(name);
  const std::string thing = thing_ + " entry '" + std::string(name) + "'";
  if (found == entries_.end()) refuse(Code::invalid, thing, "to be in the archive", "no entry of that name", "the file is incomplete");
  const Entry& entry = found->second;
  if (const auto kept = inflated_.find(name); kept != inflated_.end()) return kept->second;
  std::string_view bytes = packed(name, entry);
  if (entry.method == 8) {
    // Weights hardly shrink: what grows a hundredfold is no file of weights.
    inflated_bytes_ += entry.size;
    if (inflated_bytes_ / 100 > bytes_.size() + 100'000)
      refuse(Code::invalid, thing, "at most a hundred times the file's size", "an archive that unpacks to more", "unpack it by hand");
    bytes = inflated_.emplace(std::string(name), inflated(bytes, entry.size, thing)).first->second;
  } else if (entry.method != 0) {
    refuse(Code::unsupported, thing, "a stored or deflated entry", "compression method " + std::to_string(entry.method), "save it with torch.save");
  } else if (entry.packed != entry.size) {
    refuse(Code::invalid, thing, std::to_string(entry.size) + " stored bytes", std::to_string(entry.packed), "the file is damaged");
  }
  if (onnx::crc32(bytes) != entry.crc)
    refuse(Code::invalid, thing, "bytes with the checksum in the directory", "others", "the file is damaged; fetch or save it again");
  return bytes;
}

}  // namespace fair::weights
