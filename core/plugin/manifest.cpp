#include "core/plugin/manifest.h"

#include <algorithm>

#include "core/base/field.h"
#include "core/plugin/abi.h"
#include "core/plugin/core_processing.h"

namespace fair::plugin {
namespace {

std::vector<std::string> words(const Json& json, const char* key) {
  std::vector<std::string> out;
  if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return out;
  for (const Json& entry : json[key]) {
    if (entry.is_string()) out.push_back(entry.get<std::string>());
  }
  return out;
}

bool has(const std::vector<std::string>& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

std::string list(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
  return out.empty() ? "none" : out;
}

}  // namespace

Result<Manifest> Manifest::from_json(const Json& json, const std::string& thing) {
  if (!json.is_object()) return fail(Code::invalid, thing, "a manifest, a JSON object", json.type_name(), "see the plugin template's manifest");
  Manifest manifest;
  manifest.name = text_of(json, "name");
  manifest.version = text_of(json, "version");
  manifest.licence = text_of(json, "licence");
  manifest.platform = text_of(json, "platform");
  manifest.sha256 = text_of(json, "sha256");
  const bool named = !manifest.name.empty() && std::all_of(manifest.name.begin(), manifest.name.end(),
                                                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (!named) {
    return fail(Code::invalid, thing + "#/name", "small letters, digits and _ (the exported symbol is made of it)",
                manifest.name.empty() ? "nothing" : manifest.name, "name the plugin");
  }
  if (manifest.version.empty()) return fail(Code::invalid, thing + "#/version", "a version", "nothing", "give the plugin a version");
  const std::string abi = text_of(json, "abi");
  const std::size_t dot = abi.find('.');
  const auto digits = [](const std::string& s) {
    return !s.empty() && s.size() < 6 && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (dot == std::string::npos || !digits(abi.substr(0, dot)) || !digits(abi.substr(dot + 1))) {
    return fail(Code::invalid, thing + "#/abi", "major.minor, as in 1.0", abi.empty() ? "nothing" : abi,
                "write the contract version it was built for");
  }
  manifest.abi_major = std::stoi(abi.substr(0, dot));
  manifest.abi_minor = std::stoi(abi.substr(dot + 1));
  manifest.tasks = words(json, "tasks");
  if (manifest.tasks.empty()) return fail(Code::invalid, thing + "#/tasks", "at least one task", "none", "list the tasks as mlm:tasks spells them");
  const Json& processing = json.contains("processing") ? json["processing"] : json;
  manifest.pre_processing = words(processing, "pre");
  manifest.post_processing = words(processing, "post");
  if (const auto code = json.find("code"); code != json.end()) {
    if (*code != "none")
      return fail(Code::invalid, thing + "#/code", "\"none\", or no such member", code->dump(), "leave it out of plugins with code");
    FAIR_TRY_ASSIGN(const CoreProcessing* chosen, chosen_processing(json, thing));
    if (manifest.pre_processing.empty() || manifest.post_processing.empty()) {
      return fail(Code::invalid, thing + "#/processing", "pre and post, the processing expressions that its items name", "none",
                  "write them as in models." + manifest.name + ".pipeline:preprocess");
    }
    manifest.code = false;
    manifest.description = json;
    manifest.description["result_kind"] = chosen->postprocess;
  }
  return manifest;
}

Result<> Manifest::fits(const std::string& host, const std::string& thing) const {
  if (code && platform != host) {
    return fail(Code::unsupported, thing, "a plugin built for " + host,
                platform.empty() ? "no platform in its manifest" : "one built for " + platform, "get or build the one for this platform");
  }
  return check_contract(abi_major, abi_minor, thing);
}

bool Manifest::implements(const std::string& pre, const std::string& post) const { return has(pre_processing, pre) && has(post_processing, post); }

Result<> check_contract(int major, int minor, const std::string& thing) {
  if (major == FAIR_ABI_MAJOR && minor <= FAIR_ABI_MINOR) return {};
  const auto version = [](int a, int b) { return std::to_string(a) + "." + std::to_string(b); };
  return fail(Code::unsupported, thing, "plugin contract " + version(FAIR_ABI_MAJOR, FAIR_ABI_MINOR) + " or an older minor of it",
              "contract " + version(major, minor),
              major < FAIR_ABI_MAJOR ? "build the plugin anew against this version's SDK" : "use a newer version of fair");
}

std::vector<std::string> disagreements(const Manifest& manifest, const Json& description) {
  std::vector<std::string> out;
  const auto differ = [&](const std::string& what, const std::string& manifests, const std::string& plugins) {
    if (manifests != plugins) out.push_back("its manifest says " + what + " " + manifests + ", the plugin itself says " + plugins);
  };
  differ("name", manifest.name, text_of(description, "name"));
  differ("version", manifest.version, text_of(description, "version"));
  differ("tasks", list(manifest.tasks), list(words(description, "tasks")));
  const Json processing = description.is_object() && description.contains("processing") ? description["processing"] : Json::object();
  differ("pre-processing", list(manifest.pre_processing), list(words(processing, "pre")));
  differ("post-processing", list(manifest.post_processing), list(words(processing, "post")));
  return out;
}

}  // namespace fair::plugin
