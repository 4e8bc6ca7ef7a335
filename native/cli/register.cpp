#include <CLI/CLI.hpp>
#include <filesystem>

#include "core/catalog/lifecycle.h"
#include "core/stac/assets.h"
#include "core/stac/rules.h"
#include "native/cli/address.h"
#include "native/cli/desk.h"
#include "native/cli/findings.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"
#include "native/launch/base_models.h"
#include "native/launch/datasets.h"
#include "native/launch/model_files.h"
#include "native/launch/retried.h"
#include "native/runs/clock.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Registered {
  stac::Item item;
  const char* collection;
};

Result<Registered> from_file(Context& context, Desk& desk, const std::string& what, stac::Findings& findings) {
  FAIR_TRY_ASSIGN(const fs::path path, on_this_machine(context, what));
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
  FAIR_TRY_ASSIGN(Json document, parse_json(text, path.string()));
  FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), path.string()));
  const fs::path beside = fs::absolute(path).parent_path();
  if (is_address(what)) FAIR_TRY(stac::make_absolute(item, what));
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
  FAIR_TRY_ASSIGN(const launch::ModelFiles files, launch::plan_model_files(desk.workspace(), std::move(item), beside));
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

Result<std::vector<Registered>> from_plugin(Desk& desk, const std::string& name) {
  std::vector<std::string> ids = launch::built_in_models(name);
  if (ids.empty()) ids = {name};
  std::vector<Registered> out;
  for (const std::string& id : ids) {
    FAIR_TRY_ASSIGN(stac::Item item, launch::place_base_model(desk.workspace(), id));
    FAIR_TRY_ASSIGN(item, launch::retried([&] { return catalog::register_base_model(desk.catalog(), item, runs::utc_now()); }));
    out.push_back({std::move(item), catalog::base_models});
  }
  return out;
}

Result<Exit> run(Context& context, const std::string& what) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  std::vector<Registered> registered;
  stac::Findings found;
  if (what.rfind("plugin:", 0) == 0) {
    FAIR_TRY_ASSIGN(registered, from_plugin(desk, what.substr(7)));
  } else {
    FAIR_TRY_ASSIGN(Registered one, from_file(context, desk, what, found));
    if (!stac::acceptable(found)) {
      context.answer({{"registered", Json::array()}, {"findings", json_of(found)}}, what + ": invalid, nothing was registered\n" + text_of(found));
      return findings;
    }
    registered.push_back(std::move(one));
  }
  Json json = Json::array();
  std::string text = text_of(found);
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
  auto what = std::make_shared<std::string>();
  verb->add_option("item", *what, "An item's file, or plugin:NAME for a built-in plugin's (or one of its models')")
      ->required()
      ->type_name("PATH|plugin:NAME");
  context.on(verb, [what](Context& c) { return run(c, *what); });
}

}  // namespace fair::cli
