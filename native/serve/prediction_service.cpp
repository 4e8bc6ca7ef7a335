#include "native/serve/prediction_service.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "core/pipeline/inference_parameters.h"
#include "core/vector/geojson.h"
#include "native/infer/driver.h"
#include "native/io/tile_imagery.h"
#include "native/serve/answers.h"
#include "native/serve/body.h"
#include "native/serve/prediction_request.h"

namespace fair::serve {
namespace {

constexpr std::size_t stream_piece = std::size_t{32} << 10U;

/// The whole collection, answered at once.
class CollectionSink final : public infer::FeatureSink {
 public:
  explicit CollectionSink(std::string output_name) : output_name_(std::move(output_name)) {}
  Result<> write(std::vector<vector::Feature>&& features) override {
    for (const vector::Feature& feature : features) {
      if (text_.size() > head_.size()) text_ += ",\n";
      vector::append_text(text_, feature, output_name_);
    }
    return {};
  }
  Result<> finish() override {
    text_ += "]}";
    return {};
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  const std::string head_ = R"({"type":"FeatureCollection","features":[)";
  std::string output_name_, text_ = head_;
};

/// Features as they close. The head is sent with the first of them, so that what fails before can still be answered with a status.
class SequenceSink final : public infer::FeatureSink {
 public:
  SequenceSink(Exchange& exchange, std::string output_name) : exchange_(exchange), output_name_(std::move(output_name)) {}
  Result<> write(std::vector<vector::Feature>&& features) override {
    for (const vector::Feature& feature : features) {
      text_ += '\x1e';
      vector::append_text(text_, feature, output_name_);
      text_ += '\n';
      if (text_.size() > stream_piece) FAIR_TRY(flush());
    }
    return flush();
  }
  Result<> finish() override {
    begin();
    exchange_.end(true);
    return {};
  }
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  void begin() {
    if (!std::exchange(begun_, true)) exchange_.begin({200, "application/geo+json-seq", "", {{"Cache-Control", "no-store"}}, {}});
  }
  Result<> flush() {
    if (text_.empty()) return {};
    begin();
    if (!exchange_.write(std::exchange(text_, {}))) return fail(Code::cancelled, "prediction", "a client that listens", "one that left");
    return {};
  }
  Exchange& exchange_;
  std::string output_name_, text_;
  bool begun_ = false;
};

}  // namespace

struct PredictionService::Ticket {
  std::shared_ptr<Exchange> exchange;
  std::string service;
  bool stream = false;
  PredictionRequest request;
  std::atomic<bool> stop{false}, late{false}, left{false};
  std::atomic<std::uint64_t> number{0};
};

PredictionService::PredictionService(ModelShelf& shelf, SessionCache& sessions, std::shared_ptr<const http::Client> client,
                                     const PredictionLimits& limits)
    : shelf_(shelf),
      sessions_(sessions),
      client_(std::move(client)),
      limits_(limits),
      queue_(limits.at_once > 0 ? limits.at_once : 2 * std::max(1, static_cast<int>(std::thread::hardware_concurrency())), limits.waiting) {}

void PredictionService::handle(const std::shared_ptr<Exchange>& exchange, const std::string& service) {
  const Request& asked = exchange->request();
  const auto refuse = [&](const Error& error) {
    ++counts_.refused;
    exchange->answer(error_answer(error));
  };
  auto body = json_body(asked);
  if (!body) {
    ++counts_.refused;
    return exchange->answer(std::move(body).error());
  }
  auto request = PredictionRequest::from_json(*body);
  if (!request) return refuse(request.error());
  auto ticket = std::make_shared<Ticket>();
  ticket->exchange = exchange;
  ticket->service = service;
  const auto stream = asked.query.find("stream");
  ticket->stream = stream != asked.query.end() && stream->second != "0" && stream->second != "false";
  ticket->request = std::move(*request);
  const auto number = queue_.add([this, ticket] { work(ticket); });
  if (!number) {
    ++counts_.refused;
    Answer answer = json_answer(429, {{"error", "too many predictions wait already; try again later"}});
    answer.headers["Retry-After"] = std::to_string(queue_.seconds_to_wait());
    return exchange->answer(std::move(answer));
  }
  ticket->number = *number;
  const std::weak_ptr<Ticket> watched = ticket;
  exchange->watch(limits_.seconds, [this, watched](Exchange::End end) {
    const auto t = watched.lock();
    if (!t) return;
    (end == Exchange::End::late ? t->late : t->left) = true;
    t->stop = true;
    if (!queue_.forget(t->number)) return;
    ++(end == Exchange::End::late ? counts_.late : counts_.abandoned);
    t->exchange->answer(json_answer(504, {{"error", "the prediction did not get its turn in time"}}));
  });
}

void PredictionService::work(const std::shared_ptr<Ticket>& ticket) {
  Result<> done;
  try {
    done = predict(*ticket);
  } catch (const std::bad_alloc&) {
    done = fail(Code::internal, "memory", "enough for this prediction", "none was left", "ask for a smaller area");
  } catch (const std::exception& exception) {
    done = fail(Code::internal, "prediction", "no exception", exception.what());
  }
  if (done) return;
  if (ticket->late) {
    ++counts_.late;
    ticket->exchange->answer(
        json_answer(504, {{"error", "the prediction took longer than " + Json(limits_.seconds).dump() + " s; ask for a smaller area"}}));
  } else if (ticket->left) {
    ++counts_.abandoned;
  } else {
    ++counts_.failed;
    ticket->exchange->answer(error_answer(done.error()));
  }
  ticket->exchange->end(false);  // where features were sent already
}

Result<> PredictionService::predict(Ticket& ticket) {
  const PredictionRequest& request = ticket.request;
  if (ticket.stop) return fail(Code::cancelled, "prediction", "to begin", "a client that left");
  FAIR_TRY_ASSIGN(const launch::ChosenModel chosen, shelf_.find(request.model_uri, ticket.service, &ticket.stop));
  // Errors are a stranger's to read: they name the model as the request does, not where its file lies.
  const auto named = [&](Error error) {
    const std::string path = chosen.onnx.string();
    for (std::string* part : {&error.thing, &error.expected, &error.found, &error.hint}) {
      for (std::size_t at = part->find(path); at != std::string::npos; at = part->find(path)) part->replace(at, path.size(), chosen.id);
    }
    return fail(std::move(error));
  };
  FAIR_TRY_ASSIGN(const run::HyperparameterSpec known, chosen.hyperparameters());
  FAIR_TRY_ASSIGN(const run::Hyperparameters values, known.with_values(request.params));

  io::TileRequest tiles;
  tiles.address = request.image_uri;
  tiles.box = request.box;
  tiles.zoom = request.zoom;
  tiles.tile_size = request.tile_size;
  tiles.most_tiles = limits_.tiles;
  io::FetchOptions fetching;
  fetching.connections = limits_.connections_a_request;
  fetching.client = client_;
  fetching.stop = &ticket.stop;
  FAIR_TRY_ASSIGN(const auto sources, io::open_tiles(tiles, fetching));

  auto ready = sessions_.get(chosen.onnx, chosen.spec);
  if (!ready) return named(std::move(ready).error());
  const ReadyModel& model = **ready;
  FAIR_TRY_ASSIGN(const auto plugin, shelf_.plugin_for(model.spec));
  infer::PredictOptions options;
  FAIR_TRY_ASSIGN(options.inference, pipeline::inference_options(model.spec, values.inference));
  // Requests' windows meet in the shared runner; larger batches of their own would only make others wait.
  options.inference.batch_size = 1;
  options.stop = &ticket.stop;
  const auto run = [&](infer::FeatureSink& sink) -> Result<> {
    auto report = infer::predict(model.spec, plugin, *model.runner, sources, sink, options);
    if (!report) return named(std::move(report).error());
    counts_.windows += static_cast<std::uint64_t>(report->windows_run);
    counts_.features += static_cast<std::uint64_t>(report->features);
    counts_.tiles += static_cast<std::uint64_t>(report->blocks);
    ++counts_.done;
    return {};
  };
  if (ticket.stream) {
    SequenceSink sink(*ticket.exchange, model.spec.output.name);
    return run(sink);
  }
  CollectionSink sink(model.spec.output.name);
  FAIR_TRY(run(sink));
  ticket.exchange->answer({200, "application/geo+json", sink.take(), {{"Cache-Control", "no-store"}}, {}});
  return {};
}

}  // namespace fair::serve
