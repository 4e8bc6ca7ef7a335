#include "native/image/rootfs.h"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <map>
#include <sstream>
#include <vector>

#include "native/io/atomic_file.h"
#include "native/io/program.h"

namespace fair::image {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 4> words{"infer", "serve", "train", "train-cuda"};
constexpr const char* library_folder = "usr/lib/fair-edge";

/// Belongs to the driver, which the machine that runs the container brings.
bool is_drivers(const std::string& name) { return name.rfind("libcuda.so", 0) == 0 || name.rfind("libnvidia-", 0) == 0; }

/// Name and place of every library that a program or library is linked to, as the loader finds them here.
Result<std::map<std::string, fs::path>> libraries_of(const fs::path& binary) {
  const io::ProgramOutcome told = io::run_program({"ldd", binary.string()});
  if (told.status != 0)
    return fail(Code::unsupported, binary.string(), "a program whose libraries ldd tells", told.err.substr(0, 200), "is ldd installed?");
  std::map<std::string, fs::path> out;
  std::istringstream lines(told.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream parts(line);
    std::string name, arrow, place;
    parts >> name >> arrow >> place;
    if (arrow != "=>") {
      if (name.front() == '/') out[name] = name;  // the loader itself
      continue;
    }
    if (place == "not") return fail(Code::not_found, binary.string(), "all libraries it is linked to", name + " is missing", "install it");
    out[name] = place;
  }
  return out;
}

/// Follows links; what is there stays as it is.
Result<> place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (!error) fs::copy(fs::canonical(from, error), to, fs::copy_options::recursive | fs::copy_options::skip_existing, error);
  if (error)
    return fail(Code::io, from.string(), "a file or folder that can be copied to " + to.string(), error.message(),
                "check permissions and free space");
  return {};
}

fs::path data_folder(const std::vector<const char*>& variables, const char* usual) {
  for (const char* name : variables) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return usual;
}

Result<> write(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  return io::write_whole(path, text);
}

std::uint64_t size_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

}  // namespace

const char* word(Kind kind) { return words.at(static_cast<std::size_t>(kind)); }

Result<Kind> kind_of(const std::string& word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (word == words.at(i)) return static_cast<Kind>(i);
  }
  return fail(Code::usage, "kind of image", "infer, serve, train or train-cuda", word, "choose one of them");
}

Result<Rootfs> gather(Kind kind, const fs::path& program, const fs::path& training, const fs::path& context) {
  const fs::path root = context / "rootfs", owned = context / "owned";
  std::error_code error;
  FAIR_TRY_ASSIGN(auto libraries, libraries_of(program));
  if (kind == Kind::train || kind == Kind::train_cuda) {
    if (!fs::is_regular_file(training, error))
      return fail(Code::unsupported, std::string("image ") + word(kind), "a training library beside this program", "none", "build with LibTorch");
    FAIR_TRY_ASSIGN(const auto more, libraries_of(training));
    bool cuda = false;
    for (const auto& [name, file] : more) cuda = cuda || name.rfind("libtorch_cuda", 0) == 0 || name.rfind("libcudart", 0) == 0;
    if (cuda != (kind == Kind::train_cuda)) {
      return fail(Code::unsupported, std::string("image ") + word(kind), std::string("a fair built with the LibTorch of ") + (cuda ? "CPUs" : "CUDA"),
                  std::string("one of ") + (cuda ? "CUDA" : "CPUs"),
                  std::string("build the image ") + (cuda ? "train-cuda" : "train") + ", or fair with another LibTorch");
    }
    libraries.insert(more.begin(), more.end());
    FAIR_TRY(place(training, root / library_folder / "libfair_train.so"));
  }
  Rootfs out;
  FAIR_TRY(place(program, root / "usr/bin/fair"));
  for (const auto& [name, from] : libraries) {
    const std::string file = fs::path(name).filename().string();
    if (is_drivers(file)) continue;
    FAIR_TRY(place(from, name.front() == '/' ? root / name.substr(1) : root / library_folder / file));
    ++out.libraries;
  }
  FAIR_TRY(place(data_folder({"GDAL_DATA"}, "/usr/share/gdal"), root / "usr/share/gdal"));
  FAIR_TRY(place(data_folder({"PROJ_DATA", "PROJ_LIB"}, "/usr/share/proj"), root / "usr/share/proj"));
  const fs::path certificates = data_folder({"SSL_CERT_FILE"}, "/etc/ssl/certs/ca-certificates.crt");
  if (fs::is_regular_file(certificates, error)) FAIR_TRY(place(certificates, root / "etc/ssl/certs/ca-certificates.crt"));
  FAIR_TRY(write(root / "etc/passwd", "root:x:0:0:root:/:/sbin/nologin\nfair:x:10001:10001:fAIr-edge:/home/fair:/sbin/nologin\n"));
  FAIR_TRY(write(root / "etc/group", "root:x:0:\nfair:x:10001:\n"));
  FAIR_TRY(write(root / "etc/nsswitch.conf", "hosts: files dns\n"));
  for (const char* folder : {"workspace", "home/fair"}) FAIR_TRY(write(owned / folder / ".keep", ""));
  fs::create_directories(root / "tmp", error);
  ::chmod((root / "tmp").c_str(), 01777);
  out.bytes = size_of(root);
  return out;
}

}  // namespace fair::image
