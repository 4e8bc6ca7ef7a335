#include "native/serve/open_inference.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "native/serve/answers.h"
#include "native/serve/body.h"

namespace fair::serve {
namespace {

constexpr std::size_t most_body_bytes = std::size_t{16} << 20U;

/// The protocol's names for ONNX's element types; a graph of halves takes and gives FP32 here.
const char* datatype(std::int32_t type) {
  switch (type) {
    case 1:
    case 10: return "FP32";
    case 2: return "UINT8";
    case 6:
    case 7: return "INT64";
    case 9: return "UINT8";
    case 11: return "FP64";
    default: return "FP32";
  }
}

Json port(const infer::Port& p) { return {{"name", p.name}, {"datatype", datatype(p.type)}, {"shape", p.shape}}; }

/// Numbers of a flat or nested array, in order. False where there is something else, or too much.
bool flatten(const Json& data, std::vector<float>& out, std::size_t most) {
  if (data.is_number()) {
    if (out.size() >= most) return false;
    out.push_back(data.get<float>());
    return true;
  }
  return data.is_array() && std::all_of(data.begin(), data.end(), [&](const Json& part) { return flatten(part, out, most); });
}

Json numbers(const TensorView& view) {
  const auto count = static_cast<std::size_t>(view.elements());
  switch (view.dtype) {
    case DType::i64: return std::vector<std::int64_t>(view.as<std::int64_t>(), view.as<std::int64_t>() + count);
    case DType::u8: return std::vector<int>(view.as<std::uint8_t>(), view.as<std::uint8_t>() + count);
    case DType::f64: return std::vector<double>(view.as<double>(), view.as<double>() + count);
    default: return std::vector<float>(view.as<float>(), view.as<float>() + count);
  }
}

const char* datatype(DType type) { return datatype(static_cast<std::int32_t>(type)); }

/// The tensor that a request gives, after checking it against the graph's input.
Result<std::vector<float>> input_of(const Json& body, const infer::Port& wanted, TensorView& view) {
  const Json inputs = body.is_object() ? body.value("inputs", Json()) : Json();
  if (!inputs.is_array() || inputs.size() != 1 || !inputs[0].is_object()) {
    return fail(Code::usage, "inputs", "one tensor, " + wanted.name, inputs.is_array() ? std::to_string(inputs.size()) : "none",
                "see the model's metadata");
  }
  const Json& in = inputs[0];
  if (in.value("name", Json()) != wanted.name)
    return fail(Code::usage, "inputs[0].name", wanted.name, in.value("name", Json()).dump().substr(0, 100));
  if (in.value("datatype", Json()) != "FP32")
    return fail(Code::usage, "inputs[0].datatype", "FP32", in.value("datatype", Json()).dump().substr(0, 100));
  const Json shape = in.value("shape", Json());
  bool good = shape.is_array() && shape.size() == wanted.shape.size() && shape.size() <= TensorView::max_rank;
  std::size_t elements = 1;
  for (std::size_t i = 0; good && i < shape.size(); ++i) {
    good = shape[i].is_number_integer() && shape[i] >= 1 && shape[i] <= 1 << 16 && (wanted.shape[i] < 0 || shape[i] == wanted.shape[i]);
    if (!good) break;
    view.shape[i] = shape[i].get<std::int64_t>();
    elements *= static_cast<std::size_t>(view.shape[i]);
    good = elements <= most_body_bytes;
  }
  if (!good) return fail(Code::usage, "inputs[0].shape", Json(wanted.shape).dump(), shape.dump().substr(0, 100), "-1 is any size");
  view.rank = static_cast<std::int32_t>(shape.size());
  std::vector<float> values;
  if (!flatten(in.value("data", Json()), values, elements) || values.size() != elements) {
    return fail(Code::usage, "inputs[0].data", std::to_string(elements) + " numbers", "others", "flat or nested, in row-major order");
  }
  return values;
}

}  // namespace

Result<std::shared_ptr<ReadyModel>> OpenInference::model(const std::string& name) const {
  if (name.find('/') != std::string::npos || name.find(':') != std::string::npos) {
    return fail(Code::not_found, "model", "a name of the catalogue or the folder", name.substr(0, 200), "see /models");
  }
  FAIR_TRY_ASSIGN(const launch::ChosenModel chosen, shelf_.find(name, "", nullptr));
  return sessions_.get(chosen.onnx, chosen.spec);
}

void OpenInference::queued(const std::shared_ptr<Exchange>& exchange, std::function<Answer()> work) {
  const auto number = queue_.add([exchange, work = std::move(work)] {
    try {
      exchange->answer(work());
    } catch (const std::exception& exception) {
      exchange->answer(json_answer(500, {{"error", exception.what()}}));
    }
  });
  if (number) return;
  Answer answer = json_answer(429, {{"error", "too much waits already; try again later"}});
  answer.headers["Retry-After"] = std::to_string(queue_.seconds_to_wait());
  exchange->answer(std::move(answer));
}

Answer OpenInference::describe(const std::string& name) const {
  const auto ready = model(name);
  if (!ready) return error_answer(ready.error().code == Code::not_found ? 404 : status_of(ready.error()), ready.error());
  const infer::SessionInfo& info = (*ready)->session->info();
  Json inputs = Json::array(), outputs = Json::array();
  for (const infer::Port& p : info.inputs) inputs.push_back(port(p));
  for (const infer::Port& p : info.outputs) outputs.push_back(port(p));
  return json_answer(200, {{"name", name}, {"platform", "onnxruntime_onnx"}, {"inputs", inputs}, {"outputs", outputs}});
}

Answer OpenInference::infer(const std::string& name, const Json& body) const {
  const auto ready = model(name);
  if (!ready) return error_answer(ready.error().code == Code::not_found ? 404 : status_of(ready.error()), ready.error());
  const infer::SessionInfo& info = (*ready)->session->info();
  TensorView view;
  auto values = input_of(body, info.inputs.front(), view);
  if (!values) return error_answer(values.error());
  view.data = values->data();
  auto outputs = (*ready)->runner->run(view);
  if (!outputs) return error_answer(400, Error{outputs.error().code, name, outputs.error().expected, outputs.error().found, outputs.error().hint});
  const Json wanted = body.value("outputs", Json());
  Json told = Json::array();
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const bool asked = !wanted.is_array() || wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const Json& one) {
      return one.is_object() && one.value("name", Json()) == info.outputs[i].name;
    });
    if (!asked) continue;
    const TensorView& out = (*outputs)[i].view;
    told.push_back({{"name", info.outputs[i].name},
                    {"datatype", datatype(out.dtype)},
                    {"shape", std::vector<std::int64_t>(out.shape.begin(), out.shape.begin() + out.rank)},
                    {"data", numbers(out)}});
  }
  Json answer{{"model_name", name}};
  if (const Json id = body.value("id", Json()); id.is_string()) answer["id"] = id;
  answer["outputs"] = std::move(told);
  return json_answer(200, answer);
}

void OpenInference::add_routes(Router& router) {
  router.add("GET", "/v2", [](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    exchange->answer(json_answer(200, {{"name", "fair-edge"}, {"version", "2"}, {"extensions", Json::array()}}));
  });
  router.add("GET", "/v2/health/live", [](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    exchange->answer(json_answer(200, {{"live", true}}));
  });
  router.add("GET", "/v2/health/ready", [this](const std::shared_ptr<Exchange>& exchange, const PathValues&) {
    exchange->answer(json_answer(ready_() ? 200 : 503, {{"ready", ready_()}}));
  });
  router.add("GET", "/v2/models/{name}", [this](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
    queued(exchange, [this, name = values.at("name")] { return describe(name); });
  });
  router.add("GET", "/v2/models/{name}/ready", [this](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
    queued(exchange, [this, name = values.at("name")] {
      Answer described = describe(name);
      return described.status == 200 ? json_answer(200, {{"name", name}, {"ready", true}}) : described;
    });
  });
  router.add("POST", "/v2/models/{name}/infer", [this](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
    auto body = json_body(exchange->request(), most_body_bytes);
    if (!body) return exchange->answer(std::move(body).error());
    queued(exchange, [this, name = values.at("name"), document = std::move(*body)] { return infer(name, document); });
  });
}

}  // namespace fair::serve
