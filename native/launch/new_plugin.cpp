#include "native/launch/new_plugin.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/plugin/abi.h"
#include "core/plugin/core_processing.h"
#include "native/infer/session.h"
#include "native/io/atomic_file.h"
#include "native/io/atomic_folder.h"
#include "native/launch/graph_engine.h"
#include "native/launch/imported_model.h"
#include "native/launch/starter_graph.h"
#include "native/onnx/read.h"
#include "native/onnx/state_dict.h"
#include "native/onnx/write.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

/// What the name becomes where names are spelled otherwise.
struct Names {
  std::string symbol, id, type;  ///< my_roads, my-roads, MyRoads
  std::string labels;            ///< options with which fair dataset make gives labels that fit
};

Names names_of(const std::string& name) {
  Names out{name, name, "", ""};
  std::replace(out.id.begin(), out.id.end(), '_', '-');
  bool first = true;
  for (const char c : name) {
    if (c == '_') {
      first = true;
      continue;
    }
    out.type += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    first = false;
  }
  return out;
}

std::string replaced(std::string text, const Names& names) {
  const std::array<std::pair<std::string, std::string>, 4> words{
      {{"template_plugin", names.symbol}, {"template-plugin", names.id}, {"TemplatePlugin", names.type}, {"LABEL-OPTIONS", names.labels}}};
  for (const auto& [from, to] : words) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  }
  return text;
}

std::string label_options(const NewPlugin& wanted, const std::vector<std::string>& classes) {
  std::string out = "--class " + wanted.feature + " --geometry " + wanted.geometry;
  if (wanted.task != stac::Task::semantic_segmentation || classes.size() < 3) return out;
  out += " --classes ";
  for (const std::string& name : classes) out += (name == classes.front() ? "" : ",") + name;
  return out + " --class-from ATTRIBUTE";
}

/// Parts of a text that are for some plugins only stand between "<!-- only: WORD -->" and "<!-- end -->".
std::string without_others(const std::string& text, const std::vector<std::string>& words) {
  std::string out;
  bool kept = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    at = end;
    if (line.rfind("<!-- only: ", 0) == 0) {
      const std::string word = line.substr(11, line.find(' ', 11) - 11);
      kept = std::find(words.begin(), words.end(), word) != words.end();
    } else if (line.rfind("<!-- end -->", 0) == 0) {
      kept = true;
    } else if (kept) {
      out += line;
    }
  }
  return out;
}

const char* short_name(stac::Task task) {
  return task == stac::Task::object_detection ? "detection" : task == stac::Task::classification ? "classification" : "segmentation";
}

/// Every file of the template as a path relative to it.
Result<std::vector<fs::path>> template_files(const fs::path& folder) {
  const auto files = io::files_below(folder);
  if (!files || files->empty()) {
    return fail(Code::not_found, folder.string(), "the template that the package brings", files ? "nothing" : files.error().found,
                "install the package whole, or set FAIR_SHARE to its share/fair-edge");
  }
  return std::vector<fs::path>(files->begin(), files->end());
}

/// Sets a hyper-parameter's value, here and in the specification of what may be set.
void set_hyperparameter(Json& properties, const std::string& group, const std::string& key, const Json& value) {
  properties["mlm:hyperparameters"][group + "." + key] = value;
  for (Json& entry : properties["fair:hyperparameters_spec"]) {
    if (entry.value("key", "") == key) entry["default"] = value;
  }
}

void describe(Json& document, const NewPlugin& wanted, const Names& names, std::int64_t window) {
  Json& properties = document["properties"];
  const bool own = wanted.onnx.empty();
  properties["title"] = names.id;
  if (own) {
    properties["description"] = "A small network to begin with, of random weights: train it, or put your own model in its place.";
    properties["mlm:pretrained"] = false;
    properties["mlm:pretrained_source"] = nullptr;
    properties["mlm:framework"] = "PyTorch";
    properties["mlm:framework_version"] = "2.10.0";
    set_hyperparameter(properties, "training", "learning_rate", 0.005);
    set_hyperparameter(properties, "training", "epochs", 12);
    set_hyperparameter(properties, "training", "samples_per_epoch", 200);
    if (wanted.task == stac::Task::object_detection) {
      set_hyperparameter(properties, "training", "image_size", starter_window);
      set_hyperparameter(properties, "training", "mosaic", 0.0);
    }
  }
  if (wanted.task == stac::Task::classification) {
    set_hyperparameter(properties, "training", "loss", "CrossEntropyLoss");
  } else {
    set_hyperparameter(properties, "inference", "overlap", window / 4);
  }
  properties["providers"] = Json::array({{{"name", names.id + "'s authors"}, {"roles", Json::array({"producer"})}}});
  properties["keywords"] = Json::array({wanted.feature, stac::name(wanted.task), wanted.geometry});
  const std::string module = "models." + names.symbol + ".pipeline";
  properties["mlm:input"][0]["pre_processing_function"]["expression"] = module + ":preprocess";
  properties["mlm:output"][0]["post_processing_function"]["expression"] = module + ":postprocess";
  Json& assets = document["assets"];
  assets["model"]["href"] = "model.onnx";
  assets["checkpoint"]["href"] = "checkpoint.pt";
  assets["source-code"]["href"] = "https://example.org/" + names.id;
  assets["source-code"]["mlm:entrypoint"] = module + ":predict";
}

/// Code as the template gives it reads planar tensors; core reads others too.
Result<> code_reads(const NewPlugin& wanted, const Trial& trial) {
  if (!wanted.code || !channels_last(trial.input)) return {};
  return fail(Code::unsupported, wanted.onnx.string(), "planar tensors: batch, bands, height, width", "bands last",
              "take --no-code: core reads such models as they are");
}

struct Model {
  onnx::Model graph;
  Trial trial;
  std::vector<std::string> classes;
  stac::Item item;
  std::int64_t window = starter_window;
};

Result<Model> model_of(const NewPlugin& wanted, const Names& names, const fs::path& folder) {
  Model out;
  out.classes = wanted.classes;
  if (wanted.onnx.empty()) {
    if (out.classes.empty()) out.classes = usual_classes(wanted.task, 2);
    if (wanted.classes.empty() && wanted.task == stac::Task::object_detection) out.classes = {wanted.feature};
    else if (wanted.classes.empty()) out.classes.back() = wanted.feature;
    if (out.classes.size() < (wanted.task == stac::Task::object_detection ? 1U : 2U))
      return fail(Code::usage, "--classes", "two names or more, the background's first", std::to_string(out.classes.size()));
    FAIR_TRY_ASSIGN(out.graph, starter_graph(wanted.task, static_cast<std::int64_t>(out.classes.size())));
  } else {
    FAIR_TRY_ASSIGN(out.graph, onnx::read_model(wanted.onnx));
  }
  const fs::path file = folder / "model" / "model.onnx";
  FAIR_TRY(onnx::write_model(file, out.graph));
  FAIR_TRY_ASSIGN(out.trial, try_graph(out.graph, file));
  FAIR_TRY(code_reads(wanted, out.trial));
  if (out.classes.empty()) out.classes = usual_classes(wanted.task, class_count(wanted.task, out.trial.output, channels_last(out.trial.input)));
  ModelFacts facts;
  facts.id = names.id, facts.file = wanted.onnx.empty() ? "model.onnx" : wanted.onnx.filename().string();
  facts.license = wanted.license, facts.task = wanted.task, facts.classes = out.classes, facts.scale = wanted.scale, facts.gsd = wanted.gsd;
  FAIR_TRY_ASSIGN(out.item, item_of(out.graph, out.trial.input, out.trial.output, facts));
  FAIR_TRY_ASSIGN(const auto declared, stac::ModelSpec::from_item(out.item));
  if (declared.input.height > 0) out.window = declared.input.height;
  else if (!wanted.onnx.empty()) out.window = 256;
  describe(out.item.json(), wanted, names, out.window);
  // What the item says and what the graph gives must be the same before anybody builds on it.
  FAIR_TRY_ASSIGN(const auto spec, stac::ModelSpec::from_item(out.item));
  infer::SessionOptions options;
  options.device = "cpu";
  FAIR_TRY_ASSIGN(const auto session, infer::Session::open(file, options));
  FAIR_TRY_ASSIGN([[maybe_unused]] const auto fitted, session->fit(spec));
  return out;
}

Result<Json> description_of(const NewPlugin& wanted, const Names& names, std::int64_t window) {
  const fs::path beside = wanted.task == stac::Task::semantic_segmentation ? fs::path() : fs::path("tasks") / short_name(wanted.task);
  const fs::path path = wanted.template_folder / beside / "description.json";
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, 1U << 20U));
  FAIR_TRY_ASSIGN(Json json, parse_json(replaced(text, names), path.string()));
  json["licence"] = wanted.license;
  json["abi"] = std::to_string(FAIR_ABI_MAJOR) + "." + std::to_string(FAIR_ABI_MINOR);
  json["tiling"]["window"] = window;
  json["training"]["window"] = window;
  if (wanted.task != stac::Task::classification) json["tiling"]["overlap"] = window / 4;
  if (!wanted.onnx.empty()) json["training"].erase("fixed");
  if (wanted.code) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (key == "result_kind") {
      out["code"] = "none";
      out["core"] = {{"preprocess", plugin::core_preprocess}, {"postprocess", value}};
      continue;
    }
    out[key] = value;
  }
  return out;
}

/// Texts of the template that this plugin gets, by the path they get.
Result<std::vector<std::pair<fs::path, std::string>>> texts_of(const NewPlugin& wanted, const Names& names) {
  FAIR_TRY_ASSIGN(const auto files, template_files(wanted.template_folder));
  const std::string task = short_name(wanted.task);
  std::vector<std::pair<fs::path, std::string>> out;
  for (const fs::path& file : files) {
    fs::path to = file;
    const std::string first = file.begin()->string();
    if (file.filename() == "description.json" || first == "model") continue;
    if (first == "tasks") {
      if (std::next(file.begin())->string() != task) continue;
      to = file.lexically_relative(fs::path("tasks") / task);
    } else if (task != "segmentation" && fs::exists(wanted.template_folder / "tasks" / task / file)) {
      continue;
    }
    const bool text = to.extension() == ".md" || to.extension() == ".yml";
    if (!wanted.code && !text) continue;
    FAIR_TRY_ASSIGN(const std::string content, io::read_whole(wanted.template_folder / file, 1U << 20U));
    out.emplace_back(replaced(to.string(), names), without_others(replaced(content, names), {task, wanted.code ? "code" : "no-code"}));
  }
  return out;
}

Result<> fill(const NewPlugin& wanted, const Names& names, const fs::path& folder, MadePlugin& made) {
  std::error_code error;
  fs::create_directories(folder / "model", error);
  if (error) return fail(Code::io, folder.string(), "a folder for the plugin", error.message(), "check the permissions and the disk");
  FAIR_TRY_ASSIGN(const Model model, model_of(wanted, names, folder));
  FAIR_TRY(onnx::write_state_dict(folder / "model" / "checkpoint.pt", onnx::state_of(model.graph)));
  FAIR_TRY(io::write_whole(folder / "model" / (names.id + ".json"), to_text(model.item.json())));
  FAIR_TRY_ASSIGN(const Json description, description_of(wanted, names, model.window));
  FAIR_TRY(io::write_whole(folder / (wanted.code ? "description.json" : names.symbol + ".plugin.json"), to_text(description)));
  Names with_labels = names;
  with_labels.labels = label_options(wanted, model.classes);
  FAIR_TRY_ASSIGN(const auto texts, texts_of(wanted, with_labels));
  for (const auto& [path, text] : texts) {
    fs::create_directories((folder / path).parent_path(), error);
    FAIR_TRY(io::write_whole(folder / path, text));
  }
  made.input = model.trial.input, made.output = model.trial.output, made.classes = model.classes;
  return {};
}

}  // namespace

bool plugin_name(const std::string& name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool spelled = name.size() >= 3 && name.size() <= 60 && small(name.front()) && name.back() != '_' && name.find("__") == std::string::npos;
  return spelled && std::all_of(name.begin(), name.end(), [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Result<MadePlugin> make_plugin(const NewPlugin& wanted) {
  if (!plugin_name(wanted.name)) {
    return fail(Code::usage, "name", "at least three small letters, digits and single _, a letter first", "'" + wanted.name + "'",
                "the exported symbol is made of it");
  }
  for (const plugin::CoreProcessing& ours : plugin::core_processing()) {
    if (wanted.name == ours.plugin)
      return fail(Code::usage, "name", "one that is not taken", wanted.name + ", one of the program's own", "choose another");
  }
  MadePlugin made;
  made.folder = wanted.parent / wanted.name;
  const Names names = names_of(wanted.name);
  FAIR_TRY_ASSIGN(made.files, io::write_folder(made.folder, "choose another name, or remove it",
                                               [&](const fs::path& folder) { return fill(wanted, names, folder, made); }));
  made.item = made.folder / "model" / (names.id + ".json");
  return made;
}

}  // namespace fair::launch
