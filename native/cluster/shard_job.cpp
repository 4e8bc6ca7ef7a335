#include "native/cluster/shard_job.h"

#include <cstdlib>
#include <utility>

namespace fair::cluster {
namespace fs = std::filesystem;

Result<> ShardJob::put(const fs::path& model, const std::string& config, std::int64_t count) const {
  FAIR_TRY(objects().put(at("model.onnx"), model));
  FAIR_TRY(objects().write(at("config.yaml"), config));
  return objects().write(at("count"), std::to_string(count));
}

Result<std::int64_t> ShardJob::count() const {
  FAIR_TRY_ASSIGN(const auto there, objects().info(at("count")));
  if (!there) return 0;
  FAIR_TRY_ASSIGN(const std::string text, objects().read(at("count")));
  return std::atoll(text.c_str());
}

Result<std::int64_t> ShardJob::done() const {
  FAIR_TRY_ASSIGN(const auto shards, objects().list(at("shards/")));
  return static_cast<std::int64_t>(shards.size());
}

Result<> ShardJob::run(std::int64_t index, const fs::path& folder,
                       const std::function<Result<>(const fs::path& model, const fs::path& config, const fs::path& out)>& predict) const {
  const std::string mine = at("shards/" + std::to_string(index));
  FAIR_TRY_ASSIGN(const auto done, objects().info(mine));
  if (done) return {};
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::io, folder.string(), "a folder to work in", error.message(), "");
  for (const char* name : {"model.onnx", "config.yaml"}) FAIR_TRY(objects().get(at(name), folder / name));
  FAIR_TRY(predict(folder / "model.onnx", folder / "config.yaml", folder / "out.shard"));
  FAIR_TRY(objects().put(mine, folder / "out.shard"));
  return {};
}

Result<std::vector<fs::path>> ShardJob::bring(std::int64_t count, const fs::path& folder) const {
  std::vector<fs::path> out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.push_back(folder / (std::to_string(i) + ".shard"));
    FAIR_TRY(objects().get(at("shards/" + std::to_string(i)), out.back()));
  }
  return out;
}

}  // namespace fair::cluster
