#include "core/plugin/registry.h"

#include <algorithm>
#include <utility>

#include "core/plugin/core_processing.h"
#include "core/plugin/plugin_config.h"

namespace fair::plugin {

Result<> Registry::add(Manifest manifest, Opener open, std::string thing) {
  if (const auto there = entries_.find(manifest.name); there != entries_.end()) {
    return fail(Code::conflict, thing, "a plugin name that is not taken", there->second.thing + " is called " + manifest.name + " too",
                "rename it, or take the other off the plugin path");
  }
  const std::string name = manifest.name;
  entries_.emplace(name, Entry{std::move(manifest), std::move(open), std::move(thing), std::nullopt});
  return {};
}

Result<const LoadedPlugin*> Registry::opened(const Entry& entry) const {
  if (!entry.plugin && !entry.manifest.code) {
    FAIR_TRY_ASSIGN(const CoreProcessing* chosen, chosen_processing(entry.manifest.description, entry.thing));
    FAIR_TRY_ASSIGN(const LoadedPlugin* ours, plugin(chosen->plugin));
    entry.plugin = ours->described(entry.manifest.name, entry.manifest.description);
  }
  if (!entry.plugin) {
    FAIR_TRY_ASSIGN(LoadedPlugin loaded, entry.open());
    const auto faults = disagreements(entry.manifest, loaded.description());
    if (!faults.empty()) {
      return fail(Code::invalid, entry.thing, "a plugin that agrees with its manifest", faults.front(), disagreement_hint);
    }
    entry.plugin = std::move(loaded);
  }
  return &*entry.plugin;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> out;
  out.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) out.push_back(name);
  return out;
}

const Manifest* Registry::manifest(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.manifest;
}

Result<const LoadedPlugin*> Registry::plugin(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return fail(Code::not_found, "plugin " + name, "a plugin that is installed", "none of that name", "fair plugins list");
  return opened(found->second);
}

Result<const LoadedPlugin*> Registry::for_model(const stac::ModelSpec& model) const {
  const bool silent = model.input.pre_processing.empty() && model.output.post_processing.empty();
  const std::string task = stac::name(model.task);
  for (const auto& [name, entry] : entries_) {
    const auto& tasks = entry.manifest.tasks;
    const bool runs_task = std::find(tasks.begin(), tasks.end(), task) != tasks.end();
    if (silent ? runs_task : entry.manifest.implements(model.input.pre_processing, model.output.post_processing)) return opened(entry);
  }
  std::string there;
  for (const auto& [name, entry] : entries_) there += (there.empty() ? "" : ", ") + name;
  return fail(Code::not_found, model.id, "a plugin for " + (silent ? task : model.input.pre_processing + " and " + model.output.post_processing),
              "plugins " + (there.empty() ? "none" : there), "install the plugin, or name its folder in FAIR_PLUGIN_PATH");
}

Result<std::shared_ptr<ModelPlugin>> Registry::create(const stac::ModelSpec& model) const {
  FAIR_TRY_ASSIGN(const LoadedPlugin* plugin, for_model(model));
  return plugin->create(plugin_config(model));
}

}  // namespace fair::plugin
