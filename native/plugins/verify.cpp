#include "native/plugins/verify.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

namespace fair::plugins {

const char* platform() { return FAIR_PLATFORM; }

Result<std::string> sha256_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Code::not_found, file.string(), "a file that can be read", "none", "check the path and its permissions");
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
  std::array<char, 1 << 16> buffer{};
  while (good && in) {
    in.read(buffer.data(), buffer.size());
    good = EVP_DigestUpdate(digest.get(), buffer.data(), static_cast<std::size_t>(in.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int size = 0;
  if (!good || in.bad() || EVP_DigestFinal_ex(digest.get(), sum.data(), &size) != 1) {
    return fail(Code::io, file.string(), "a file whose sha256 can be taken", "one that cannot be read to its end", "check the disk");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[sum.at(i) >> 4U];
    text += "0123456789abcdef"[sum.at(i) & 15U];
  }
  return text;
}

Result<> verify(const Found& found) {
  const plugin::Manifest& manifest = found.manifest;
  const std::string thing = found.manifest_path.string();
  FAIR_TRY(manifest.fits(platform(), thing));
  if (!manifest.code) return {};
  std::error_code error;
  if (!std::filesystem::is_regular_file(found.binary, error)) {
    return fail(Code::not_found, thing, "its shared object " + found.binary.filename().string() + " beside it", "none",
                "install both files together");
  }
  std::array<char, 4> magic{};
  std::ifstream(found.binary, std::ios::binary).read(magic.data(), magic.size());
  if (magic != std::array<char, 4>{'\x7f', 'E', 'L', 'F'}) {
    return fail(Code::invalid, found.binary.string(), "a shared object", "a file of another kind", "build the plugin again");
  }
  FAIR_TRY_ASSIGN(const std::string sum, sha256_of(found.binary));
  if (sum != manifest.sha256) {
    return fail(Code::invalid, found.binary.string(), "sha256 " + (manifest.sha256.empty() ? "in its manifest" : manifest.sha256),
                manifest.sha256.empty() ? "none there" : sum, "the file is damaged, or was changed after its manifest was written: build both again");
  }
  return {};
}

}  // namespace fair::plugins
