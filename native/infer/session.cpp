#include "native/infer/session.h"

#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstring>
#include <regex>
#include <thread>

#include "core/pipeline/graph_fit.h"

namespace fair::infer {
namespace {

using Clock = std::chrono::steady_clock;

void ORT_API_CALL drop_log(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

/// One for the process, made when the first session is. What it would log comes back as errors.
Ort::Env& environment() {
  static Ort::Env env = [] {
    Ort::Env made(ORT_LOGGING_LEVEL_ERROR, "fair", drop_log, nullptr);
    made.DisableTelemetryEvents();
    return made;
  }();
  return env;
}

/// ONNX Runtime's own words on one line.
std::string one_line(std::string text) {
  constexpr std::size_t longest = 400;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.size() > longest ? text.substr(0, longest) + " …" : text;
}

/// ONNX Runtime's refusals in our words. Its text names the node of an unknown operator.
Error refusal(const std::string& path, const Ort::Exception& exception) {
  const std::string said = exception.what();
  std::smatch match;
  static const std::regex node(R"re(In Node, \("([^"]*)", ([^,]*), "([^"]*)")re");
  static const std::regex no_op(R"re(No Op registered for (\S+) with domain_version of (\S+))re");
  static const std::regex not_registered(R"re((\S+)\(-?\d+\) is not a registered function/op)re");
  static const std::regex not_implemented(R"re(Could not find an implementation for (\S+) node with name '([^']*)')re");
  static const std::regex newer(R"re(Unsupported model IR version: (\d+), max supported IR version: (\d+))re");
  const std::string lacking = "export the model with operators of the standard set, opset 18 or earlier";
  if (std::regex_search(said, match, not_implemented)) {
    std::string op = match[1].str();
    return {Code::unsupported, path, "operators that ONNX Runtime has", "node '" + match[2].str() + "' with operator " + op, lacking};
  }
  std::smatch op;
  if (std::regex_search(said, op, no_op) || std::regex_search(said, op, not_registered)) {
    const std::string where =
        std::regex_search(said, match, node) && match[1].length() > 0 ? "node '" + match[1].str() + "' with operator " : "operator ";
    return {Code::unsupported, path, "operators that ONNX Runtime has", where + op[1].str(), lacking};
  }
  if (std::regex_search(said, match, newer)) {
    return {Code::unsupported, path, "ONNX IR version " + match[2].str() + " or earlier", match[1].str(),
            "export the model with an earlier IR version"};
  }
  switch (exception.GetOrtErrorCode()) {
    case ORT_NO_SUCHFILE: return {Code::not_found, path, "an ONNX model", "no such file", "check the path"};
    case ORT_INVALID_PROTOBUF: return {Code::invalid, path, "a complete ONNX model", "a truncated or damaged file", "fetch or export it again"};
    default: return {Code::invalid, path, "an ONNX model that ONNX Runtime accepts", one_line(said), "check it with the tool that exported it"};
  }
}

Port port(std::string name, const Ort::TypeInfo& type) {
  Port out;
  out.name = std::move(name);
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return out;
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  out.type = tensor.GetElementType();
  out.shape = tensor.GetShape();
  return out;
}

constexpr int most_lanes = 8;

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

struct Session::State {
  SessionInfo info;
  Ort::Session session{nullptr};
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::RunOptions run_options;
  std::vector<const char*> input_names, output_names;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const std::filesystem::path& model, const SessionOptions& options) {
  const auto start = Clock::now();
  std::error_code error;
  const auto size = std::filesystem::file_size(model, error);
  if (error) return fail(Code::not_found, model.string(), "an ONNX model", error.message(), "check the path");
  if (size == 0) return fail(Code::invalid, model.string(), "an ONNX model", "an empty file", "fetch or export it again");
  if (options.device != "auto" && options.device != "cpu" && options.device != "cuda") {
    return fail(Code::usage, "device", "auto, cpu or cuda", options.device);
  }
  auto state = std::make_unique<State>();
  SessionInfo& info = state->info;
  info.path = model.string();
  try {
    Ort::Env& env = environment();
    const auto make = [&](bool cuda) {
      Ort::SessionOptions settings;
      info.threads = options.threads > 0 ? options.threads : cores();
      info.lanes = cuda ? 1 : std::clamp(options.lanes > 0 ? options.lanes : most_lanes, 1, info.threads);
      // Each lane's own thread takes part in its run; ONNX Runtime's are shared by all of them.
      settings.SetIntraOpNumThreads(info.threads - info.lanes + 1);
      settings.SetInterOpNumThreads(1);
      settings.SetExecutionMode(ORT_SEQUENTIAL);
      settings.SetGraphOptimizationLevel(options.optimised ? ORT_ENABLE_ALL : ORT_DISABLE_ALL);
      settings.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, options.spinning ? "1" : "0");
      // Between two runs the cores are wanted for fetching and vectorising.
      settings.AddConfigEntry(kOrtSessionOptionsConfigForceSpinningStop, "1");
      if (cuda) {
        OrtCUDAProviderOptionsV2* made = nullptr;
        Ort::ThrowOnError(Ort::GetApi().CreateCUDAProviderOptions(&made));
        const std::unique_ptr<OrtCUDAProviderOptionsV2, void (*)(OrtCUDAProviderOptionsV2*)> provider(made, Ort::GetApi().ReleaseCUDAProviderOptions);
        const char* keys[] = {"cudnn_conv_algo_search"};
        const char* values[] = {"HEURISTIC"};  // windows are all of one size: an exhaustive search costs seconds at each start
        Ort::ThrowOnError(Ort::GetApi().UpdateCUDAProviderOptions(made, keys, values, 1));
        settings.AppendExecutionProvider_CUDA_V2(*provider);
      }
      state->session = Ort::Session(env, model.c_str(), settings);
      info.provider = cuda ? "CUDAExecutionProvider" : "CPUExecutionProvider";
    };
    const std::vector<std::string> built = Ort::GetAvailableProviders();
    const bool has_cuda = std::find(built.begin(), built.end(), "CUDAExecutionProvider") != built.end();
    if (options.device == "cuda" && !has_cuda) {
      return fail(Code::unsupported, "device cuda", "an ONNX Runtime built with CUDA", "one without",
                  "install ONNX Runtime for GPUs, or use --device cpu");
    }
    bool made = false;
    if (options.device != "cpu" && has_cuda) {
      try {
        make(true);
        made = true;
      } catch (const Ort::Exception& exception) {
        // A provider that cannot start (no driver, no GPU) is the machine's affair; a bad model fails again below.
        if (options.device == "cuda") {
          return fail(Code::unsupported, "device cuda", "a GPU that ONNX Runtime can use", one_line(exception.what()), "use --device cpu");
        }
      }
    }
    if (!made) make(false);

    info.version = runtime_version();
    Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < state->session.GetInputCount(); ++i) {
      info.inputs.push_back(port(state->session.GetInputNameAllocated(i, allocator).get(), state->session.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < state->session.GetOutputCount(); ++i) {
      info.outputs.push_back(port(state->session.GetOutputNameAllocated(i, allocator).get(), state->session.GetOutputTypeInfo(i)));
    }
  } catch (const Ort::Exception& exception) {
    return fail(refusal(info.path, exception));
  }
  if (info.inputs.size() != 1) {
    std::string names;
    for (const Port& p : info.inputs) names += (names.empty() ? "" : ", ") + p.name;
    return fail(Code::unsupported, info.path, "one input, the image", std::to_string(info.inputs.size()) + ": " + names,
                "export the model with the image as its only input");
  }
  const std::int32_t type = info.inputs.front().type;
  if (type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
    return fail(Code::unsupported, "input '" + info.inputs.front().name + "' of " + info.path, "float32 or float16",
                "element type " + std::to_string(type) + " of ONNX", "export the model with a floating-point input");
  }
  for (const Port& p : info.inputs) state->input_names.push_back(p.name.c_str());
  for (const Port& p : info.outputs) state->output_names.push_back(p.name.c_str());
  info.create_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

const SessionInfo& Session::info() const { return state_->info; }

Result<stac::ModelSpec> Session::fit(const stac::ModelSpec& spec) const {
  const Port& in = state_->info.inputs.front();
  const Port& out = state_->info.outputs.front();
  return pipeline::fit_to_graph({in.name, in.shape}, {out.name, out.shape}, spec);
}

std::int32_t Session::suggested_batch() const {
  const auto& shape = state_->info.inputs.front().shape;
  if (!shape.empty() && shape.front() > 0) return static_cast<std::int32_t>(shape.front());
  return state_->info.lanes > 1 ? 1 : 8;
}

int Session::lanes() const { return state_->info.lanes; }

Result<std::vector<Output>> Session::run(const TensorView& input) {
  State& s = *state_;
  try {
    const auto elements = static_cast<std::size_t>(input.elements());
    Ort::Value in{nullptr};
    std::vector<Ort::Float16_t> half_input;
    if (s.info.inputs.front().type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
      half_input.resize(elements);
      std::transform(input.as<const float>(), input.as<const float>() + elements, half_input.begin(), [](float v) { return Ort::Float16_t(v); });
      in = Ort::Value::CreateTensor<Ort::Float16_t>(s.memory, half_input.data(), elements, input.shape.data(), static_cast<std::size_t>(input.rank));
    } else {
      in = Ort::Value::CreateTensor<float>(s.memory, input.as<float>(), elements, input.shape.data(), static_cast<std::size_t>(input.rank));
    }
    std::vector<Ort::Value> values = s.session.Run(s.run_options, s.input_names.data(), &in, 1, s.output_names.data(), s.output_names.size());

    std::vector<Output> outputs;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto type = values[i].GetTensorTypeAndShapeInfo();
      const std::vector<std::int64_t> shape = type.GetShape();
      if (shape.size() > TensorView::max_rank) {
        return fail(Code::unsupported, "output '" + s.info.outputs[i].name + "'", "at most 8 axes", std::to_string(shape.size()));
      }
      Output out;
      out.view.rank = static_cast<std::int32_t>(shape.size());
      std::copy(shape.begin(), shape.end(), out.view.shape.begin());
      switch (type.GetElementType()) {
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: out.view.dtype = DType::f32; break;
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: out.view.dtype = DType::i64; break;
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8: out.view.dtype = DType::u8; break;
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: out.view.dtype = DType::f64; break;
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32: {
          auto wide = std::make_shared<std::vector<std::int64_t>>(static_cast<std::size_t>(out.view.elements()));
          std::copy_n(values[i].GetTensorData<std::int32_t>(), wide->size(), wide->begin());
          out.view.dtype = DType::i64;
          out.view.data = wide->data();
          out.owner = std::move(wide);
          break;
        }
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: out.view.dtype = DType::u8; break;
        case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16: {
          auto full = std::make_shared<std::vector<float>>(static_cast<std::size_t>(out.view.elements()));
          const auto* half = values[i].GetTensorData<Ort::Float16_t>();
          std::transform(half, half + full->size(), full->begin(), [](Ort::Float16_t v) { return v.ToFloat(); });
          out.view.dtype = DType::f32;
          out.view.data = full->data();
          out.owner = std::move(full);
          break;
        }
        default:
          return fail(Code::unsupported, "output '" + s.info.outputs[i].name + "'", "floating-point, integer or truth values",
                      "element type " + std::to_string(type.GetElementType()) + " of ONNX");
      }
      if (!out.owner) {
        auto kept = std::make_shared<Ort::Value>(std::move(values[i]));
        out.view.data = kept->GetTensorMutableRawData();
        out.owner = std::move(kept);
      }
      outputs.push_back(std::move(out));
    }
    return outputs;
  } catch (const Ort::Exception& exception) {
    return fail(Code::invalid, s.info.path, "a run without errors", one_line(exception.what()), "check that the item's shapes are the model's");
  }
}

std::string runtime_version() { return OrtGetApiBase()->GetVersionString(); }

std::vector<std::string> runtime_providers() { return Ort::GetAvailableProviders(); }

}  // namespace fair::infer
