// ONNX Runtime sessions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stac/model_spec.h"
#include "native/infer/runner.h"

namespace fair::infer {

struct SessionOptions {
  std::string device = "auto";  ///< auto | cpu | cuda; auto takes CUDA where this ONNX Runtime and machine have it
  int threads = 0;              ///< on the CPU, of all runs together; 0: one a core
  /// Runs that go on side by side and share the threads: on two cores 10 % ahead of one run at a time on both, and nobody waits for a thread that
  /// makes polygons just then. Held in memory once a lane. 0: one a thread, 8 at most, what many windows want; a window alone is done sooner with 1.
  int lanes = 0;
  /// Idle threads of a run busy-wait for the next piece of work, until the run ends: 5 to 10 % faster where the cores are ours alone. Off, a run
  /// comes ahead where other programs keep the cores busy.
  bool spinning = true;
  bool optimised = true;  ///< nodes fused and rewritten; false: each runs as it stands in the file, for comparisons
};

/// One input or output as the graph declares it; free sizes are -1.
struct Port {
  std::string name;
  std::int32_t type = 0;  ///< TensorProto.DataType
  std::vector<std::int64_t> shape;
};

struct SessionInfo {
  std::string path;
  std::string provider;  ///< the one in use: CPUExecutionProvider, CUDAExecutionProvider
  std::string version;   ///< ONNX Runtime's
  int threads = 0, lanes = 1;
  double create_ms = 0;  ///< reading and optimising the graph
  std::vector<Port> inputs, outputs;
};

/// A model ready to run. Float16 graphs take and give f32: values are converted on the way.
class Session final : public Runner {
 public:
  /// Errors: no such file; truncated or damaged; an operator this ONNX Runtime lacks (with its node); a device that is not there; not exactly one
  /// input.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const std::filesystem::path& model, const SessionOptions& options = {});
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const SessionInfo& info() const;
  /// The item's spec with what the graph fixes filled in (batch size, free sizes), after checking that the two agree in bands, sizes and
  /// classes. Run windows of this spec only.
  [[nodiscard]] Result<stac::ModelSpec> fit(const stac::ModelSpec& spec) const;
  /// Windows a batch that are fastest: the graph's own where it is fixed; 1 side by side; 8 where threads share a run (they meet less often then,
  /// and fetching still overlaps).
  [[nodiscard]] std::int32_t suggested_batch() const;

  [[nodiscard]] int lanes() const override;
  [[nodiscard]] Result<std::vector<Output>> run(const TensorView& input) override;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Version of the ONNX Runtime library in use, and the providers it was built with.
[[nodiscard]] std::string runtime_version();
[[nodiscard]] std::vector<std::string> runtime_providers();

}  // namespace fair::infer
