#include "native/infer/model_metadata.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <protozero/pbf_reader.hpp>
#include <string_view>

namespace fair::infer {
namespace {

// Field numbers of onnx.proto: ModelProto.graph, ModelProto.metadata_props, StringStringEntryProto.{key, value}.
constexpr protozero::pbf_tag_type graph_field = 7;
constexpr protozero::pbf_tag_type metadata_field = 14;

/// A file mapped read-only.
class Mapped {
 public:
  static Result<Mapped> open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
      return fail(errno == ENOENT ? Code::not_found : Code::io, path.string(), "an ONNX model", std::strerror(errno), "check the path");
    }
    struct stat status = {};
    ::fstat(file, &status);
    const auto size = static_cast<std::size_t>(status.st_size);
    void* data = S_ISREG(status.st_mode) && size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    ::close(file);
    if (data == MAP_FAILED)
      return fail(Code::invalid, path.string(), "an ONNX model", size == 0 ? "an empty file" : "something that is no file", "check the path");
    return Mapped(data, size);
  }
  Mapped(Mapped&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}
  Mapped& operator=(Mapped&&) = delete;
  ~Mapped() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  [[nodiscard]] protozero::data_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  Mapped(void* data, std::size_t size) : data_(data), size_(size) {}
  void* data_;
  std::size_t size_;
};

}  // namespace

Result<std::optional<std::string>> model_metadata(const std::filesystem::path& model, const std::string& key) {
  FAIR_TRY_ASSIGN(const Mapped file, Mapped::open(model));
  std::optional<std::string> found;
  bool graph = false;
  try {
    protozero::pbf_reader reader(file.bytes());
    while (reader.next()) {
      if (reader.tag() == metadata_field && reader.wire_type() == protozero::pbf_wire_type::length_delimited) {
        protozero::pbf_reader entry = reader.get_message();
        std::string name;
        std::string value;
        while (entry.next()) {
          if (entry.wire_type() != protozero::pbf_wire_type::length_delimited) {
            entry.skip();
          } else if (entry.tag() == 1) {
            name = entry.get_string();
          } else if (entry.tag() == 2) {
            value = entry.get_string();
          } else {
            entry.skip();
          }
        }
        if (name == key) found = std::move(value);
      } else {
        graph = graph || reader.tag() == graph_field;
        reader.skip();
      }
    }
  } catch (const std::exception&) {
    return fail(Code::invalid, model.string(), "a complete ONNX model", "a truncated or damaged file", "fetch or export it again");
  }
  if (!graph) return fail(Code::invalid, model.string(), "an ONNX model", "a file without a graph", "check that it is an .onnx file");
  return found;
}

Result<stac::ModelSpec> spec_of_model(const std::filesystem::path& model) {
  FAIR_TRY_ASSIGN(const std::optional<std::string> text, model_metadata(model, "fair.item"));
  if (!text) {
    return fail(Code::not_found, model.string(), "a model with its item's fields in the metadata entry fair.item", "none",
                "give the model's STAC item instead of the bare file");
  }
  FAIR_TRY_ASSIGN(const Json metadata, parse_json(*text, model.string() + " (fair.item)"));
  return stac::ModelSpec::from_metadata(metadata, model.string() + " (fair.item)");
}

}  // namespace fair::infer
