#include <CLI/CLI.hpp>
#include <optional>

#include "core/catalog/resolve.h"
#include "core/stac/model_card.h"
#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"

namespace fair::cli {
namespace {

std::string facts(const stac::Item& item) {
  std::string out = item.id() + (item.deprecated() ? " (deprecated)" : "") + "\n";
  for (const auto& [key, value] : item.properties().items()) {
    std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    if (shown.size() > 160) shown = shown.substr(0, 157) + "...";
    out += "  " + key + ": " + shown + "\n";
  }
  std::vector<std::vector<std::string>> rows;
  if (const auto assets = item.json().find("assets"); assets != item.json().end() && assets->is_object()) {
    for (const auto& [key, asset] : assets->items()) rows.push_back({"  " + key, item.asset_href(key)});
  }
  if (!rows.empty()) out += table({"  ASSET", "HREF"}, rows);
  rows.clear();
  for (const stac::Link& link : item.links()) rows.push_back({"  " + link.rel, link.href});
  if (!rows.empty()) out += table({"  LINK", "HREF"}, rows);
  return out;
}

/// The item a derived_from link of the model leads to, if this catalogue has it.
std::optional<stac::Item> parent(Desk& desk, const stac::Item& model, const char* key, const char* collection) {
  const std::string id = model.text(key);
  if (id.empty()) return std::nullopt;
  auto item = desk.catalog().item(collection, id);
  return item ? std::optional<stac::Item>(std::move(*item)) : std::nullopt;
}

std::string card_of(Desk& desk, const stac::Item& model) {
  const auto base = parent(desk, model, "fair:base_model_id", catalog::base_models);
  const auto dataset = parent(desk, model, "fair:dataset_id", catalog::datasets);
  return stac::model_card(model, {base ? &*base : nullptr, dataset ? &*dataset : nullptr});
}

Result<Exit> run(Context& context, const std::string& name, bool card) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  auto model = catalog::find_model(desk.catalog(), name);
  if (!model && model.error().code == Code::not_found) {
    const auto dataset = catalog::find_dataset(desk.catalog(), name);
    if (dataset && card) return fail(Code::usage, "--card", "a model", "dataset " + dataset->id(), "show it without --card");
    if (dataset) {
      context.answer(dataset->json(), facts(*dataset));
      return done;
    }
    const std::string hint = dataset.error().hint.rfind("did you", 0) == 0 ? dataset.error().hint : model.error().hint;
    return fail(Code::not_found, name, "a model or a dataset of this catalogue", "none of that name", hint);
  }
  if (!model) return fail(std::move(model).error());
  if (card) {
    const std::string text = card_of(desk, model->item);
    context.answer({{"id", model->item.id()}, {"card", text}}, text);
    return done;
  }
  context.answer(model->item.json(), facts(model->item));
  return done;
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("show", "One item of the catalogue; with --json the item itself");
  verb->footer("Examples:\n  fair show unet-segmentation-small\n  fair show town-buildings --card > CARD.md");
  auto name = std::make_shared<std::string>();
  verb->add_option("name", *name, "A model's or dataset's id, a model's name (its active version), name-vN, a UUID, or a dataset's title")
      ->required()
      ->type_name("NAME");
  auto card = std::make_shared<bool>(false);
  verb->add_flag("--card", *card, "The model's card in Markdown: data, metrics, intended use, limits, licences");
  context.on(verb, [name, card](Context& c) { return run(c, *name, *card); });
}

}  // namespace fair::cli
