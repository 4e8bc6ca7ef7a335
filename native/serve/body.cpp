#include "native/serve/body.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <string>

#include "native/serve/answers.h"

namespace fair::serve {
namespace {

constexpr std::size_t deepest = 64;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

struct Unpacked {
  enum class Why { good, damaged, too_large } why = Why::good;
  std::string text;
};

/// gzip (RFC 1952), a piece at a time: a small body may claim to be a very large one.
Unpacked unpack(const std::string& packed, std::size_t most_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return {Unpacked::Why::damaged, {}};
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  Unpacked out;
  std::array<char, 16384> piece;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) return {Unpacked::Why::damaged, {}};
    out.text.append(piece.data(), piece.size() - stream.avail_out);
    if (out.text.size() > most_bytes) return {Unpacked::Why::too_large, {}};
  }
  return out;
}

tl::unexpected<Answer> refuse(int status, const std::string& sentence) { return tl::unexpected<Answer>(json_answer(status, {{"error", sentence}})); }

}  // namespace

tl::expected<Json, Answer> json_body(const Request& request, std::size_t most_bytes) {
  const std::string type = lower(request.header("content-type")), encoding = lower(request.header("content-encoding"));
  const std::string media = type.substr(0, type.find_first_of("; "));
  const bool json = media.empty() || media == "application/json" || (media.size() > 5 && media.compare(media.size() - 5, 5, "+json") == 0);
  if (!json) return refuse(415, "the body must be JSON: Content-Type application/json");
  std::string unpacked;
  const std::string* text = &request.body;
  if (encoding == "gzip" || encoding == "x-gzip") {
    Unpacked out = unpack(request.body, most_bytes);
    if (out.why == Unpacked::Why::damaged) return refuse(400, "the body is no gzip data, or a part of it is missing");
    if (out.why == Unpacked::Why::too_large) return refuse(413, "the body unpacks to more than " + std::to_string(most_bytes) + " bytes");
    unpacked = std::move(out.text);
    text = &unpacked;
  } else if (!encoding.empty() && encoding != "identity") {
    return refuse(415, "the body may be packed with gzip, or not at all");
  }
  if (text->size() > most_bytes) return refuse(413, "the body is larger than " + std::to_string(most_bytes) + " bytes");
  auto document = parse_json(*text, "body", {most_bytes, deepest});
  if (!document) return tl::unexpected<Answer>(error_answer(document.error()));
  return std::move(*document);
}

}  // namespace fair::serve
