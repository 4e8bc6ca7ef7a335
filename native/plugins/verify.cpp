#include "native/plugins/verify.h"

#include <array>
#include <fstream>

#include "native/io/digest.h"

namespace fair::plugins {

const char* platform() { return FAIR_PLATFORM; }

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
  FAIR_TRY_ASSIGN(const std::string sum, io::sha256_of(found.binary));
  if (sum != manifest.sha256) {
    return fail(Code::invalid, found.binary.string(), "sha256 " + (manifest.sha256.empty() ? "in its manifest" : manifest.sha256),
                manifest.sha256.empty() ? "none there" : sum, "the file is damaged, or was changed after its manifest was written: build both again");
  }
  return {};
}

}  // namespace fair::plugins
