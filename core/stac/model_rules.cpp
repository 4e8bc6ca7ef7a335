#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/base/spelling.h"
#include "core/stac/assets.h"
#include "core/stac/licence.h"
#include "core/stac/model_spec.h"
#include "core/stac/rule_book.h"

namespace fair::stac {
namespace {

/// fAIr's validators take an input's name as part of asset keys.
bool is_slug(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && plain(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

void processing(RuleBook& book) {
  const Json& inputs = book.item.property("mlm:input");
  for (std::size_t i = 0; inputs.is_array() && i < inputs.size(); ++i) {
    const std::string at = "/properties/mlm:input/" + std::to_string(i);
    if (text_of(member(member(inputs[i], "pre_processing_function"), "expression")).empty()) {
      book.error(at, "fair.processing", "no pre_processing_function with an expression",
                 "name the function, such as models.unet_segmentation.pipeline:preprocess");
    }
    if (const Json& name = member(inputs[i], "name"); name.is_string() && !is_slug(name.get<std::string>())) {
      book.warn(at + "/name", "fair.input-name", shown(name), "newer fAIr takes lower-case letters, digits, '_' and '-' only");
    }
  }
  const Json& outputs = book.item.property("mlm:output");
  for (std::size_t i = 0; outputs.is_array() && i < outputs.size(); ++i) {
    const std::string at = "/properties/mlm:output/" + std::to_string(i);
    if (text_of(member(member(outputs[i], "post_processing_function"), "expression")).empty()) {
      book.error(at, "fair.processing", "no post_processing_function with an expression",
                 "name the function, such as models.unet_segmentation.pipeline:postprocess");
    }
    if (text_of(member(outputs[i], "name")).empty())
      book.error(at, "fair.output-name", "no name", "name the output: features carry a property of that name");
  }
}

bool is_color(const std::string& text) {
  return text.size() == 6 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

void classes(RuleBook& book) {
  const std::string at = "/properties/mlm:output/0/classification:classes";
  const Json& list = member(first(book.item.property("mlm:output")), "classification:classes");
  if (!list.is_array() || list.empty()) {
    if (first(book.item.property("mlm:output")).is_object())
      book.error("/properties/mlm:output/0", "fair.classes", "no classification:classes", "list the classes the model tells apart");
    return;
  }
  std::set<std::int64_t> values;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string here = at + "/" + std::to_string(i);
    const Json& value = member(list[i], "value");
    const std::string name = text_of(member(list[i], "name"));
    if (!value.is_number_integer()) book.error(here, "fair.classes", "no whole number as value", "give the class its value");
    else if (!values.insert(value.get<std::int64_t>()).second)
      book.error(here + "/value", "fair.class-values-unique", shown(value), "give each class a value of its own");
    else if (value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > 255)
      book.error(here + "/value", "fair.classes", shown(value), "use values from 0 to 255, as masks hold them");
    if (name.empty()) book.error(here, "fair.classes", "no name", "name the class: features and the map's colours use it");
    else if (!names.insert(name).second)
      book.error(here + "/name", "fair.class-names-unique", shown(list[i]["name"]), "give each class a name of its own");
    const Json& color = member(list[i], "color_hint");
    if (!color.is_null() && !is_color(text_of(color)))
      book.error(here + "/color_hint", "fair.color-hint", shown(color), "write six upper-case hexadecimal digits, such as FF8800");
  }
}

/// Shapes as ModelSpec reads them, and the classes against the output's channels.
void shapes(RuleBook& book) {
  const Result<ModelSpec> spec = ModelSpec::from_item(book.item);
  if (!spec) {
    const Error& error = spec.error();
    const std::size_t hash = error.thing.find('#');
    book.error(hash == std::string::npos ? "" : error.thing.substr(hash + 1), "fair.runnable", error.expected + " expected, found " + error.found,
               error.hint);
    return;
  }
  const OutputSpec& output = spec->output;
  const std::string at = "/properties/mlm:output/0/result/shape";
  const auto count = static_cast<std::int64_t>(output.classes.size());
  const std::int64_t channels = spec->task == Task::classification && output.shape.size() == 2 ? output.shape[1] : output.channels;
  const bool per_class = spec->task == Task::semantic_segmentation || spec->task == Task::classification;
  if (per_class && channels >= 0) {
    const bool sigmoid = channels == 1 && count <= 2;
    const bool border = spec->task == Task::semantic_segmentation && channels == count + 1;
    if (channels != count && !sigmoid && !border) {
      book.error(at, "fair.shape-classes", std::to_string(channels) + " channels for " + std::to_string(count) + " classes",
                 "give one channel a class, or one channel for two classes");
    }
  }
  if (spec->task == Task::semantic_segmentation) {
    if (output.shape.size() != 4) {
      book.error(at, "fair.shape", shown(member(member(first(book.item.property("mlm:output")), "result"), "shape")),
                 "a segmentation gives batch, classes, height and width");
    }
  }
  const std::size_t bands = spec->input.bands.size();
  if (bands != 0 && static_cast<std::int64_t>(bands) != spec->input.channels) {
    book.error("/properties/mlm:input/0/bands", "fair.shape-bands",
               std::to_string(bands) + " bands for " + std::to_string(spec->input.channels) + " channels", "name each band once");
  }
}

void tasks(RuleBook& book) {
  const Json& list = book.item.property("mlm:tasks");
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    const std::string word = text_of(list[i]);
    if (book.options.vocabulary->is_task(word)) continue;
    const std::string near = nearest(word, book.options.vocabulary->tasks);
    book.error("/properties/mlm:tasks/" + std::to_string(i), "fair.tasks", shown(list[i]),
               near.empty() ? "use one of " + listed(book.options.vocabulary->tasks) : "did you mean " + near + "?");
  }
}

/// The schema of fAIr's base models knows four; promoted models inherit what their parents ask.
void licence(RuleBook& book) {
  if (book.kind != Kind::base_model) return;
  const std::vector<std::string>& allowed = base_model_licences();
  const Json& value = book.item.property("license");
  if (value.is_null() || std::find(allowed.begin(), allowed.end(), text_of(value)) != allowed.end()) return;  // missing fields are named elsewhere
  book.error("/properties/license", "fair.license", shown(value), "use one of " + listed(allowed));
}

void assets(RuleBook& book) {
  const std::string onnx = key_of(book.item, Part::onnx);
  const std::string checkpoint = key_of(book.item, Part::checkpoint);
  if (onnx.empty()) {
    // A base model may come with weights alone; a promoted one is the ONNX file.
    const char* const hint = "add the asset model with mlm:artifact_type onnx: it is what runs everywhere";
    if (book.kind == Kind::local_model) book.error("/assets", "fair.assets", "no ONNX model", hint);
    else book.warn("/assets", "fair.assets", "no ONNX model", hint);
  }
  if (checkpoint.empty()) book.error("/assets", "fair.assets", "no checkpoint", "add the asset checkpoint with the weights");
  if (key_of(book.item, Part::source_code).empty())
    book.error("/assets", "fair.assets", "no source-code", "add the asset source-code with its mlm:entrypoint");
  if (book.kind == Kind::base_model) {
    if (key_of(book.item, Part::training_runtime).empty())
      book.error("/assets", "fair.assets", "no training runtime", "add the asset mlm:training: an OCI image, or \"local\"");
    if (key_of(book.item, Part::inference_runtime).empty())
      book.error("/assets", "fair.assets", "no inference runtime", "add the asset mlm:inference: an OCI image, or \"local\"");
  }
}

void metrics(RuleBook& book) {
  const Json& spec = book.item.property("fair:metrics_spec");
  if (!spec.is_array()) return;
  std::set<std::string> keys;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    const std::string at = "/properties/fair:metrics_spec/" + std::to_string(i);
    const std::string key = text_of(member(spec[i], "key"));
    if (key.empty()) {
      book.error(at, "fair.metrics-spec", "no key", "name the property that holds the metric, such as fair:mean_iou");
      continue;
    }
    if (!keys.insert(key).second) book.error(at + "/key", "fair.metrics-spec", shown(spec[i]["key"]) + " a second time", "describe each metric once");
    for (const char* const part : {"name", "description"}) {
      if (text_of(member(spec[i], part)).empty()) book.error(at, "fair.metrics-spec", std::string("no ") + part, "describe the metric for people");
    }
    if (book.kind == Kind::local_model && book.item.property(key).is_null())
      book.error("/properties", "fair.metrics", "no " + key, "log the metric that fair:metrics_spec promises");
  }
}

}  // namespace

void check_model(RuleBook& book) {
  tasks(book);
  processing(book);
  classes(book);
  shapes(book);
  licence(book);
  assets(book);
  metrics(book);
}

}  // namespace fair::stac
