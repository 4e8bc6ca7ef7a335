#include "native/weights/read.h"

#include <array>
#include <utility>

#include "native/io/atomic_file.h"
#include "native/weights/refused.h"
#include "native/weights/safetensors.h"
#include "native/weights/torch_file.h"

namespace fair::weights {
namespace {

/// Files that people take for weights, and what to do with each.
tl::unexpected<Error> strange(std::string_view bytes, const std::string& thing) {
  struct Kind {
    std::size_t at;
    std::string_view mark;
    const char *found, *hint;
  };
  static constexpr std::array<Kind, 5> kinds{
      {{0, "\x89HDF", "an HDF5 file", "export the Keras model to ONNX: fair import model takes that"},
       {257, "ustar", "a tar archive, as torch.save wrote before 2016", "load and save it again with a current PyTorch"},
       {0, "\x80", "a pickle that torch.save did not write", "save the state dict with torch.save, or as safetensors"},
       {0, "\x1f\x8b", "a gzip archive", "unpack it first"},
       {0, "<", "a web page or XML", "fetch the file itself, not the page about it"}}};
  for (const Kind& kind : kinds) {
    if (bytes.size() > kind.at && bytes.substr(kind.at, kind.mark.size()) == kind.mark)
      return fail(Code::unsupported, thing, "weights as safetensors or torch.save writes them", kind.found, kind.hint);
  }
  return fail(Code::unsupported, thing, "weights as safetensors or torch.save writes them", bytes.empty() ? "an empty file" : "another kind of file",
              "give a .safetensors, .pt or .pth file; ONNX files come in by fair import model");
}

}  // namespace

Result<StateDict> parse_state_dict(std::string_view bytes, const std::string& thing, const std::string& key) {
  try {
    if (looks_like_zip(bytes)) return parse_torch_zip(bytes, thing, key);
    if (looks_like_legacy_torch(bytes)) return parse_torch_legacy(bytes, thing, key);
    if (looks_like_safetensors(bytes)) {
      if (key.empty()) return parse_safetensors(bytes, thing);
      return fail(Code::not_found, thing + " key '" + key + "'", "tensors by name", "a safetensors file, which nests nothing", "leave the key out");
    }
    return strange(bytes, thing);
  } catch (const Refused& refused) {
    return fail(refused.error);
  }
}

Result<StateDict> read_state_dict(const std::filesystem::path& path, const std::string& key) {
  constexpr std::uint64_t limit = 16ULL << 30U;
  FAIR_TRY_ASSIGN(const std::string bytes, io::read_whole(path, limit));
  return parse_state_dict(bytes, path.string(), key);
}

}  // namespace fair::weights
