#include "native/serve/session_cache.h"

#include <malloc.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace fair::serve {
namespace {

/// Bytes that this process holds from malloc, mapped ones included.
std::uint64_t held() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

std::uint64_t growth(std::uint64_t before) {
  const std::uint64_t now = held();
  return now > before ? now - before : 0;
}

}  // namespace

Result<std::shared_ptr<ReadyModel>> SessionCache::load(const std::filesystem::path& onnx, const stac::ModelSpec& spec) const {
  auto out = std::make_shared<ReadyModel>();
  const std::uint64_t before = held();
  FAIR_TRY_ASSIGN(out->session, infer::Session::open(onnx, options_.session));
  FAIR_TRY_ASSIGN(out->spec, out->session->fit(spec));
  const std::uint64_t weights = growth(before);
  // A window of zeros: what a run holds is known then, and a model that cannot run is told before imagery is fetched for it.
  const stac::InputSpec& in = out->spec.input;
  const std::int64_t fixed = out->session->info().inputs.front().shape.empty() ? -1 : out->session->info().inputs.front().shape.front();
  TensorView input;
  input.rank = 4;
  const std::int64_t windows = std::max<std::int64_t>(1, fixed);
  if (in.layout == stac::Layout::nhwc) {
    input.shape = {windows, in.height, in.width, in.channels};
  } else {
    input.shape = {windows, in.channels, in.height, in.width};
  }
  std::vector<float> zeros(static_cast<std::size_t>(input.elements()));
  input.data = zeros.data();
  const std::uint64_t ready = held();
  FAIR_TRY(out->session->run(input));
  std::error_code ignored;
  const std::uint64_t file = std::filesystem::file_size(onnx, ignored);
  out->bytes = std::max(weights, file) + growth(ready) * static_cast<std::uint64_t>(out->session->lanes());
  const std::int64_t most = options_.most_windows > 0 ? options_.most_windows : out->session->suggested_batch();
  out->runner = std::make_unique<SharedRunner>(*out->session, most, fixed <= 0);
  return out;
}

Result<std::shared_ptr<ReadyModel>> SessionCache::get(const std::filesystem::path& onnx, const stac::ModelSpec& spec) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(onnx, error);
  if (error) return fail(Code::not_found, "the model's file", "a file", error.message(), "was it deleted?");
  const std::string key = onnx.string() + "#" + std::to_string(written.time_since_epoch().count()) + "#" + spec.id + "#" + spec.input.pre_processing +
                          "#" + spec.output.post_processing;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
      ++counts_.hits;
      found->second.used = ++clock_;
      return found->second.model;
    }
    if (!loading_) break;
    loaded_.wait(lock);
  }
  loading_ = true;
  lock.unlock();
  auto model = load(onnx, spec);
  lock.lock();
  loading_ = false;
  loaded_.notify_all();
  if (!model) return model;
  ++counts_.loads;
  entries_[key] = {*model, ++clock_};
  make_room(key);
  return model;
}

void SessionCache::make_room(const std::string& keep) {
  const auto total = [this] {
    std::uint64_t bytes = 0;
    for (const auto& [key, entry] : entries_) bytes += entry.model->bytes;
    return bytes;
  };
  while (entries_.size() > 1 && total() > options_.most_bytes) {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (at->first != keep && (oldest == entries_.end() || at->second.used < oldest->second.used)) oldest = at;
    }
    const auto runs = oldest->second.model->runner->counts();
    counts_.runs += runs.runs;
    counts_.windows += runs.windows;
    entries_.erase(oldest);
    ++counts_.evictions;
  }
}

SessionCache::Counts SessionCache::counts() const {
  const std::lock_guard lock(mutex_);
  Counts out = counts_;
  out.models = entries_.size();
  for (const auto& [key, entry] : entries_) {
    out.bytes += entry.model->bytes;
    const auto runs = entry.model->runner->counts();
    out.runs += runs.runs;
    out.windows += runs.windows;
  }
  return out;
}

}  // namespace fair::serve
