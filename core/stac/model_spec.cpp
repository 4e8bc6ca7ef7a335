#include "core/stac/model_spec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/field.h"
#include "core/stac/assets.h"

namespace fair::stac {
namespace {

constexpr std::array<std::pair<Task, const char*>, 4> task_names{{{Task::semantic_segmentation, "semantic-segmentation"},
                                                                  {Task::instance_segmentation, "instance-segmentation"},
                                                                  {Task::object_detection, "object-detection"},
                                                                  {Task::classification, "classification"}}};

std::vector<std::int64_t> shape_of(const Json& json) {
  std::vector<std::int64_t> shape;
  if (!json.is_array()) return shape;
  for (const Json& size : json) shape.push_back(size.is_number_integer() ? size.get<std::int64_t>() : -1);
  return shape;
}

/// MLM leaves the axis names open; what counts is whether the bands or classes come second or last. Where the names do not tell, sizes do.
Layout layout_of(const Json& order, const std::vector<std::int64_t>& shape) {
  const auto is_band_axis = [](const Json& axis) {
    const std::string word = text_of(axis);
    for (const char* const known : {"bands", "band", "channel", "channels", "class", "classes"}) {
      if (word == known) return true;
    }
    return word == "c";
  };
  if (order.is_array() && order.size() == 4) {
    if (is_band_axis(order[3])) return Layout::nhwc;
    if (is_band_axis(order[1])) return Layout::nchw;
  }
  const auto few = [](std::int64_t size) { return size >= 1 && size <= 4; };
  return shape.size() == 4 && few(shape[3]) && !few(shape[1]) ? Layout::nhwc : Layout::nchw;
}

std::string expression_of(const Json& function) {
  const Json& one = function.is_array() ? first(function) : function;
  const Json& expression = member(one, "expression");
  return expression.is_string() ? expression.get<std::string>() : std::string();
}

Result<InputSpec> input_of(const Json& json, const std::string& thing) {
  InputSpec input;
  if (!json.is_object())
    return fail(Code::invalid, thing, "one input object", json.is_null() ? "nothing" : json.type_name(), "describe the model's input");
  input.name = text_of(member(json, "name"));
  const Json& structure = member(json, "input");
  input.shape = shape_of(member(structure, "shape"));
  if (input.shape.size() != 4) {
    return fail(Code::invalid, thing + "/input/shape", "four sizes: batch, bands, height and width", member(structure, "shape").dump(),
                "give the input's shape, -1 where it is free");
  }
  input.layout = layout_of(member(structure, "dim_order"), input.shape);
  const bool last = input.layout == Layout::nhwc;
  input.channels = input.shape[last ? 3 : 1];
  input.height = input.shape[last ? 1 : 2];
  input.width = input.shape[last ? 2 : 3];
  if (input.channels != 1 && input.channels != 3 && input.channels != 4) {
    return fail(Code::unsupported, thing + "/input/shape", "1, 3 or 4 bands", std::to_string(input.channels), "give a model for RGB imagery");
  }
  if (input.height == 0 || input.width == 0 || input.height < -1 || input.width < -1 || input.height > 8192 || input.width > 8192) {
    return fail(Code::invalid, thing + "/input/shape", "height and width of 1 to 8192, or -1", member(structure, "shape").dump(),
                "correct the shape");
  }
  if (const std::string type = text_of(member(structure, "data_type")); !type.empty()) input.data_type = type;
  for (const Json& band : member(json, "bands")) input.bands.push_back(band.is_string() ? band.get<std::string>() : text_of(member(band, "name")));
  FAIR_TRY_ASSIGN(input.scaling, scaling_of(json, static_cast<std::size_t>(input.channels), input.data_type, thing));
  input.pre_processing = expression_of(member(json, "pre_processing_function"));
  return input;
}

Result<std::vector<Class>> classes_of(const Json& json, const std::string& thing) {
  std::vector<Class> classes;
  std::int32_t next = 0;
  for (const Json& entry : json) {
    Class cls;
    cls.name = text_of(member(entry, "name"));
    if (cls.name.empty()) return fail(Code::invalid, thing, "a name for every class", entry.dump(), "name the class");
    const Json& value = member(entry, "value");
    const std::int64_t number = value.is_number_integer() ? value.get<std::int64_t>() : next;
    if (number < 0 || number > 255)
      return fail(Code::invalid, thing, "class values from 0 to 255, as masks hold them", entry.dump(), "number the classes from 0");
    cls.value = static_cast<std::int32_t>(number);
    next = cls.value + 1;
    cls.color_hint = text_of(member(entry, "color_hint"));
    classes.push_back(std::move(cls));
  }
  return classes;
}

Result<OutputSpec> output_of(const Json& json, const std::string& thing) {
  OutputSpec output;
  if (!json.is_object())
    return fail(Code::invalid, thing, "one output object", json.is_null() ? "nothing" : json.type_name(), "describe the model's output");
  output.name = text_of(member(json, "name"));
  const Json& result = member(json, "result");
  output.shape = shape_of(member(result, "shape"));
  output.layout = layout_of(member(result, "dim_order"), output.shape);
  if (output.shape.size() == 4) output.channels = output.shape[output.layout == Layout::nhwc ? 3 : 1];
  const Json& activation = member(json, "fair:activation");
  if (activation == "logits") {
    output.activation = Activation::logits;
  } else if (activation == "probabilities") {
    output.activation = Activation::probabilities;
  } else if (!activation.is_null()) {
    return fail(Code::invalid, thing + "/fair:activation", "logits or probabilities", activation.dump(),
                "say what the graph's scores are, or leave the field out");
  }
  FAIR_TRY_ASSIGN(output.classes, classes_of(member(json, "classification:classes"), thing + "/classification:classes"));
  if (output.classes.empty()) {
    return fail(Code::invalid, thing + "/classification:classes", "at least one class", "none", "list the classes the model tells apart");
  }
  output.post_processing = expression_of(member(json, "post_processing_function"));
  return output;
}

GeometryKind geometry_of(const std::vector<std::string>& keywords) {
  const auto has = [&](const char* word) { return std::find(keywords.begin(), keywords.end(), word) != keywords.end(); };
  if (has("polygon")) return GeometryKind::polygon;
  if (has("line")) return GeometryKind::line;
  if (has("point")) return GeometryKind::point;
  return GeometryKind::polygon;
}

std::optional<double> gsd_of(const Item& item) {
  const Json& gsd = item.property("gsd");
  return gsd.is_number() && gsd.get<double>() > 0 ? std::optional<double>(gsd.get<double>()) : std::nullopt;
}

}  // namespace

const char* name(Task task) {
  for (const auto& [value, text] : task_names) {
    if (value == task) return text;
  }
  return "";
}

std::optional<Task> task_from(std::string_view name) {
  for (const auto& [value, text] : task_names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

Result<ModelSpec> ModelSpec::from_item(const Item& item) {
  ModelSpec spec;
  spec.id = item.id();
  spec.name = item.text("mlm:name");
  spec.title = item.text("title");
  spec.architecture = item.text("mlm:architecture");
  const std::string at = item.id() + "#/properties/";
  const Json& tasks = item.property("mlm:tasks");
  const std::optional<Task> task = task_from(text_of(first(tasks)));
  if (!task) {
    return fail(Code::invalid, at + "mlm:tasks", "semantic-segmentation, instance-segmentation, object-detection or classification",
                tasks.is_null() ? "nothing" : tasks.dump(), "name the model's task");
  }
  spec.task = *task;
  FAIR_TRY_ASSIGN(spec.input, input_of(first(item.property("mlm:input")), at + "mlm:input/0"));
  FAIR_TRY_ASSIGN(spec.output, output_of(first(item.property("mlm:output")), at + "mlm:output/0"));
  for (const Json& keyword : item.property("keywords")) {
    if (keyword.is_string()) spec.keywords.push_back(keyword.get<std::string>());
  }
  spec.geometry = geometry_of(spec.keywords);
  spec.gsd = gsd_of(item);
  spec.hyperparameters = item.property("mlm:hyperparameters").is_object() ? item.property("mlm:hyperparameters") : Json::object();
  spec.hyperparameters_spec = item.property("fair:hyperparameters_spec").is_array() ? item.property("fair:hyperparameters_spec") : Json::array();
  spec.model_href = href_of(item, Part::onnx);
  spec.checkpoint_href = href_of(item, Part::checkpoint);
  return spec;
}

namespace {

std::vector<std::string> axes(Layout layout, const char* channels) {
  if (layout == Layout::nhwc) return {"batch", "height", "width", channels};
  return {"batch", channels, "height", "width"};
}

}  // namespace

Json ModelSpec::to_metadata() const {
  const auto alone = [](Json value) {
    Json array = Json::array();
    array.push_back(std::move(value));
    return array;
  };
  const auto function = [](const std::string& expression) -> Json { return Object().add("format", "python").add("expression", expression); };
  Object graph_input;
  graph_input.add("shape", input.shape).add("dim_order", axes(input.layout, "bands")).add("data_type", input.data_type);
  Object input_json;
  input_json.add("name", input.name).add("bands", input.bands).add("input", graph_input).add("value_scaling", stac::to_json(input.scaling));
  input_json.add("pre_processing_function", function(input.pre_processing));
  Json classes = Json::array();
  for (const Class& cls : output.classes) {
    Object entry;
    entry.add("value", cls.value).add("name", cls.name);
    if (!cls.color_hint.empty()) entry.add("color_hint", cls.color_hint);
    classes.push_back(entry.take());
  }
  Object result;
  result.add("shape", output.shape).add("dim_order", axes(output.layout, "channel"));
  Object output_json;
  output_json.add("name", output.name).add("result", result).add("classification:classes", std::move(classes));
  output_json.add("post_processing_function", function(output.post_processing));
  if (output.activation != Activation::unknown) {
    output_json.add("fair:activation", output.activation == Activation::logits ? "logits" : "probabilities");
  }
  Object properties;
  properties.add("title", title).add("mlm:name", name).add("mlm:architecture", architecture).add("mlm:tasks", alone(stac::name(task)));
  properties.add("mlm:input", alone(input_json)).add("mlm:output", alone(output_json)).add("keywords", keywords);
  properties.add("mlm:hyperparameters", hyperparameters).add("fair:hyperparameters_spec", hyperparameters_spec);
  if (gsd) properties.add("gsd", *gsd);
  return Object().add("type", "Feature").add("id", id).add("properties", properties);
}

Result<ModelSpec> ModelSpec::from_metadata(const Json& metadata, const std::string& thing) {
  FAIR_TRY_ASSIGN(const Item item, Item::from_json(metadata, thing));
  return from_item(item);
}

}  // namespace fair::stac
