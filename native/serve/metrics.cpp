#include "native/serve/metrics.h"

#include <cstdio>

namespace fair::serve {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

/// A label's value: backslashes, quotes and line ends escaped.
std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string metric_head(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string metric_line(const std::string& name, const std::string& labels, double value) { return name + labels + " " + number(value) + "\n"; }

void RequestMetrics::count(const std::string& method, const std::string& route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{method, route}][status];
  Durations& d = durations_[route];
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (seconds <= bounds[i]) ++d.buckets[i];
  }
  ++d.count;
  d.sum += seconds;
}

std::string RequestMetrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out = metric_head("fair_http_requests_total", "counter", "Requests answered, by route and status; 499: the client left before.");
  for (const auto& [key, statuses] : requests_) {
    for (const auto& [status, count] : statuses) {
      out += metric_line("fair_http_requests_total",
                         "{method=" + quoted(key.first) + ",route=" + quoted(key.second) + ",status=\"" + std::to_string(status) + "\"}",
                         static_cast<double>(count));
    }
  }
  out += metric_head("fair_http_request_seconds", "histogram", "From a request's first byte to its answer's last.");
  for (const auto& [route, d] : durations_) {
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      out += metric_line("fair_http_request_seconds_bucket", "{route=" + quoted(route) + ",le=\"" + number(bounds[i]) + "\"}",
                         static_cast<double>(d.buckets[i]));
    }
    out += metric_line("fair_http_request_seconds_bucket", "{route=" + quoted(route) + ",le=\"+Inf\"}", static_cast<double>(d.count));
    out += metric_line("fair_http_request_seconds_sum", "{route=" + quoted(route) + "}", d.sum);
    out += metric_line("fair_http_request_seconds_count", "{route=" + quoted(route) + "}", static_cast<double>(d.count));
  }
  return out;
}

}  // namespace fair::serve
