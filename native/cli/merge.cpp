#include <CLI/CLI.hpp>

#include "core/stac/model_spec.h"
#include "native/cli/verbs.h"
#include "native/infer/shard_file.h"
#include "native/io/feature_file.h"

namespace fair::cli {
namespace {

Result<Exit> run(Context& context, const std::vector<std::string>& files, const std::string& out) {
  const std::vector<std::filesystem::path> paths(files.begin(), files.end());
  const auto open = [&](const infer::ShardHeader& header) -> Result<std::unique_ptr<infer::FeatureSink>> {
    FAIR_TRY_ASSIGN(const stac::ModelSpec model, stac::ModelSpec::from_metadata(header.model, "the shards' model"));
    return io::open_feature_file(out, model.output.name, model.id);
  };
  FAIR_TRY_ASSIGN(const std::int64_t features, infer::merge_shards(paths, open));
  if (out == "-") {
    context.say(std::to_string(features) + " features");
    return done;
  }
  context.answer({{"file", out}, {"features", features}, {"shards", files.size()}},
                 out + ": " + std::to_string(features) + " features from " + std::to_string(files.size()) + " shards");
  return done;
}

}  // namespace

void add_merge(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("merge", "The shards of a prediction, put together as map features");
  verb->footer(
      "What lies across shards becomes one feature: the result is that of predicting all at once. Neither the model nor the imagery is needed.\n"
      "Example:\n  for i in 0 1 2; do fair predict --model town-buildings --images drone.tif --shard $i/3 --out $i.shard; done\n"
      "  fair merge 0.shard 1.shard 2.shard --out buildings.geojson");
  auto files = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  verb->add_option("shards", *files, "All of them, in any order")->required()->type_name("FILE")->check(CLI::ExistingFile);
  verb->add_option("--out", *out, "File to write: .geojson, .fgb or .gpkg; - is GeoJSON on standard output")->required()->type_name("FILE");
  context.on(verb, [files, out](Context& c) { return run(c, *files, *out); });
}

}  // namespace fair::cli
