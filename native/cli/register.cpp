#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "core/catalog/lifecycle.h"
#include "core/stac/assets.h"
#include "core/stac/rules.h"
#include "native/cli/address.h"
#include "native/cli/desk.h"
#include "native/cli/findings.h"
#include "native/cli/verbs.h"
#include "native/image/builder.h"
#include "native/io/atomic_file.h"
#include "native/launch/base_models.h"
#include "native/launch/datasets.h"
#include "native/launch/environment.h"
#include "native/launch/model_files.h"
#include "native/launch/retried.h"
#include "native/launch/runtime_image.h"
#include "native/launch/service.h"
#include "native/runs/clock.h"
#include "native/runs/config_file.h"
#include "native/store/address.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string what, serving, manifest, kind = "knative", training_image, inference_image;
};

struct Registered {
  stac::Item item;
  const char* collection;
};

/// YAML of a service's objects, one document each.
Result<std::string> manifest_of(const stac::Item& item, const std::string& kind) {
  const char* given = std::getenv("FAIR_KNATIVE_NAMESPACE");
  FAIR_TRY_ASSIGN(const auto objects,
                  launch::service_manifest(item, kind == "knative" ? launch::ServiceKind::knative : launch::ServiceKind::deployment,
                                           given != nullptr && *given != '\0' ? given : "predict", launch::environment()));
  std::string out;
  for (const Json& object : objects) out += (out.empty() ? "" : "---\n") + runs::to_yaml(object);
  return out;
}

/// Pushes the images that were asked for, and names them and the service's address in the item.
Result<> add_service(Desk& desk, stac::Item& item, const Options& options) {
  for (const auto& [tag, part] :
       {std::pair{options.training_image, stac::Part::training_runtime}, std::pair{options.inference_image, stac::Part::inference_runtime}}) {
    if (tag.empty()) continue;
    std::string image = tag;
    if (tag.find('@') == std::string::npos) {  // one that is named by its digest is where it should be
      FAIR_TRY_ASSIGN(const image::Registry registry, desk.registry());
      FAIR_TRY_ASSIGN(const auto builder, image::Builder::find());
      FAIR_TRY_ASSIGN(const std::string name, launch::service_name(item));
      FAIR_TRY_ASSIGN(
          image, builder.push(tag, registry.reference(name + (part == stac::Part::training_runtime ? ":latest" : ":latest-inference")), registry));
    }
    launch::set_runtime(item, part, image);
  }
  if (!options.serving.empty()) FAIR_TRY(launch::set_endpoint(item, options.serving));
  if (!options.manifest.empty()) FAIR_TRY(manifest_of(item, options.kind));  // what cannot be written is told before anything is
  return {};
}

Result<Registered> from_file(Context& context, Desk& desk, const Options& options, stac::Findings& findings) {
  const std::string& what = options.what;
  FAIR_TRY_ASSIGN(const fs::path path, on_this_machine(context, what));
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
  FAIR_TRY_ASSIGN(Json document, parse_json(text, path.string()));
  FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), path.string()));
  const fs::path beside = fs::absolute(path).parent_path();
  if (store::is_address(what)) FAIR_TRY(stac::make_absolute(item, what));
  const stac::Kind kind = stac::kind_of(item);
  if (kind != stac::Kind::base_model && kind != stac::Kind::dataset) {
    return fail(Code::invalid, path.string(), "a base model's or a dataset's item", stac::name(kind), "finetuned models come in by fair promote");
  }
  // Hrefs are checked as they will be published; everything else as it stands.
  findings = stac::validate(item, kind);
  for (auto at = findings.begin(); at != findings.end();) at = at->pointer.find("/href") != std::string::npos ? findings.erase(at) : at + 1;
  if (!stac::acceptable(findings)) return Registered{};
  stac::RuleOptions published;
  published.published = true;
  if (kind == stac::Kind::dataset) {
    FAIR_TRY_ASSIGN(item, launch::place_dataset(desk.workspace(), std::move(item), beside));
    findings = stac::validate(item, kind, published);
    if (!stac::acceptable(findings)) return Registered{};
    FAIR_TRY_ASSIGN(item, launch::retried([&] { return catalog::register_dataset(desk.catalog(), item, runs::utc_now()); }));
    return Registered{std::move(item), catalog::datasets};
  }
  const stac::Item given = item;
  FAIR_TRY_ASSIGN(launch::ModelFiles files, launch::plan_model_files(desk.workspace(), std::move(item), beside));
  FAIR_TRY(add_service(desk, files.item, options));
  if (desk.workspace().remote() != nullptr) {  // others will follow its hrefs
    for (const stac::Part part : {stac::Part::onnx, stac::Part::checkpoint}) {
      const std::string href = stac::href_of(files.item, part);
      if (href == stac::href_of(given, part) && store::is_address(href)) FAIR_TRY(reachable(href));
    }
  }
  findings = stac::validate(files.item, kind, published);
  if (!stac::acceptable(findings)) return Registered{};
  FAIR_TRY(launch::copy_model_files(files));
  if (!files.folder.empty()) {
    if (auto stored = desk.workspace().publish(files.folder); !stored) {
      launch::remove_model_files(files);
      return fail(stored.error());
    }
  }
  auto registered = launch::retried([&] { return catalog::register_base_model(desk.catalog(), files.item, runs::utc_now()); });
  if (!registered) {
    launch::remove_model_files(files);
    return fail(registered.error());
  }
  return Registered{std::move(*registered), catalog::base_models};
}

Result<std::vector<Registered>> from_plugin(Desk& desk, const std::string& name, const Options& options) {
  std::vector<std::string> ids = launch::built_in_models(name);
  if (ids.empty()) ids = {name};
  if (!options.manifest.empty() && ids.size() != 1)
    return fail(Code::usage, "--manifest", "one model", std::to_string(ids.size()) + " of the plugin " + name, "register them one by one");
  std::vector<Registered> out;
  for (const std::string& id : ids) {
    FAIR_TRY_ASSIGN(stac::Item item, launch::place_base_model(desk.workspace(), id));
    FAIR_TRY(add_service(desk, item, options));
    FAIR_TRY_ASSIGN(item, launch::retried([&] { return catalog::register_base_model(desk.catalog(), item, runs::utc_now()); }));
    out.push_back({std::move(item), catalog::base_models});
  }
  return out;
}

Result<Exit> run(Context& context, const Options& options) {
  const std::string& what = options.what;
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  std::vector<Registered> registered;
  stac::Findings found;
  if (what.rfind("plugin:", 0) == 0) {
    FAIR_TRY_ASSIGN(registered, from_plugin(desk, what.substr(7), options));
  } else {
    FAIR_TRY_ASSIGN(Registered one, from_file(context, desk, options, found));
    if (!stac::acceptable(found)) {
      context.answer({{"registered", Json::array()}, {"findings", json_of(found)}}, what + ": invalid, nothing was registered\n" + text_of(found));
      return findings;
    }
    registered.push_back(std::move(one));
  }
  Json json = Json::array();
  std::string text = text_of(found);
  if (!options.manifest.empty()) {
    FAIR_TRY_ASSIGN(const std::string manifest, manifest_of(registered.front().item, options.kind));
    FAIR_TRY(io::write_whole(options.manifest, manifest));
  }
  for (const Registered& r : registered) {
    json.push_back({{"id", r.item.id()}, {"collection", r.collection}, {"version", r.item.version()}});
    text += r.item.id() + " is in " + r.collection + ", version " + r.item.version() + "\n";
  }
  context.answer({{"registered", json}, {"findings", json_of(found)}}, text);
  return done;
}

}  // namespace

void add_register(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("register", "Put a base model or a dataset into the catalogue");
  verb->footer(
      "One of the same name that is there is kept as an older version.\nExample:\n  fair register town/town.json\n  fair register "
      "plugin:unet_segmentation");
  auto options = std::make_shared<Options>();
  verb->add_option("item", options->what, "An item's file or address, or plugin:NAME for a built-in plugin's (or one of its models')")
      ->required()
      ->type_name("PATH|plugin:NAME");
  verb->add_option("--inference-image", options->inference_image,
                   "Its inference runtime: an image on this machine, which is pushed to the stack's registry, or NAME@sha256:…")
      ->type_name("REF");
  verb->add_option("--training-image", options->training_image, "Its training runtime, likewise")->type_name("REF");
  verb->add_option("--serving", options->serving,
                   "Address of the gateway before the services: the item gets <URL>/<its name>/predict as its endpoint")
      ->type_name("URL");
  verb->add_option("--manifest", options->manifest, "Write the manifest of its service")->type_name("F.yaml");
  verb->add_option("--manifest-kind", options->kind, "What runs the service")->capture_default_str()->check(CLI::IsMember({"knative", "deployment"}));
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
