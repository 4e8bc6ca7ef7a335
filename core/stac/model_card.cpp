#include "core/stac/model_card.h"

#include <cstdio>

#include "core/stac/licence.h"
#include "core/stac/model_spec.h"

namespace fair::stac {
namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string words(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return short_number(value.get<double>());
  if (!value.is_object() && !value.is_array()) return value.dump();
  std::string out;
  for (const auto& [key, entry] : value.items()) {
    out += (out.empty() ? "" : ", ") + (value.is_object() ? key + " " : std::string()) + words(entry);
  }
  return out;
}

std::string text_or(const Item& item, const char* key, const char* otherwise) {
  const Json& value = item.property(key);
  return value.is_null() ? otherwise : words(value);
}

class Card {
 public:
  void heading(const std::string& title) { text_ += "\n## " + title + "\n\n"; }
  void line(const std::string& line) { text_ += line + "\n"; }
  void fact(const std::string& name, const std::string& value) { text_ += "- **" + name + "**: " + value + "\n"; }
  [[nodiscard]] std::string text(const std::string& title) && { return "# " + title + "\n" + text_; }

 private:
  std::string text_;
};

void say_what(Card& card, const Item& model, const Result<ModelSpec>& spec) {
  card.line("");
  card.line(text_or(model, "description", "No description."));
  card.heading("What it does");
  card.fact("task", text_or(model, "mlm:tasks", "not said"));
  card.fact("architecture", text_or(model, "mlm:architecture", "not said"));
  card.fact("version", model.version() + (model.deprecated() ? ", deprecated: a newer one is in the catalogue" : ""));
  if (!spec) return;
  std::string classes;
  for (const Class& c : spec->output.classes) classes += (classes.empty() ? "" : ", ") + c.name;
  card.fact("classes", classes);
  const double gsd = spec->gsd.value_or(0);
  card.fact("input", std::to_string(spec->input.channels) + " bands of " + std::to_string(spec->input.height) + " × " +
                         std::to_string(spec->input.width) + " pixels" + (gsd > 0 ? " at " + short_number(gsd) + " m a pixel" : ""));
}

void say_data(Card& card, const Item& model, const Parents& parents) {
  card.heading("Data");
  if (parents.dataset == nullptr) {
    card.line(model.property("fair:dataset_id").is_null() ? "Not finetuned here; what its weights learnt from is for its provider to say."
                                                          : "Learnt from " + model.text("fair:dataset_id") + ", which is not in this catalogue.");
    return;
  }
  const Item& data = *parents.dataset;
  card.fact("dataset", data.id() + " (" + text_or(data, "title", "untitled") + ")");
  card.fact("about it", text_or(data, "description", "not said"));
  card.fact("labels", text_or(data, "label:description", "not said"));
  card.fact("chips", text_or(data, "fair:chip_count", "not said"));
  if (const auto box = data.json().find("bbox"); box != data.json().end()) card.fact("where", words(*box) + " (west, south, east, north)");
  card.fact("split", text_or(model, "fair:split", "not said"));
}

void say_metrics(Card& card, const Item& model) {
  card.heading("Metrics");
  std::size_t said = 0;
  const Json& wanted = model.property("fair:metrics_spec");
  if (wanted.is_array()) {
    for (const Json& entry : wanted) {
      const std::string key = entry.value("key", "");
      const Json& value = model.property(key);
      if (value.is_null()) continue;
      card.fact(entry.value("name", key), words(value) + (entry.contains("description") ? " — " + words(entry["description"]) : ""));
      ++said;
    }
  }
  for (const auto& [key, value] : model.properties().items()) {
    const bool instance = key.rfind("fair:instance_", 0) == 0 || key.rfind("fair:polygon_", 0) == 0;
    if (instance && value.is_number()) card.fact(key.substr(5), words(value)), ++said;
  }
  card.line(said == 0 ? "None are recorded." : "\nMeasured on the validation chips named above, which it did not learn from.");
}

void say_use(Card& card, const Item& model, const Result<ModelSpec>& spec, const Parents& parents) {
  card.heading("Intended use");
  card.line("Drafts of map features for a person to check before they are added to a map.");
  card.heading("Limits");
  if (parents.dataset != nullptr) card.line("- It knows one place and its imagery; elsewhere, measure it on labelled chips first (`fair evaluate`).");
  const double gsd = spec ? spec->gsd.value_or(0) : 0;
  card.line(gsd > 0 ? "- Imagery much coarser or finer than " + short_number(gsd) + " m a pixel is resampled, and results suffer."
                    : "- The ground resolution it learnt at is not recorded.");
  if (model.property("mlm:pretrained") == Json(false)) card.line("- Its weights are random: it has to be finetuned before it is of use.");
  card.line("- Features are drawn from imagery: they are as old and as well placed as it is.");
}

void say_licences(Card& card, const Item& model, const Parents& parents) {
  card.heading("Licences");
  const auto say = [&card](const char* of, const Item& item) {
    const std::string licence = text_or(item, "license", "not said");
    card.fact(of, licence + " (" + licence_note(licence) + ")");
  };
  say("this model", model);
  if (parents.base != nullptr) say("the weights it began with", *parents.base);
  if (parents.dataset != nullptr) say("the labels it learnt", *parents.dataset);
  if (const Json& providers = model.property("providers"); providers.is_array()) {
    std::string names;
    for (const Json& provider : providers) names += (names.empty() ? "" : ", ") + provider.value("name", "");
    card.fact("providers", names);
  }
}

}  // namespace

std::string model_card(const Item& model, const Parents& parents) {
  const Result<ModelSpec> spec = ModelSpec::from_item(model);
  Card card;
  say_what(card, model, spec);
  say_data(card, model, parents);
  say_metrics(card, model);
  say_use(card, model, spec, parents);
  say_licences(card, model, parents);
  return std::move(card).text(text_or(model, "title", model.id().c_str()));
}

}  // namespace fair::stac
