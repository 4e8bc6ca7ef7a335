#include "native/serve/router.h"

#include <algorithm>
#include <utility>

#include "native/serve/answers.h"

namespace fair::serve {
namespace {

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t next = path.find('/', at + 1);
    out.push_back(path.substr(at + 1, next == std::string::npos ? next : next - at - 1));
    at = next == std::string::npos ? path.size() : next;
  }
  return out;
}

bool is_name(const std::string& part) { return part.size() > 2 && part.front() == '{' && part.back() == '}'; }

}  // namespace

void Router::add(const std::string& method, const std::string& pattern, RouteHandler handler) {
  auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return p.pattern == pattern; });
  if (place == places_.end()) {
    Place made{pattern, parts_of(pattern), {}};
    const auto earlier = [&made](const Place& p) {
      return std::lexicographical_compare(made.parts.begin(), made.parts.end(), p.parts.begin(), p.parts.end(),
                                          [](const std::string& a, const std::string& b) { return !is_name(a) && is_name(b); });
    };
    place = places_.insert(std::find_if(places_.begin(), places_.end(), earlier), made);
  }
  place->methods[method] = std::move(handler);
}

const Router::Place* Router::place_of(const std::string& path, PathValues* values) const {
  const std::vector<std::string> parts = parts_of(path);
  for (const Place& place : places_) {
    if (place.parts.size() != parts.size()) continue;
    bool fits = true;
    PathValues found;
    for (std::size_t i = 0; i < parts.size() && fits; ++i) {
      if (is_name(place.parts[i])) {
        fits = !parts[i].empty();
        found[place.parts[i].substr(1, place.parts[i].size() - 2)] = parts[i];
      } else {
        fits = place.parts[i] == parts[i];
      }
    }
    if (!fits) continue;
    if (values != nullptr) *values = std::move(found);
    return &place;
  }
  return nullptr;
}

std::string Router::pattern_of(const std::string& path) const {
  const Place* place = place_of(path, nullptr);
  return place == nullptr ? "" : place->pattern;
}

bool Router::dispatch(const std::shared_ptr<Exchange>& exchange) const {
  const Request& request = exchange->request();
  PathValues values;
  const Place* place = place_of(request.path, &values);
  if (place == nullptr) return false;
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (const auto found = place->methods.find(method); found != place->methods.end()) {
    found->second(exchange, values);
    return true;
  }
  std::string allowed = "OPTIONS";
  for (const auto& [name, handler] : place->methods) allowed += ", " + name + (name == "GET" ? ", HEAD" : "");
  Answer answer = json_answer(405, {{"error", place->pattern + " takes " + allowed + ", not " + request.method}});
  answer.headers["Allow"] = allowed;
  exchange->answer(std::move(answer));
  return true;
}

}  // namespace fair::serve
