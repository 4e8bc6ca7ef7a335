#include "native/launch/imported_model.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/stac/linear_expression.h"
#include "plugins/built_in.h"

namespace fair::launch {
namespace {

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out;
  for (const auto size : shape) out += (out.empty() ? "" : "×") + std::to_string(size);
  return out;
}

/// The first item of the built-in plugin that serves the task.
Result<Json> pattern_for(stac::Task task) {
  for (const plugins::BuiltIn& plugin : plugins::built_in()) {
    for (const char* text : plugin.items) {
      FAIR_TRY_ASSIGN(Json item, parse_json(text, std::string("item of the built-in plugin ") + plugin.name));
      const Json& tasks = item["properties"]["mlm:tasks"];
      if (std::find(tasks.begin(), tasks.end(), stac::name(task)) != tasks.end()) return item;
    }
  }
  return fail(Code::unsupported, std::string("task ") + stac::name(task), "a task that a built-in plugin runs", "none for it",
              "give an item with --item that names a plugin's processing functions");
}

/// The sizes the graph fixes, -1 where it leaves them free.
std::vector<std::int64_t> declared(const onnx::ValueInfo& value, const std::vector<std::int64_t>& seen) {
  auto out = seen;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool free = value.shape && i < value.shape->size() && (*value.shape)[i].value < 0;
    if (i == 0 ? free || !value.shape : free) out[i] = -1;
  }
  return out;
}

std::string framework_of(const onnx::Model& model) {
  if (model.producer == "pytorch") return "PyTorch";
  if (model.producer == "tf2onnx" || model.producer == "keras2onnx") return "TensorFlow";
  return "ONNX";
}

/// The first three numbers of what an exporter writes as its version, as MLM wants them: "1.17.0 None" is 1.17.0, "2.4" is 2.4.0.
std::string version_of(const std::string& written) {
  std::string out;
  const char* at = written.data();
  const char* end = at + written.size();
  for (int part = 0; part < 3; ++part) {
    unsigned number = 0;
    const auto read = std::from_chars(at, end, number);
    const bool known = read.ec == std::errc();
    if (part == 0 && !known) return "0.0.0";
    out += (part == 0 ? "" : ".") + std::to_string(known ? number : 0);
    at = known && read.ptr != end && *read.ptr == '.' ? read.ptr + 1 : end;
  }
  return out;
}

Json bands_of(std::size_t count) {
  static const std::vector<std::string> colours{"red", "green", "blue"};
  Json out = Json::array();
  for (std::size_t i = 0; i < count; ++i) out.push_back({{"name", count == 3 ? colours[i] : "band" + std::to_string(i + 1)}});
  return out;
}

Json classes_of(const ModelFacts& facts) {
  Json out = Json::array();
  for (std::size_t i = 0; i < facts.classes.size(); ++i)
    out.push_back({{"name", facts.classes[i]}, {"value", i}, {"description", facts.classes[i] + ", as the model names it"}});
  return out;
}

void describe_hyperparameters(Json& properties) {
  // It freezes by the names that the pattern's own graph has.
  if (Json& values = properties["mlm:hyperparameters"]; values.is_object()) values.erase("training.freeze_encoder");
  Json kept = Json::array();
  for (Json& entry : properties["fair:hyperparameters_spec"]) {
    if (entry.value("key", "") != "freeze_encoder") kept.push_back(std::move(entry));
  }
  properties["fair:hyperparameters_spec"] = std::move(kept);
}

Result<> names_all(const ModelFacts& facts, std::int64_t found) {
  const auto given = static_cast<std::int64_t>(facts.classes.size());
  const bool boxes = facts.task == stac::Task::object_detection;
  if (found <= 0 || given == found || (found == 1 && given == 2 && !boxes)) return {};
  return fail(Code::incompatible, "the classes", std::to_string(found == 1 && !boxes ? 2 : found) + " names", std::to_string(given),
              "name every class in the order of the graph's channels (--classes a,b,c)");
}

}  // namespace

Result<stac::Scaling> scaling_from(const std::string& text, std::size_t bands) {
  stac::Scaling out;
  if (text == "imagenet") {
    if (bands != 3) return fail(Code::usage, "--scale imagenet", "a graph of three bands", std::to_string(bands));
    const double mean[] = {0.485, 0.456, 0.406};
    const double spread[] = {0.229, 0.224, 0.225};
    out.scale.clear();
    out.offset.clear();
    for (std::size_t i = 0; i < 3; ++i) {
      out.scale.push_back(1.0 / (255.0 * spread[i]));
      out.offset.push_back(-mean[i] / spread[i]);
    }
    return out;
  }
  double values[2] = {0, 1};
  const char* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, values[0]);
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == '/') read = std::from_chars(read.ptr + 1, end, values[1]);
  if (read.ec == std::errc() && read.ptr == end && values[0] != 0 && values[1] != 0) {
    out.scale = {values[0] / values[1]};
    return out;
  }
  if (const auto line = stac::linear_expression(text); line && line->scale != 0) {
    out.scale = {line->scale};
    out.offset = {line->offset};
    return out;
  }
  return fail(Code::usage, "--scale", "a factor such as 1/255 or 1, imagenet, or an expression linear in one name such as A / 127.5 - 1",
              "'" + text + "'");
}

Result<> gives(stac::Task task, const std::vector<std::int64_t>& output) {
  const std::size_t axes = task == stac::Task::semantic_segmentation ? 4 : task == stac::Task::classification ? 2 : 3;
  if (output.size() == axes) return {};
  return fail(Code::incompatible, "the graph's first output", std::to_string(axes) + " axes, as " + stac::name(task) + " gives", text_of(output),
              "choose another --task, or export the graph so that this output comes first");
}

std::int64_t class_count(stac::Task task, const std::vector<std::int64_t>& shape, bool last) {
  if (task == stac::Task::semantic_segmentation && shape.size() == 4) return shape[last ? 3 : 1];
  if (task == stac::Task::classification && shape.size() == 2) return shape[1];
  // Rows of a box and its scores, more boxes than rows; six columns are boxes already chosen.
  if (task == stac::Task::object_detection && shape.size() == 3 && shape[2] != 6 && shape[1] > 4 && shape[1] < shape[2]) return shape[1] - 4;
  return 0;
}

std::vector<std::string> usual_classes(stac::Task task, std::int64_t count) {
  if (task == stac::Task::object_detection && count <= 1) return {"building"};
  if (count <= 2) return {"background", "building"};
  std::vector<std::string> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back("class" + std::to_string(i));
  return out;
}

std::string closing_activation(const onnx::Graph& graph) {
  static const std::set<std::string> carries{"Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Cast", "Flatten"};
  if (graph.outputs.empty()) return {};
  std::string name = graph.outputs.front().name;
  for (std::size_t guard = 0; guard < graph.nodes.size(); ++guard) {
    const auto made = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const onnx::Node& node) {
      return std::find(node.outputs.begin(), node.outputs.end(), name) != node.outputs.end();
    });
    if (made == graph.nodes.end()) return {};
    if (made->op == "Sigmoid" || made->op == "Softmax") return made->op;
    if (carries.count(made->op) == 0 || made->inputs.empty()) return {};
    name = made->inputs.front();
  }
  return {};
}

bool channels_last(const std::vector<std::int64_t>& input) { return input.size() == 4 && input[3] <= 16 && input[1] > 16; }

Result<stac::Item> item_of(const onnx::Model& model, const std::vector<std::int64_t>& input, const std::vector<std::int64_t>& output,
                           const ModelFacts& facts) {
  if (input.size() != 4)
    return fail(Code::incompatible, "the graph's input", "4 axes: batch, bands, height, width", text_of(input), "export the model for images");
  const bool last = channels_last(input);
  FAIR_TRY(gives(facts.task, output));
  FAIR_TRY(names_all(facts, class_count(facts.task, output, last)));
  FAIR_TRY_ASSIGN(Json document, pattern_for(facts.task));
  const auto bands = static_cast<std::size_t>(input[last ? 3 : 1]);
  FAIR_TRY_ASSIGN(const stac::Scaling scaling, scaling_from(facts.scale, bands));

  std::int64_t parameters = 0;
  for (const auto& t : model.graph.initializers) parameters += t.type == onnx::ElementType::i64 ? 0 : t.elements();
  document["id"] = facts.id;
  Json& properties = document["properties"];
  properties["title"] = facts.id;
  properties["description"] = "Imported from " + facts.file + " (opset " + std::to_string(model.opset()) +
                              (model.producer.empty() ? "" : ", " + model.producer + " " + model.producer_version) + ").";
  properties["mlm:name"] = facts.id;
  properties["mlm:architecture"] = model.graph.name.empty() ? "imported" : model.graph.name;
  properties["mlm:framework"] = framework_of(model);
  properties["mlm:framework_version"] = version_of(model.producer_version);
  properties["mlm:total_parameters"] = parameters;
  properties["mlm:pretrained"] = true;
  properties["mlm:pretrained_source"] = facts.file;
  properties["license"] = facts.license;
  properties["providers"] = Json::array({{{"name", "Imported model"}, {"roles", Json::array({"producer"})}, {"description", facts.file}}});
  if (facts.gsd) properties["gsd"] = *facts.gsd;
  describe_hyperparameters(properties);
  document["links"] = Json::array();

  const auto axes = [&](const char* channel) {
    return last ? Json::array({"batch", "height", "width", channel}) : Json::array({"batch", channel, "height", "width"});
  };
  Json& in = properties["mlm:input"][0];
  in["bands"] = bands_of(bands);
  in["input"]["shape"] = declared(*model.graph.feeds().front(), input);
  in["input"]["dim_order"] = axes("bands");
  in["value_scaling"] = stac::to_json(scaling);
  Json& out = properties["mlm:output"][0];
  out["result"]["shape"] = declared(model.graph.outputs.front(), output);
  if (facts.task == stac::Task::semantic_segmentation) out["result"]["dim_order"] = axes("channel");
  out["classification:classes"] = classes_of(facts);
  if (facts.task != stac::Task::object_detection) out["fair:activation"] = closing_activation(model.graph).empty() ? "logits" : "probabilities";
  for (const char* const key : {"model", "checkpoint"}) document["assets"][key]["raster:bands"] = bands_of(bands);
  return stac::Item::from_json(std::move(document), "the item of " + facts.file);
}

}  // namespace fair::launch
