#include "native/infer/workers.h"

#include <chrono>
#include <exception>
#include <utility>

namespace fair::infer {
namespace {

/// Sources and runners promise errors as values; a library below them may still throw, and a thread must not die of it.
template <class F>
auto guarded(const std::string& thing, F&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& exception) {
    return fail(Code::internal, thing, "no exception", exception.what());
  }
}

}  // namespace

Workers::Workers(Runner& runner, int fetch_threads) : runner_(runner) {
  for (int i = 0; i < fetch_threads; ++i) threads_.emplace_back([this] { fetch_loop(); });
  for (int i = 0; i < runner.lanes(); ++i) threads_.emplace_back([this] { run_loop(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    fetch_jobs_.clear();
    run_jobs_.clear();
  }
  fetch_wanted_.notify_all();
  run_wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::fetch(std::size_t owner, BlockSource& source, pipeline::Block block) {
  {
    const std::lock_guard lock(mutex_);
    fetch_jobs_.push_back({owner, &source, block});
  }
  ++fetching_;
  fetch_wanted_.notify_one();
}

void Workers::run(std::size_t owner, const pipeline::Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    run_jobs_.push_back({owner, batch.id, batch.input});
  }
  ++running_;
  run_wanted_.notify_one();
}

std::optional<Event> Workers::next(int milliseconds) {
  std::unique_lock lock(mutex_);
  happened_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return !events_.empty(); });
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  --(std::holds_alternative<Fetched>(event) ? fetching_ : running_);
  return event;
}

void Workers::report(Event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  happened_.notify_one();
}

void Workers::fetch_loop() {
  for (;;) {
    FetchJob job{};
    {
      std::unique_lock lock(mutex_);
      fetch_wanted_.wait(lock, [this] { return closing_ || !fetch_jobs_.empty(); });
      if (closing_) return;
      job = fetch_jobs_.front();
      fetch_jobs_.pop_front();
    }
    report(Fetched{job.owner, job.block,
                   guarded(job.source->name(), [&]() -> Result<std::optional<raster::Image>> { return job.source->fetch(job.block); })});
  }
}

void Workers::run_loop() {
  for (;;) {
    RunJob job{};
    {
      std::unique_lock lock(mutex_);
      run_wanted_.wait(lock, [this] { return closing_ || !run_jobs_.empty(); });
      if (closing_) return;
      job = run_jobs_.front();
      run_jobs_.pop_front();
    }
    const auto start = std::chrono::steady_clock::now();
    Ran ran{job.owner, job.batch, guarded("model", [&]() -> Result<std::vector<Output>> { return runner_.run(job.input); }), 0};
    ran.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    report(std::move(ran));
  }
}

}  // namespace fair::infer
