#include "native/io/geojson_sink.h"

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "core/vector/geojson.h"
#include "native/io/atomic_file.h"

namespace fair::io {
namespace {

class GeoJsonSink final : public infer::FeatureSink {
 public:
  GeoJsonSink(std::optional<AtomicFile> file, std::string output_name) : file_(std::move(file)), output_name_(std::move(output_name)) {}

  Result<> write(std::vector<vector::Feature>&& features) override {
    for (const vector::Feature& feature : features) {
      text_ += empty_ ? "{\"type\":\"FeatureCollection\",\"features\":[\n" : ",\n";
      empty_ = false;
      vector::append_text(text_, feature, output_name_);
      if (text_.size() >= buffer_bytes) FAIR_TRY(flush());
    }
    return {};
  }

  Result<> finish() override {
    text_ += empty_ ? "{\"type\":\"FeatureCollection\",\"features\":[]}\n" : "\n]}\n";
    FAIR_TRY(flush());
    return file_ ? file_->commit() : Result<>();
  }

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{1} << 18U;

  Result<> flush() {
    if (file_) {
      FAIR_TRY(file_->write(text_));
    } else {
      for (std::size_t done = 0; done < text_.size();) {
        const ssize_t wrote = ::write(STDOUT_FILENO, text_.data() + done, text_.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return fail(Code::io, "standard output", "to be written to", std::generic_category().message(errno));
        done += static_cast<std::size_t>(wrote);
      }
    }
    text_.clear();
    return {};
  }

  std::optional<AtomicFile> file_;
  std::string output_name_, text_;
  bool empty_ = true;
};

}  // namespace

Result<std::unique_ptr<infer::FeatureSink>> open_geojson(const std::filesystem::path& path, const std::string& output_name) {
  std::optional<AtomicFile> file;
  if (path != "-") {
    FAIR_TRY_ASSIGN(file, AtomicFile::create(path));
  }
  return std::unique_ptr<infer::FeatureSink>(std::make_unique<GeoJsonSink>(std::move(file), output_name));
}

}  // namespace fair::io
