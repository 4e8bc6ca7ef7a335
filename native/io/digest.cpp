#include "native/io/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace fair::io {

std::string hexadecimal(std::string_view bytes) {
  static constexpr const char* digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

struct Digest::State {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), kind == Kind::sha256 ? EVP_sha256() : EVP_md5(), nullptr);
}
Digest::Digest(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::add(const void* data, std::size_t size) { EVP_DigestUpdate(state_->context.get(), data, size); }

std::string Digest::take() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

std::string sha256(std::string_view bytes) {
  Digest digest(Digest::Kind::sha256);
  digest.add(bytes.data(), bytes.size());
  return digest.take();
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

Result<std::string> from_base64(const std::string& text, const std::string& thing) {
  std::string out(text.size() / 4 * 3, '\0');
  const int bytes = text.size() % 4 == 0 ? EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                           reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()))
                                         : -1;
  if (bytes < 0) return fail(Code::invalid, thing, "base64 with padding", std::to_string(text.size()) + " other characters", "correct it");
  const auto padding = std::min<std::size_t>(2, text.size() - std::min(text.size(), text.find_last_not_of('=') + 1));
  out.resize(static_cast<std::size_t>(bytes) - padding);
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
}

Result<std::string> digest_of(Digest::Kind kind, const std::filesystem::path& file, std::uint64_t first, std::uint64_t size) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"), std::fclose);
  if (!in || fseeko(in.get(), static_cast<off_t>(first), SEEK_SET) != 0)
    return fail(Code::io, file.string(), "a file that can be read", "it cannot be opened", "check that it is there, and its permissions");
  Digest digest(kind);
  std::vector<char> buffer(1U << 20U);
  while (size > 0) {
    const std::size_t got = std::fread(buffer.data(), 1, static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size)), in.get());
    if (got == 0) break;
    digest.add(buffer.data(), got);
    size -= got;
  }
  if (std::ferror(in.get()) != 0) return fail(Code::io, file.string(), "a file that can be read", "reading failed", "check the disk");
  return hexadecimal(digest.take());
}

}  // namespace fair::io
