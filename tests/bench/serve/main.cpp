// fair serve under load, against the session by itself: clients that ask for 16 tiles again and again, tiles from a server beside it, all on this
// machine.
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/base/json.h"
#include "native/infer/session.h"
#include "tests/integration/cli/child.h"

namespace {

using namespace fair;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr int side = 4;  // tiles
constexpr std::int64_t window = 256;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The tiles, kept in memory: what the bench's own server costs is little, and stays in the figures.
class Tiles {
 public:
  Tiles(const fs::path& folder, int zoom, int x, int y) {
    for (int i = 0; i < side * side; ++i) {
      for (const char* ending : {".png", ".jpg", ".webp"}) {
        const std::string name = "/" + std::to_string(zoom) + "/" + std::to_string(x + i % side) + "/" + std::to_string(y + i / side);
        if (const std::string bytes = read(folder.string() + name + ending); !bytes.empty()) bytes_[name] = bytes;
      }
    }
    // A connection keeps a thread of this library; none shall wait for one.
    server_.new_task_queue = [] { return new httplib::ThreadPool(64); };
    server_.set_tcp_nodelay(true);
    server_.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      const auto found = bytes_.find(request.path);
      if (found == bytes_.end()) {
        response.status = 404;
      } else {
        response.set_content(found->second, "image/png");
      }
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Tiles() {
    server_.stop();
    thread_.join();
  }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  [[nodiscard]] std::size_t count() const { return bytes_.size(); }
  [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/{z}/{x}/{y}"; }

 private:
  std::map<std::string, std::string> bytes_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

double longitude(int x, int zoom) { return x / std::pow(2.0, zoom) * 360 - 180; }
double latitude(int y, int zoom) { return std::atan(std::sinh(M_PI * (1 - 2 * y / std::pow(2.0, zoom)))) * 180 / M_PI; }

double metric(int port, const std::string& name) {
  httplib::Client client("127.0.0.1", port);
  const auto answer = client.Get("/metrics");
  const std::size_t at = answer ? answer->body.find("\n" + name + " ") : std::string::npos;
  return at == std::string::npos ? 0 : std::atof(answer->body.c_str() + at + name.size() + 2);
}

/// Seconds of processors that a process has had so far.
double processor_seconds(const std::string& process) {
  const std::string text = read("/proc/" + process + "/stat");
  unsigned long user = 0, system = 0;
  std::sscanf(text.c_str() + text.rfind(')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// The session by itself: `windows` runs of `batch` windows between them, on all its lanes at once.
class Bare {
 public:
  Bare(const char* name, const char* model, int lanes, std::int64_t batch) : name_(name), batch_(batch) {
    infer::SessionOptions options{"cpu"};
    options.lanes = lanes;
    auto session = infer::Session::open(model, options);
    if (!session) {
      std::fprintf(stderr, "%s\n", session.error().message().c_str());
      std::exit(1);
    }
    session_ = std::move(*session);
    pixels_.resize(static_cast<std::size_t>(3 * window * window * batch));
    std::minstd_rand random(1);
    for (float& value : pixels_) value = static_cast<float>(random() % 256) / 255.0F;
    run(8 * batch);
  }
  double run(std::int64_t windows) {
    std::atomic<std::int64_t> next{0};
    const auto lane = [&] {
      while (next.fetch_add(batch_) < windows) {
        const TensorView input{pixels_.data(), DType::f32, 4, {batch_, 3, window, window}};
        if (!session_->run(input)) std::exit(1);
      }
    };
    const double processors = processor_seconds("self");
    const auto begin = Clock::now();
    std::vector<std::thread> others;
    for (int i = 1; i < session_->lanes(); ++i) others.emplace_back(lane);
    lane();
    for (std::thread& thread : others) thread.join();
    const double seconds = seconds_since(begin);
    processors_ += processor_seconds("self") - processors;
    windows_ += windows;
    seconds_.push_back(seconds);
    return seconds;
  }
  /// Forgets the runs so far.
  void begin() {
    seconds_.clear();
    processors_ = 0;
    windows_ = 0;
  }
  [[nodiscard]] const char* name() const { return name_; }
  [[nodiscard]] const std::vector<double>& seconds() const { return seconds_; }
  [[nodiscard]] double processor_ms() const { return processors_ * 1000 / static_cast<double>(windows_); }

 private:
  const char* name_;
  std::int64_t batch_;
  std::unique_ptr<infer::Session> session_;
  std::vector<float> pixels_;
  std::vector<double> seconds_;
  double processors_ = 0;
  std::int64_t windows_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: %s MODEL.onnx TILES ZOOM X Y [CLIENTS [REQUESTS [ROUNDS [OVERLAP [SERVE OPTION...]]]]]\n", argv[0]);
    return 2;
  }
  const int zoom = std::atoi(argv[3]), x = std::atoi(argv[4]), y = std::atoi(argv[5]);
  const auto given = [&](int at, int otherwise) { return argc > at ? std::atoi(argv[at]) : otherwise; };
  const int clients = given(6, 8), requests = given(7, 24), rounds = given(8, 5), overlap = given(9, -1);
  const Tiles tiles(argv[2], zoom, x, y);
  if (tiles.count() != side * side) {
    std::fprintf(stderr, "%s: expected %d x %d tiles from %d/%d/%d on, found %zu\n", argv[2], side, side, zoom, x, y, tiles.count());
    return 1;
  }
  const fs::path folder = fs::temp_directory_path() / ("fair-bench-serve-" + std::to_string(getpid()));
  fs::create_directories(folder / "models");
  fs::create_symlink(fs::absolute(argv[1]), folder / "models/model.onnx");
  std::vector<std::string> arguments{"serve", "--port", "0", "--json", "--quiet", "--models", "models", "--allow-private", "127.0.0.1"};
  for (int i = 10; i < argc; ++i) arguments.emplace_back(argv[i]);
  const auto begin = Clock::now();
  test::Child server(folder, arguments, "serve");
  int port = 0;
  while (port == 0 && server.running() && seconds_since(begin) < 30) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const Json said = Json::parse(read(folder / "serve.out"), nullptr, false);
    if (said.is_object()) port = said.value("port", 0);
  }
  for (bool ready = false; !ready && seconds_since(begin) < 30;) {
    httplib::Client client("127.0.0.1", port);
    const auto answer = client.Get("/ready");
    ready = answer && answer->status == 200;
  }
  const double to_ready = seconds_since(begin);

  Json body{{"model_uri", "model.onnx"},
            {"image_uri", tiles.address()},
            {"bbox", {longitude(x, zoom) + 1e-7, latitude(y + side, zoom) + 1e-7, longitude(x + side, zoom) - 1e-7, latitude(y, zoom) - 1e-7}},
            {"zoom", zoom},
            {"params", {{"confidence_threshold", 0.5}}}};
  if (overlap >= 0) body["params"]["overlap"] = overlap;
  const std::string text = body.dump();
  std::atomic<bool> failed{false};
  std::atomic<std::size_t> answer_bytes{0};
  const auto ask = [&](int count, std::vector<double>& latencies) {
    httplib::Client client("127.0.0.1", port);
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_read_timeout(300);
    for (int i = 0; i < count; ++i) {
      const auto start = Clock::now();
      const auto answer = client.Post("/predict", text, "application/json");
      latencies.push_back(seconds_since(start));
      if (!answer || answer->status != 200) {
        failed = true;
        std::fprintf(stderr, "status %d %s\n", answer ? answer->status : 0, answer ? answer->body.substr(0, 300).c_str() : "");
        return;
      }
      answer_bytes = answer->body.size();
    }
  };
  std::vector<double> ignored;
  ask(1, ignored);  // loads the model
  const double windows_before = metric(port, "fair_prediction_windows_total");
  ask(1, ignored);
  const auto windows = static_cast<std::int64_t>(metric(port, "fair_prediction_windows_total") - windows_before);
  const std::int64_t all = windows * requests;

  if (failed) {
    std::fprintf(stderr, "the server does not predict\n");
    return 1;
  }
  // A loop around session.run as people write it, one window or all of a request at a time on every core; and ours, windows side by side on a core
  // each.
  std::vector<Bare> bare;
  bare.emplace_back("a window a run", argv[1], 1, 1);
  bare.emplace_back("16 windows a run", argv[1], 1, side * side);
  bare.emplace_back("side by side", argv[1], 0, 1);
  for (Bare& one : bare) one.begin();

  std::vector<double> served, latencies;
  double server_processors = 0, own_processors = 0, served_windows = 0;
  const std::string server_id = std::to_string(server.pid());
  for (int r = 0; r < rounds && !failed; ++r) {
    for (Bare& one : bare) one.run(all);
    // Between the first answers and the last: while all clients ask, so that neither a round's beginning nor its end is in the figure.
    std::vector<std::vector<double>> of(static_cast<std::size_t>(clients));
    std::mutex mutex;
    std::condition_variable changed;
    int answered = 0;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) {
      threads.emplace_back([&, i] {
        while (!stop && !failed) {
          ask(1, of[static_cast<std::size_t>(i)]);
          const std::lock_guard lock(mutex);
          ++answered;
          changed.notify_one();
        }
      });
    }
    const auto wait_for = [&](int count) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return answered >= count || failed; });
    };
    wait_for(clients);
    const auto start = Clock::now();
    const double done_before = metric(port, "fair_model_windows_total");
    server_processors -= processor_seconds(server_id);
    own_processors -= processor_seconds("self");
    wait_for(clients + requests);
    const double done = metric(port, "fair_model_windows_total") - done_before;
    server_processors += processor_seconds(server_id);
    own_processors += processor_seconds("self");
    served.push_back(seconds_since(start) / done * static_cast<double>(all));
    served_windows += done;
    stop = true;
    for (std::thread& thread : threads) thread.join();
    for (const auto& some : of) latencies.insert(latencies.end(), some.begin(), some.end());
  }
  server.send(SIGTERM);
  server.wait();
  fs::remove_all(folder);
  if (failed) return 1;
  std::printf("%d clients, %d requests of %d tiles (%lld windows) a round, %d rounds; answers of %zu bytes\n", clients, requests, side * side,
              static_cast<long long>(windows), rounds, answer_bytes.load());
  const auto print = [&](const char* what, const std::vector<double>& seconds) {
    std::printf("%-16s median %.3f s, min %.3f s for %lld windows: %.1f ms a window", what, quantile(seconds, 0.5), quantile(seconds, 0),
                static_cast<long long>(all), quantile(seconds, 0.5) * 1000 / static_cast<double>(all));
  };
  print("fair serve", served);
  std::printf(", %.1f ms of processors (clients and tiles %.1f ms beside it)\n", server_processors * 1000 / served_windows,
              own_processors * 1000 / served_windows);
  for (const Bare& one : bare) {
    print(one.name(), one.seconds());
    std::printf(", %.1f ms of processors; served / bare: %.3f (medians), %.3f (minima)\n", one.processor_ms(),
                quantile(served, 0.5) / quantile(one.seconds(), 0.5), quantile(served, 0) / quantile(one.seconds(), 0));
  }
  std::printf("latency: p50 %.3f s, p90 %.3f s, p99 %.3f s; start to ready %.3f s\n", quantile(latencies, 0.5), quantile(latencies, 0.9),
              quantile(latencies, 0.99), to_ready);
  return 0;
}
