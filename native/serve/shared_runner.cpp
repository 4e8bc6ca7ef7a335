#include "native/serve/shared_runner.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace fair::serve {
namespace {

bool same_window(const TensorView& a, const TensorView& b) {
  return a.rank == b.rank && a.rank > 0 && a.dtype == DType::f32 && b.dtype == DType::f32 &&
         std::equal(a.shape.begin() + 1, a.shape.begin() + a.rank, b.shape.begin() + 1);
}

/// Rows `first` to `first + count` of an output.
infer::Output part_of(const infer::Output& whole, std::int64_t first, std::int64_t count) {
  infer::Output part = whole;
  const auto bytes = static_cast<std::size_t>(whole.view.elements() / whole.view.shape[0]) * size_of(whole.view.dtype);
  part.view.shape[0] = count;
  part.view.data = static_cast<char*>(whole.view.data) + static_cast<std::size_t>(first) * bytes;
  return part;
}

}  // namespace

SharedRunner::SharedRunner(infer::Runner& session, std::int64_t most_windows, bool joins)
    : session_(session),
      most_windows_(most_windows),
      lanes_(session.lanes() * static_cast<int>(joins ? most_windows : 1)),
      free_lanes_(session.lanes()),
      joins_(joins && most_windows > 1) {}

int SharedRunner::lanes() const { return lanes_; }

SharedRunner::Counts SharedRunner::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Result<std::vector<infer::Output>> SharedRunner::run(const TensorView& input) {
  Waiting mine{&input, fail(Code::internal, "model", "outputs", "none"), {}};
  std::unique_lock lock(mutex_);
  if (free_lanes_ > 0) {
    --free_lanes_;
  } else {
    line_.push_back(&mine);
    mine.changed.wait(lock, [&] { return mine.done || mine.has_lane; });
    if (mine.done) return std::move(mine.outputs);
  }
  const std::vector<Waiting*> together = together_with(mine);
  lock.unlock();
  try {
    run_together(together);
  } catch (const std::exception& exception) {  // no memory for what is joined, say: the lane and the others must not hang on it
    for (Waiting* one : together) one->outputs = fail(Code::internal, "model", "no exception", exception.what());
  }
  lock.lock();
  for (Waiting* one : together) {
    one->done = true;
    if (one != &mine) one->changed.notify_one();
  }
  // The lane is handed on, not set free: nobody who comes now passes those who wait.
  if (line_.empty()) {
    ++free_lanes_;
  } else {
    line_.front()->has_lane = true;
    line_.front()->changed.notify_one();
    line_.pop_front();
  }
  return std::move(mine.outputs);
}

std::vector<SharedRunner::Waiting*> SharedRunner::together_with(Waiting& first) {
  std::vector<Waiting*> out{&first};
  std::int64_t windows = first.input->shape[0];
  for (auto next = line_.begin(); joins_ && next != line_.end();) {
    const TensorView& input = *(*next)->input;
    if (windows + input.shape[0] > most_windows_ || !same_window(*first.input, input)) {
      ++next;
      continue;
    }
    windows += input.shape[0];
    out.push_back(*next);
    next = line_.erase(next);
  }
  ++counts_.runs;
  counts_.windows += static_cast<std::uint64_t>(windows);
  return out;
}

void SharedRunner::run_together(const std::vector<Waiting*>& together) {
  if (together.size() == 1) {
    together.front()->outputs = session_.run(*together.front()->input);
    return;
  }
  TensorView joined = *together.front()->input;
  joined.shape[0] = 0;
  for (const Waiting* one : together) joined.shape[0] += one->input->shape[0];
  std::vector<float> values(static_cast<std::size_t>(joined.elements()));
  joined.data = values.data();
  auto* at = values.data();
  for (const Waiting* one : together) {
    const auto count = static_cast<std::size_t>(one->input->elements());
    std::memcpy(at, one->input->data, count * sizeof(float));
    at += count;
  }
  auto outputs = session_.run(joined);
  const bool splits = outputs && std::all_of(outputs->begin(), outputs->end(), [&](const infer::Output& output) {
                        return output.view.rank > 0 && output.view.shape[0] == joined.shape[0];
                      });
  if (!splits) {
    // Each by itself: the fault of one window is not another request's.
    for (Waiting* one : together) one->outputs = session_.run(*one->input);
    if (outputs) {
      const std::lock_guard lock(mutex_);
      joins_ = false;
    }
    return;
  }
  std::int64_t first = 0;
  for (Waiting* one : together) {
    std::vector<infer::Output> mine;
    for (const infer::Output& output : *outputs) mine.push_back(part_of(output, first, one->input->shape[0]));
    one->outputs = std::move(mine);
    first += one->input->shape[0];
  }
}

}  // namespace fair::serve
