#include "native/serve/outbox.h"

#include <unistd.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <cstdio>
#include <utility>

namespace fair::serve {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10U;

std::string head_of(const Answer& answer, const HeadFacts& facts, bool chunked) {
  namespace http = boost::beast::http;
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)));
  out.append(reason.data(), reason.size()).append("\r\n");
  const auto add = [&out](const std::string& name, const std::string& value) {
    if (value.find_first_of("\r\n") == std::string::npos) out += name + ": " + value + "\r\n";
  };
  if (!answer.type.empty()) add("Content-Type", answer.type);
  for (const auto& [name, value] : answer.headers) add(name, value);
  if (chunked) add("Transfer-Encoding", "chunked");
  const bool bodiless = answer.status == 204 || answer.status == 304;  // RFC 9110, 8.6
  if (!facts.stream && !bodiless) add("Content-Length", std::to_string(answer.file ? answer.file->size : answer.body.size()));
  add("X-Request-Id", facts.request_id);
  add("Connection", facts.keep ? "keep-alive" : "close");
  return out + "\r\n";
}

}  // namespace

void Outbox::begin(Answer answer, const HeadFacts& facts) {
  chunked_ = facts.stream && !facts.old;
  bodiless_ = facts.bodiless || answer.status == 204 || answer.status == 304;
  whole_ = !facts.stream;
  pieces_.push_back(head_of(answer, facts, chunked_));
  file_.reset();
  if (bodiless_) return;
  file_ = std::move(answer.file);
  add(std::move(answer.body));
}

void Outbox::add(std::string piece) {
  if (piece.empty() || bodiless_) return;
  if (chunked_) {
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    piece.insert(0, size).append("\r\n");
  }
  pieces_.push_back(std::move(piece));
}

void Outbox::finish() {
  if (chunked_ && !bodiless_) pieces_.push_back("0\r\n\r\n");
  whole_ = true;
}

std::optional<std::vector<std::string_view>> Outbox::next() {
  if (pieces_.empty() && file_ && file_->size > 0) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(file_->size, piece_bytes)), '\0');
    const auto n = ::pread(*file_->descriptor, piece.data(), piece.size(), static_cast<off_t>(file_->first));
    if (n <= 0) return std::nullopt;
    piece.resize(static_cast<std::size_t>(n));
    file_->first += static_cast<std::uint64_t>(n);
    file_->size -= static_cast<std::uint64_t>(n);
    pieces_.push_back(std::move(piece));
  }
  std::vector<std::string_view> out;
  std::size_t room = piece_bytes, skipped = written_;
  for (const std::string& piece : pieces_) {
    out.push_back(std::string_view(piece).substr(skipped, room));
    skipped = 0;
    room -= out.back().size();
    if (room == 0) break;
  }
  return out;
}

void Outbox::written(std::size_t bytes) {
  written_ += bytes;
  while (!pieces_.empty() && written_ >= pieces_.front().size()) {
    written_ -= pieces_.front().size();
    pieces_.pop_front();
  }
}

}  // namespace fair::serve
