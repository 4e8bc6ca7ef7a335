#include "native/infer/driver.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "native/infer/workers.h"

namespace fair::infer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t jobs_at_once = 4;  // sources begun and not yet done
constexpr int events_at_once = 16;

/// One source on its way.
struct Job {
  std::size_t index = 0;
  BlockSource* source = nullptr;
  pipeline::Inference inference;
};

class Driver {
 public:
  Driver(const stac::ModelSpec& model, const std::shared_ptr<plugin::ModelPlugin>& plugin, Runner& runner,
         const std::vector<std::unique_ptr<BlockSource>>& sources, FeatureSink& sink, const PredictOptions& options)
      : model_(model),
        plugin_(plugin),
        sources_(sources),
        sink_(sink),
        options_(options),
        batches_in_flight_(std::max(options.inference.batches_in_flight, runner.lanes() + 1)),
        fetch_threads_(fetch_threads(sources, options)),
        workers_(runner, fetch_threads_) {}

  Result<PredictReport> run() {
    while (next_source_ < sources_.size() || !jobs_.empty()) {
      if (options_.stop != nullptr && options_.stop->load()) return fail(Code::cancelled, "prediction", "to run to its end", "a request to stop");
      FAIR_TRY(hand_out());
      FAIR_TRY(retire());
      tell(false);
      if (workers_.fetching() + workers_.running() > 0) {
        FAIR_TRY(take_in());
      } else if (const std::int64_t steps = windows_done() + static_cast<std::int64_t>(next_source_); steps > stalled_at_) {
        stalled_at_ = steps;  // only windows without imagery passed by
      } else if (!jobs_.empty()) {
        return fail(Code::internal, jobs_.front().source->name(), "windows to go on", "none, after " + std::to_string(windows_done()));
      }
    }
    FAIR_TRY(sink_.finish());
    report_.seconds = seconds();
    tell(true);
    return report_;
  }

 private:
  static int fetch_threads(const std::vector<std::unique_ptr<BlockSource>>& sources, const PredictOptions& options) {
    if (options.fetch_threads > 0) return options.fetch_threads;
    int threads = 1;
    for (const auto& source : sources) threads = std::max(threads, source->useful_threads());
    return std::min(threads, 64);
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Result<> begin_next() {
    BlockSource& source = *sources_[next_source_];
    pipeline::InferenceOptions options = options_.inference;
    options.windows_ahead = std::max(options.windows_ahead, static_cast<std::int32_t>(fetches_ahead()));
    options.batches_in_flight = batches_in_flight_;
    name_source(next_source_, sources_.size(), source.grid(), options);
    if (options_.shard != nullptr) {
      options.shard = share_of(options_.shard->header(), next_source_);
      options.shard.sink = &options_.shard->sink(next_source_);
    }
    auto inference = pipeline::Inference::create(model_, plugin_, source.grid(), options);
    if (!inference) {
      Error error = std::move(inference).error();
      error.thing = source.name() + ": " + error.thing;
      return fail(std::move(error));
    }
    for (const std::string& warning : inference->warnings()) {
      if (std::find(report_.warnings.begin(), report_.warnings.end(), warning) == report_.warnings.end()) report_.warnings.push_back(warning);
    }
    report_.windows += inference->progress().windows_total;
    jobs_.push_back({next_source_++, &source, std::move(*inference)});
    return {};
  }

  /// Keeps the threads supplied: batches first, then blocks, and a further source when those begun leave fetch threads idle.
  Result<> hand_out() {
    for (std::size_t i = 0;; ++i) {
      if (i == jobs_.size()) {
        const bool idle = workers_.fetching() < fetches_ahead() && jobs_.size() < jobs_at_once;
        if (!idle || next_source_ == sources_.size()) return {};
        FAIR_TRY(begin_next());
      }
      Job& job = jobs_[i];
      // The pipeline's memory for outputs is bounded job by job; of all jobs only as many batches wait as keep the runner busy.
      for (;;) {
        if (workers_.fetching() < fetches_ahead()) {
          for (const pipeline::Block block : job.inference.next_blocks(fetches_ahead() - workers_.fetching()))
            workers_.fetch(job.index, *job.source, block);
        }
        const auto windows_before = job.inference.progress().windows_done;
        if (workers_.running() < static_cast<std::size_t>(batches_in_flight_)) {
          FAIR_TRY_ASSIGN(const std::optional<pipeline::Batch> batch, job.inference.next_batch());
          if (batch) {
            workers_.run(job.index, *batch);
            ++report_.batches;
            report_.windows_run += batch->windows;
            continue;
          }
        }
        if (job.inference.progress().windows_done == windows_before) break;
      }
    }
  }

  /// Waits for an event and takes in those that are there; some at a time, so that requests to stop are heard while they keep coming.
  Result<> take_in() {
    int left = events_at_once;
    for (std::optional<Event> event = workers_.next(100); event; event = --left > 0 ? workers_.next(0) : std::nullopt) {
      if (auto* fetched = std::get_if<Fetched>(&*event)) {
        FAIR_TRY_ASSIGN(const std::optional<raster::Image> image, std::move(fetched->image));
        ++report_.blocks;
        if (!image) ++report_.blocks_missing;
        Job& job = find(fetched->owner);
        std::optional<raster::ImageView> view;
        if (image) view = image->view();
        if (auto given = job.inference.give_block(fetched->block, view); !given) {
          Error error = std::move(given).error();
          error.thing = job.source->name() + ": " + error.thing;
          return fail(std::move(error));
        }
      } else {
        auto& ran = std::get<Ran>(*event);
        FAIR_TRY_ASSIGN(const std::vector<Output> outputs, std::move(ran.outputs));
        report_.run_ms += ran.milliseconds;
        // The runner goes on with the next batch while this one's outputs are worked on.
        FAIR_TRY(hand_out());
        std::vector<TensorView> views;
        for (const Output& output : outputs) views.push_back(output.view);
        FAIR_TRY(find(ran.owner).inference.give_outputs(ran.batch, views));
        FAIR_TRY(write());
      }
    }
    return {};
  }

  Job& find(std::size_t index) {
    return *std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.index == index; });
  }

  /// Writes what the first job has finished; later jobs keep theirs until it is their turn.
  Result<> write() {
    std::vector<vector::Feature> features = jobs_.front().inference.take_features();
    if (features.empty()) return {};
    report_.features += static_cast<std::int64_t>(features.size());
    return sink_.write(std::move(features));
  }

  Result<> retire() {
    while (!jobs_.empty()) {
      FAIR_TRY(write());
      if (!jobs_.front().inference.done()) return {};
      const pipeline::Progress progress = jobs_.front().inference.progress();
      windows_retired_ += progress.windows_done;
      if (options_.shard != nullptr) FAIR_TRY(options_.shard->reach(jobs_.front().index + 1));
      jobs_.pop_front();
    }
    return {};
  }

  std::size_t fetches_ahead() const { return 2 * static_cast<std::size_t>(fetch_threads_); }

  std::int64_t windows_done() const {
    std::int64_t done = windows_retired_;
    for (const Job& job : jobs_) done += job.inference.progress().windows_done;
    return done;
  }

  void tell(bool last) {
    if (!options_.on_progress) return;
    const double now = seconds();
    if (!last && now - told_ < 0.1) return;
    told_ = now;
    PredictProgress progress;
    progress.windows_done = windows_done();
    progress.windows_total = report_.windows;
    progress.blocks_done = report_.blocks;
    progress.sources_done = next_source_ - jobs_.size();
    progress.sources_total = sources_.size();
    progress.features = report_.features;
    progress.seconds = now;
    options_.on_progress(progress);
  }

  const stac::ModelSpec& model_;
  const std::shared_ptr<plugin::ModelPlugin>& plugin_;
  const std::vector<std::unique_ptr<BlockSource>>& sources_;
  FeatureSink& sink_;
  const PredictOptions& options_;
  const Clock::time_point start_ = Clock::now();
  PredictReport report_;
  std::int32_t batches_in_flight_;  ///< each lane's, and one that waits
  int fetch_threads_;
  std::size_t next_source_ = 0;
  std::int64_t windows_retired_ = 0, stalled_at_ = -1;
  double told_ = -1;
  std::deque<Job> jobs_;  ///< in source order; outlives the workers below, which use their memory
  Workers workers_;
};

}  // namespace

Result<PredictReport> predict(const stac::ModelSpec& model, const std::shared_ptr<plugin::ModelPlugin>& plugin, Runner& runner,
                              const std::vector<std::unique_ptr<BlockSource>>& sources, FeatureSink& sink, const PredictOptions& options) {
  if (sources.empty()) return fail(Code::not_found, "imagery", "at least one source", "none");
  return Driver(model, plugin, runner, sources, sink, options).run();
}

}  // namespace fair::infer
