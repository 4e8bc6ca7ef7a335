#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "core/base/spelling.h"
#include "core/stac/rules.h"
#include "native/cli/plugin_forms.h"
#include "native/cli/plugin_report.h"
#include "native/cli/plugin_trial.h"
#include "native/cli/verbs.h"
#include "native/infer/session.h"
#include "native/io/atomic_file.h"
#include "native/launch/known_plugins.h"
#include "native/plugins/folder.h"
#include "native/schema/validator.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> paths;
  std::string schemas;
  bool offline = false, no_training = false;
};

/// The sections a person looks for before relying on a model.
std::vector<std::string> missing_sections(const fs::path& readme) {
  const auto text = io::read_whole(readme, 4U << 20U);
  if (!text) return {readme.string() + " is missing: describe the plugin for those who will rely on it (fair plugins new shows how)"};
  std::vector<std::string> out;
  for (const char* section : {"Models", "Dataset", "Training", "Inference", "Metrics", "Limits", "Licence"}) {
    if (("\n" + *text).find("\n## " + std::string(section)) == std::string::npos) {
      out.push_back(readme.string() + " has no section \"## " + section + "\": add it");
    }
  }
  return out;
}

/// An item as it would be published: files beside it get addresses.
stac::Item published(stac::Item item) {
  for (Json& asset : item.json()["assets"]) {
    if (const auto href = asset.find("href");
        href != asset.end() && href->is_string() && href->get<std::string>().find("://") == std::string::npos && *href != "local") {
      *href = "https://example.org/" + href->get<std::string>();
    }
  }
  return item;
}

std::vector<std::string> item_faults(const plugins::Folder& folder, const stac::Item& item, schema::Validator& validator, std::string& unchecked) {
  std::vector<std::string> out;
  const auto take = [&](const stac::Findings& findings) {
    for (const stac::Finding& f : findings) {
      const bool missing = f.severity == stac::Severity::warning && f.rule.rfind("schema:", 0) == 0;
      if (missing) unchecked = "; not against schemas that could not be had (--schemas DIR names a folder of them)";
      if (f.severity == stac::Severity::error) out.push_back(item.id() + "#" + f.pointer + " (" + f.rule + "): found " + f.found + "; " + f.hint);
    }
  };
  const stac::Item whole = published(item);
  take(validator.validate(whole.json()));
  stac::RuleOptions rules;
  rules.published = true;
  take(stac::validate(whole, stac::Kind::base_model, rules));
  const auto spec = stac::ModelSpec::from_item(item);
  if (!spec) return out;  // the rules have said so
  if (!folder.manifest.implements(spec->input.pre_processing, spec->output.post_processing)) {
    out.push_back(item.id() + " names the processing " + spec->input.pre_processing + " and " + spec->output.post_processing + ", which " +
                  folder.description.filename().string() + " does not list: nobody would run it with this plugin; write the same in both");
  }
  const Json training = folder.text.value("training", Json::object());
  const Json losses = training.value("losses", Json::array());
  const Json chosen = spec->hyperparameters.is_object() ? spec->hyperparameters.value("training.loss", Json()) : Json();
  if (chosen.is_string() && !losses.empty() && std::find(losses.begin(), losses.end(), chosen) == losses.end()) {
    out.push_back(item.id() + "'s training.loss is " + chosen.dump() + ", training.losses of the description are " + losses.dump() +
                  ": choose one of them, or list it");
  }
  return out;
}

/// The item's graph beside it must be the one it describes.
std::vector<std::string> graph_faults(const fs::path& path, const stac::Item& item, std::string& detail) {
  const auto spec = stac::ModelSpec::from_item(item);
  if (!spec) return {};
  const fs::path file = path.parent_path() / fs::path(spec->model_href).filename();
  infer::SessionOptions options;
  options.device = "cpu";
  const auto session = infer::Session::open(file, options);
  if (!session) return {session.error().message()};
  const auto fitted = (*session)->fit(*spec);
  if (!fitted) return {fitted.error().message()};
  detail = file.string() + ", " + sized(file);
  return {};
}

void check_item(const plugins::Folder& folder, const fs::path& path, schema::Validator& validator, PluginReport& report) {
  const std::string what = "the item " + path.string();
  const auto text = io::read_whole(path, JsonLimits{}.max_bytes + 1);
  const auto document = text ? parse_json(*text, path.string()) : Result<Json>(fail(text.error()));
  if (!document) return report.faults(what, {document.error().message()});
  const auto item = stac::Item::from_json(*document, path.string());
  if (!item) return report.faults(what, {item.error().message()});
  std::string unchecked, detail;
  report.either(what, item_faults(folder, *item, validator, unchecked), "as it would be published it keeps fAIr's rules" + unchecked);
  const auto faults = graph_faults(path, *item, detail);
  report.either("its graph", faults, detail);
}

void check_trial(const plugins::Folder& folder, const plugins::Found* form, PluginReport& report, const Context& context) {
  const std::string what = "some steps of training, then a prediction";
  if (folder.items.empty()) return report.skipped(what, "there is no item");
  if (folder.manifest.code && form == nullptr) return report.skipped(what, "the shared form is not built");
  std::string heard;
  const fs::path beside = form != nullptr ? form->manifest_path.parent_path() : folder.path;
  const auto trial = try_plugin(folder.items.front(), beside, [&](const std::string& text) { heard += text; });
  if (!trial) {
    context.say(heard);
    return report.faults(what, {trial.error().message()});
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", trial->seconds);
  report.good(what, std::string(seconds) + ", " + std::to_string(trial->features) + " features");
}

PluginReport check_folder(const std::string& path, const Options& options, const Context& context) {
  PluginReport report;
  const auto folder = plugins::read_folder(path);
  if (!folder) {
    report.faults("the description", {folder.error().message()});
    return report;
  }
  const plugin::Manifest& manifest = folder->manifest;
  const auto contract = plugin::check_contract(manifest.abi_major, manifest.abi_minor, folder->description.string());
  report.either("the description " + folder->description.string(), contract ? std::vector<std::string>{} : std::vector{contract.error().message()},
                manifest.name + " " + manifest.version + ", " + listed(manifest.tasks) + (manifest.code ? "" : ", without code"));
  report.either("the README", missing_sections(folder->path / "README.md"), "every section is there");
  schema::Options where;
  where.schemas = options.schemas;
  where.cache = schema::default_cache();
  where.download = !options.offline;
  schema::Validator validator(where);
  if (folder->items.empty()) report.faults("the item", {"there is none in " + (folder->path / "model").string() + ": add the model's STAC item"});
  for (const fs::path& item : folder->items) check_item(*folder, item, validator, report);
  const plugins::Found* shared = nullptr;
  if (manifest.code) {
    bool wasm = false;
    for (const plugins::Found& form : folder->forms) {
      wasm = wasm || is_wasm(form);
      if (!is_wasm(form)) shared = &form;
    }
    if (shared == nullptr) report.faults("the shared form", {"it is not built: cmake -B build && cmake --build build"});
    check_forms(folder->forms, &*folder, models_of(*folder), report);
    if (!wasm) report.skipped("the browsers' form", "it is not built: emcmake cmake -B build-wasm && cmake --build build-wasm");
  }
  if (options.no_training) report.skipped("some steps of training, then a prediction", "--no-training");
  else check_trial(*folder, shared, report, context);
  return report;
}

PluginReport check_binary(const std::string& path) {
  PluginReport report;
  const auto found = plugins::find_at(path);
  if (!found) report.faults("the manifest", {found.error().message()});
  else check_forms({*found}, nullptr, {}, report);
  return report;
}

Result<Exit> run(Context& context, const Options& options) {
  Json json = Json::array();
  std::string text;
  bool clean = true;
  for (const std::string& path : options.paths) {
    const PluginReport report = plugins::is_plugin_folder(path) ? check_folder(path, options, context) : check_binary(path);
    clean = clean && report.clean();
    json.push_back({{"path", path}, {"sound", report.clean()}, {"checks", report.lines()}});
    text += path + (report.clean() ? ": sound\n" : ": at fault\n") + report.text();
  }
  context.answer(json, text);
  return clean ? done : findings;
}

}  // namespace

void add_plugins_check(CLI::App& plugins, Context& context) {
  CLI::App* verb =
      plugins.add_subcommand("check", "Everything that a plugin's users rely on, line by line; exit status 3 where something is at fault");
  verb->footer(
      "Of a plugin's folder: description, README, item, graph, every form that is built, some steps of training and a prediction. Of a manifest or "
      "a\n"
      "binary: whether it keeps the contract. Its code runs in this program: check only what you trust.\nExample:\n  fair plugins check . && fair "
      "plugins check build/fair-plugins/my_model");
  auto options = std::make_shared<Options>();
  verb->add_option("path", options->paths, "A plugin's folder, a manifest, a shared object, or a folder with both")->required()->type_name("PATH");
  verb->add_option("--schemas", options->schemas, "Folder of schemas, laid out as HOST/PATH")->check(CLI::ExistingDirectory)->type_name("DIR");
  verb->add_flag("--offline", options->offline, "Do not download schemas");
  verb->add_flag("--no-training", options->no_training, "Leave out training and prediction");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
