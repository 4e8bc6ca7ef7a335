#include "native/serve/static_files.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "core/base/json.h"

namespace fair::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::pair<const char*, const char*>, 20> types{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".geojson", "application/geo+json"},
    {".wasm", "application/wasm"},
    {".onnx", "application/octet-stream"},
    {".pt", "application/octet-stream"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".svg", "image/svg+xml"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".webp", "image/webp"},
    {".yaml", "application/yaml"},
    {".zip", "application/zip"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
}};

/// An open file, closed with the answer that reads it.
struct OpenFile {
  int descriptor = -1;
  explicit OpenFile(const fs::path& path) : descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor >= 0) close(descriptor);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
};

bool inside(const fs::path& folder, const fs::path& file) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end();
}

const Mount* mount_of(const std::vector<Mount>& mounts, const std::string& path) {
  const Mount* best = nullptr;
  for (const Mount& m : mounts) {
    const bool fits = m.prefix == "/" || path == m.prefix || (path.rfind(m.prefix + "/", 0) == 0);
    if (fits && (best == nullptr || m.prefix.size() > best->prefix.size())) best = &m;
  }
  return best;
}

void answer_file(const fs::path& path, httplib::Response& response) {
  auto file = std::make_shared<OpenFile>(path);
  struct stat facts {};
  if (file->descriptor < 0 || fstat(file->descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    response.status = 404;
    return;
  }
  const std::string type = media_type(path);
  if (facts.st_size == 0) {
    response.set_content("", type);
    return;
  }
  response.set_content_provider(static_cast<std::size_t>(facts.st_size), type,
                                [file](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                                  std::array<char, 64 * 1024> buffer;
                                  const auto n = pread(file->descriptor, buffer.data(), std::min(length, buffer.size()), static_cast<off_t>(offset));
                                  return n > 0 && sink.write(buffer.data(), static_cast<std::size_t>(n));
                                });
}

}  // namespace

std::string media_type(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (const auto& [known, type] : types) {
    if (ending == known) return type;
  }
  return "application/octet-stream";
}

Result<fs::path> resolve(const std::vector<Mount>& mounts, const std::string& path) {
  const auto absent = [&](const char* why) { return fail(Code::not_found, path, "a file in one of the folders served", why); };
  if (path.empty() || path[0] != '/' || path.find('\0') != std::string::npos || path.find('\\') != std::string::npos) return absent("no such path");
  const Mount* mount = mount_of(mounts, path);
  if (mount == nullptr) return absent("no folder is served there");
  const fs::path rest = fs::path(mount->prefix == "/" ? path : path.substr(mount->prefix.size())).relative_path();
  for (const fs::path& part : rest) {
    if (part == "..") return absent("a path that climbs out");
  }
  std::error_code error;
  const fs::path folder = fs::canonical(mount->folder, error);
  if (error) return absent("the folder is gone");
  fs::path file = fs::canonical(folder / rest, error);
  if (!error && fs::is_directory(file, error)) file = fs::canonical(file / "index.html", error);
  if (error) return absent("nothing");
  if (!inside(folder, file)) return absent("a link that leads outside");
  return file;
}

struct StaticServer::State {
  StaticOptions options;
  httplib::Server server;
  int port = 0;
  std::atomic<bool> started{false}, asked_to_stop{false}, ended{false};
};

StaticServer::StaticServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
StaticServer::StaticServer(StaticServer&&) noexcept = default;
StaticServer::~StaticServer() = default;

Result<StaticServer> StaticServer::bind(const StaticOptions& options) {
  for (const Mount& m : options.mounts) {
    std::error_code error;
    if (!fs::is_directory(m.folder, error)) return fail(Code::not_found, m.folder.string(), "a folder to serve", "no such folder");
  }
  auto state = std::make_unique<State>();
  state->options = options;
  httplib::Server& server = state->server;
  const int threads = options.threads;
  server.new_task_queue = [threads] { return new httplib::ThreadPool(static_cast<std::size_t>(threads)); };
  // A second instance must be told that the port is taken, so no SO_REUSEPORT, which the library would set.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  httplib::Headers common{{"Access-Control-Allow-Origin", "*"},
                          {"Access-Control-Allow-Headers", "Range"},
                          {"Access-Control-Expose-Headers", "Content-Length, Content-Range, Accept-Ranges"},
                          {"Cache-Control", "no-cache"},
                          {"X-Content-Type-Options", "nosniff"}};
  if (options.isolated) {
    common.emplace("Cross-Origin-Opener-Policy", "same-origin");
    common.emplace("Cross-Origin-Embedder-Policy", "require-corp");
    common.emplace("Cross-Origin-Resource-Policy", "cross-origin");
  }
  server.set_default_headers(common);
  State* raw = state.get();
  server.Get(".*", [raw](const httplib::Request& request, httplib::Response& response) {
    if (const auto file = resolve(raw->options.mounts, request.path)) {
      answer_file(*file, response);
    } else {
      response.status = 404;
    }
  });
  server.Options(".*", [](const httplib::Request&, httplib::Response& response) {
    response.set_header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    response.status = 204;
  });
  server.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
    if (request.method != "HEAD") {
      const std::string reason = response.status == 404 ? "nothing is served at this path" : "the request cannot be answered";
      response.set_content(Json{{"error", reason}, {"path", request.path}}.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json");
    }
  });
  if (options.log) {
    server.set_logger([raw](const httplib::Request& request, const httplib::Response& response) {
      raw->options.log(request.method + " " + request.path + " " + std::to_string(response.status));
    });
  }
  if (options.port == 0) {
    state->port = server.bind_to_any_port(options.host.c_str());
  } else if (server.bind_to_port(options.host.c_str(), options.port)) {
    state->port = options.port;
  }
  if (state->port <= 0) {
    return fail(Code::conflict, options.host + ":" + std::to_string(options.port), "a free port", std::strerror(errno),
                "give another with --port, or 0 for any free one");
  }
  return StaticServer(std::move(state));
}

int StaticServer::port() const { return state_->port; }
std::string StaticServer::url() const { return "http://" + state_->options.host + ":" + std::to_string(state_->port); }

Result<> StaticServer::run() {
  state_->started = true;
  const bool listened = state_->asked_to_stop || state_->server.listen_after_bind();
  state_->ended = true;
  if (!listened) {
    return fail(Code::io, url(), "to answer requests until it is stopped", "the listening socket failed");
  }
  return {};
}

void StaticServer::stop() {
  state_->asked_to_stop = true;
  // The library forgets a stop that comes before it listens, so wait for it to do so.
  while (state_->started && !state_->ended && !state_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  state_->server.stop();
}

}  // namespace fair::serve
