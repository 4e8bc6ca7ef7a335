#include "native/track/mlflow_files.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <utility>

#include "native/io/atomic_file.h"

namespace fair::track {
namespace fs = std::filesystem;
namespace {

enum Status { running = 1, finished = 3, failed = 4, killed = 5 };  // MLflow's RunStatus

std::string single_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "''";
    else out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out + "'";
}

std::string digits(int count) {
  static constexpr const char* hexadecimal = "0123456789abcdef";
  std::random_device random;
  std::string out;
  for (int i = 0; i < count; ++i) out += hexadecimal[random() % 16];
  return out;
}

Result<> make(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fair::fail(Code::io, folder.string(), "a folder that can be made", error.message(), "check permissions and free space");
  return {};
}

Result<> write(const fs::path& path, const std::string& text) {
  FAIR_TRY(make(path.parent_path()));
  return io::write_whole(path, text);
}

class MlflowFiles final : public Tracker {
 public:
  explicit MlflowFiles(fs::path folder) : folder_(std::move(folder)) {}

  Result<std::string> start(const RunFacts& facts) override {
    FAIR_TRY_ASSIGN(const std::string experiment, experiment_of(facts.experiment));
    std::string id = digits(32);
    const fs::path run = folder_ / experiment / id;
    for (const char* part : {"params", "metrics", "tags", "artifacts"}) FAIR_TRY(make(run / part));
    for (const auto& [key, value] : facts.params) FAIR_TRY(write(run / "params" / key, value));
    for (const auto& [key, value] : facts.tags) FAIR_TRY(write(run / "tags" / key, value));
    FAIR_TRY(write(run / "tags" / "mlflow.runName", facts.name));
    FAIR_TRY(write(run / "meta.yaml", meta(experiment, id, facts.name, now_milliseconds(), 0, running)));
    return id;
  }

  Result<> log(const std::string& run, const std::vector<Point>& points) override {
    FAIR_TRY_ASSIGN(const fs::path folder, folder_of(run));
    for (const Point& point : points) {
      const fs::path path = folder / "metrics" / point.key;
      FAIR_TRY(make(path.parent_path()));
      const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(path.c_str(), "a"), std::fclose);
      if (!out || std::fprintf(out.get(), "%lld %.17g %lld\n", static_cast<long long>(point.milliseconds), point.value,
                               static_cast<long long>(point.step)) < 0)
        return fair::fail(Code::io, path.string(), "a file that can be written", "it cannot", "check permissions and free space");
    }
    return {};
  }

  Result<> artifact(const std::string& run, const std::string& name, const fs::path& file) override {
    FAIR_TRY_ASSIGN(const fs::path folder, folder_of(run));
    const fs::path to = folder / "artifacts" / name;
    FAIR_TRY(make(to.parent_path()));
    std::error_code error;
    fs::copy_file(file, to, fs::copy_options::overwrite_existing, error);
    if (error) return fair::fail(Code::io, to.string(), "a copy of " + file.string(), error.message(), "check permissions and free space");
    return {};
  }

  Result<> end(const std::string& run, Outcome outcome) override {
    FAIR_TRY_ASSIGN(const fs::path folder, folder_of(run));
    FAIR_TRY_ASSIGN(const std::string before, io::read_whole(folder / "meta.yaml"));
    FAIR_TRY_ASSIGN(const std::string name, io::read_whole(folder / "tags" / "mlflow.runName"));
    const std::size_t at = before.find("start_time: ");
    const std::int64_t began = at == std::string::npos ? 0 : std::atoll(before.c_str() + at + 12);
    const Status status = outcome == Outcome::finished ? finished : outcome == Outcome::failed ? failed : killed;
    return write(folder / "meta.yaml", meta(folder.parent_path().filename().string(), run, name, began, now_milliseconds(), status));
  }

  [[nodiscard]] std::string name() const override { return folder_.string(); }
  [[nodiscard]] std::string address(const std::string& run) const override {
    return "mlflow ui --backend-store-uri " + folder_.string() + "   (run " + run + ")";
  }

 private:
  [[nodiscard]] std::string meta(const std::string& experiment, const std::string& run, const std::string& name, std::int64_t began,
                                 std::int64_t ended, Status status) const {
    const char* user = std::getenv("USER");
    return "artifact_uri: " + single_quoted("file://" + (folder_ / experiment / run / "artifacts").string()) + "\n" +
           "end_time: " + (ended == 0 ? "null" : std::to_string(ended)) + "\n" + "entry_point_name: ''\n" + "experiment_id: '" + experiment + "'\n" +
           "lifecycle_stage: active\n" + "run_id: " + run + "\n" + "run_name: " + single_quoted(name) + "\n" + "run_uuid: " + run + "\n" +
           "source_name: ''\n" + "source_type: 4\n" + "source_version: ''\n" + "start_time: " + std::to_string(began) + "\n" +
           "status: " + std::to_string(static_cast<int>(status)) + "\n" + "tags: []\n" + "user_id: " + single_quoted(user == nullptr ? "" : user) +
           "\n";
  }

  /// By name; its id follows from it, so that two programs that make it at once make the same.
  Result<std::string> experiment_of(const std::string& name) const {
    std::string id = std::to_string(std::hash<std::string>()(name) % 900000000000000000ULL + 100000000000000000ULL);
    std::error_code error;
    const fs::path path = folder_ / id / "meta.yaml";
    if (fs::exists(path, error)) return id;
    const std::string now = std::to_string(now_milliseconds());
    FAIR_TRY(write(path, "artifact_location: " + single_quoted("file://" + (folder_ / id).string()) + "\ncreation_time: " + now +
                             "\nexperiment_id: '" + id + "'\nlast_update_time: " + now + "\nlifecycle_stage: active\nname: " + single_quoted(name) +
                             "\n"));
    return id;
  }

  Result<fs::path> folder_of(const std::string& run) const {
    std::error_code error;
    for (const auto& experiment : fs::directory_iterator(folder_, error)) {
      if (fs::exists(experiment.path() / run / "meta.yaml", error)) return experiment.path() / run;
    }
    return fair::fail(Code::not_found, "run " + run, "a run in " + folder_.string(), "none", "was it deleted?");
  }

  fs::path folder_;
};

}  // namespace

std::int64_t now_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::unique_ptr<Tracker> mlflow_files(const fs::path& folder) { return std::make_unique<MlflowFiles>(fs::absolute(folder).lexically_normal()); }

}  // namespace fair::track
