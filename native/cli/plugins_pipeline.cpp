#include <CLI/CLI.hpp>
#include <filesystem>

#include "core/base/spelling.h"
#include "core/catalog/resolve.h"
#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"
#include "native/launch/base_models.h"
#include "native/launch/pipeline_folder.h"
#include "native/plugins/folder.h"
#include "native/plugins/share.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> models;
  std::string out = ".", asset_base;
};

/// The base models that a word means: all of a plugin's folder, all of a built-in plugin's, a built-in one, or one of the catalogue.
Result<std::vector<launch::PipelineFolder>> named(const Context& context, const std::string& word) {
  std::vector<launch::PipelineFolder> out;
  if (plugins::is_plugin_folder(word)) {
    FAIR_TRY_ASSIGN(const auto folder, plugins::read_folder(word));
    for (const fs::path& path : folder.items) {
      FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
      FAIR_TRY_ASSIGN(Json document, parse_json(text, path.string()));
      FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), path.string()));
      out.push_back({std::move(item), path.parent_path(), {}, {}, {}, {}});
    }
    if (out.empty()) return fail(Code::invalid, word, "a STAC item in " + (folder.path / "model").string(), "none", "add the model's item");
    return out;
  }
  std::vector<std::string> ids = launch::built_in_models(word);
  if (ids.empty() || word.empty()) ids = {word};
  for (const std::string& id : ids) {
    auto item = launch::built_in_item(id);
    if (item) {
      out.push_back({std::move(*item), {}, "plugin:" + id, {}, {}, {}});
      continue;
    }
    auto desk = Desk::open(context);
    if (!desk) return fail(item.error());
    FAIR_TRY_ASSIGN(auto found, catalog::find_model(desk->catalog(), id));
    if (found.collection != catalog::base_models)
      return fail(Code::usage, id, "a base model", "a finetuned one", "pipelines finetune base models: name its base");
    out.push_back({std::move(found.item), {}, {}, {}, {}, {}});
  }
  return out;
}

Result<Exit> run(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(const fs::path templates, plugins::share_folder("zenml"));
  std::vector<launch::PipelineFolder> wanted;
  for (const std::string& word : options.models) {
    FAIR_TRY_ASSIGN(auto some, named(context, word));
    wanted.insert(wanted.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  Json json = Json::array();
  std::string text;
  for (launch::PipelineFolder& one : wanted) {
    one.parent = options.out;
    one.asset_base = options.asset_base.substr(0, options.asset_base.find_last_not_of('/') + 1);
    one.template_folder = templates;
    FAIR_TRY_ASSIGN(const launch::MadePipeline made, launch::make_pipeline(one));
    json.push_back({{"model", one.item.id()}, {"folder", made.folder.string()}, {"files", made.files}});
    text += one.item.id() + ": " + made.folder.string() + " with " + listed(made.files) + "\n";
  }
  context.answer(json, text);
  return done;
}

}  // namespace

void add_plugins_pipeline(CLI::App& plugins, Context& context) {
  CLI::App* verb = plugins.add_subcommand("pipeline", "Make a model's ZenML pipelines, for fAIr's Python side: their steps call this program");
  verb->footer(
      "A folder a model, with pipeline.py, stac-item.json, README.md and tests, as fAIr's model validator wants it.\nExample:\n  fair plugins "
      "pipeline "
      "unet_segmentation --out models && cd models/unet_segmentation_small && python -m pytest tests");
  auto options = std::make_shared<Options>();
  verb->add_option("model", options->models, "A built-in plugin or one of its models, a base model of the catalogue, or a plugin's folder")
      ->required()
      ->type_name("NAME|ID|DIR");
  verb->add_option("--out", options->out, "Folder to make them in")->capture_default_str()->type_name("DIR");
  verb->add_option("--asset-base", options->asset_base, "Address under which the files beside a folder's item are published")->type_name("URL");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
