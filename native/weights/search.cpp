#include "native/weights/search.h"

#include <deque>
#include <utility>

#include "native/weights/refused.h"

namespace fair::weights {
namespace {

constexpr std::size_t most_depth = 64, most_parts = 100'000;

class Search {
 public:
  Search(const Pickled& pickle, const std::string& thing) : pickle_(pickle), thing_(thing), met_(pickle.values.size(), false) {}

  std::vector<Candidate> run() {
    enter(pickle_.root, "", 0);
    while (!waiting_.empty()) {
      const Place place = std::move(waiting_.front());
      waiting_.pop_front();
      visit(place);
    }
    return std::move(found_);
  }

 private:
  struct Place {
    Ref ref = 0;
    std::string path;
    std::size_t depth = 0;
  };

  void enter(Ref ref, std::string path, std::size_t depth) {
    if (met_[ref] || depth > most_depth) return;
    met_[ref] = true;
    waiting_.push_back({ref, std::move(path), depth});
  }
  static std::string below(const std::string& path, std::string_view key) {
    constexpr std::size_t shown = 200;
    return (path.empty() ? "" : path + "/") + std::string(key.substr(0, shown));
  }

  /// An object's attributes: what BUILD gave it, a dict, or a dict and slots.
  const Value* attributes(const Value& object) const {
    const Value& state = pickle_.item(object, Object::state);
    if (state.kind == Kind::dict) return &state;
    if (state.kind == Kind::tuple && !state.items.empty() && pickle_.item(state, 0).kind == Kind::dict) return &pickle_.item(state, 0);
    return nullptr;
  }
  bool scripted(const Value& object) const {
    const Value& cls = pickle_.item(object, Object::cls);
    return cls.kind == Kind::global && cls.text.substr(0, 9) == "__torch__";
  }
  bool module(const Value& object) const {
    const Value* own = attributes(object);
    if (own == nullptr) return false;
    if (scripted(object)) return true;
    const Value* parts = pickle_.member(*own, "_modules");
    return parts != nullptr && pickle_.member(*own, "_parameters") != nullptr && (parts->kind == Kind::dict || parts->kind == Kind::object);
  }

  void visit(const Place& place) {
    const Value& v = pickle_.at(place.ref);
    if (v.kind == Kind::object && module(v)) {
      Candidate c;
      c.path = place.path;
      collect(v, "", 0, c);
      if (!c.tensors.empty()) found_.push_back(std::move(c));
    } else if (v.kind == Kind::object) {
      for (const std::size_t slot : {Object::arguments, Object::state, Object::members, Object::elements})
        enter(v.items[slot], place.path, place.depth + 1);
    } else if (v.kind == Kind::dict) {
      dict(v, place);
    } else if (v.kind == Kind::list || v.kind == Kind::tuple) {
      for (std::size_t i = 0; i < v.items.size(); ++i) {
        const Kind kind = pickle_.item(v, i).kind;
        if (kind == Kind::dict || kind == Kind::object || kind == Kind::list || kind == Kind::tuple)
          enter(v.items[i], below(place.path, std::to_string(i)), place.depth + 1);
      }
    }
  }
  void dict(const Value& v, const Place& place) {
    Candidate c;
    c.path = place.path;
    for (std::size_t i = 0; i + 1 < v.items.size(); i += 2) {
      const Value &key = pickle_.at(v.items[i]), &value = pickle_.at(v.items[i + 1]);
      const std::string_view name = key.kind == Kind::text ? key.text : std::string_view();
      if (value.kind == Kind::tensor && key.kind == Kind::text) {
        take(c, std::string(name), v.items[i + 1]);
        continue;
      }
      if (key.kind == Kind::text && c.others.size() < most_parts) c.others.emplace_back(name);
      enter(v.items[i + 1], below(place.path, name), place.depth + 1);
    }
    if (!c.tensors.empty()) found_.push_back(std::move(c));
  }

  void take(Candidate& c, std::string name, Ref tensor) {
    count();
    c.tensors.push_back({std::move(name), tensor});
  }
  /// Modules may be shared, so a small pickle can describe a tree of any size.
  void count() {
    if (++parts_ > most_parts)
      refuse(Code::unsupported, thing_, "at most " + std::to_string(most_parts) + " modules and tensors", "more", "save the state dict alone");
  }
  static std::string dotted(const std::string& prefix, std::string_view name) {
    return prefix.empty() ? std::string(name) : prefix + "." + std::string(name);
  }

  void collect(const Value& object, const std::string& prefix, std::size_t depth, Candidate& c) {
    count();
    const Value* own = attributes(object);
    if (own == nullptr || depth > most_depth) return;
    if (scripted(object)) return members(*own, prefix, depth, c);
    for (const char* const part : {"_parameters", "_buffers", "_modules"}) {
      const Value* held = pickle_.member(*own, part);
      if (held != nullptr && held->kind == Kind::dict) members(*held, prefix, depth, c);
    }
  }
  void members(const Value& dict, const std::string& prefix, std::size_t depth, Candidate& c) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Value &key = pickle_.at(dict.items[i]), &value = pickle_.at(dict.items[i + 1]);
      if (key.kind != Kind::text || key.text.size() > 1000) continue;
      if (value.kind == Kind::tensor) take(c, dotted(prefix, key.text), dict.items[i + 1]);
      else if (value.kind == Kind::object) collect(value, dotted(prefix, key.text), depth + 1, c);
    }
  }

  const Pickled& pickle_;
  const std::string& thing_;
  std::vector<bool> met_;
  std::deque<Place> waiting_;
  std::vector<Candidate> found_;
  std::size_t parts_ = 0;
};

}  // namespace

std::vector<Candidate> find_states(const Pickled& pickle, const std::string& thing) { return Search(pickle, thing).run(); }

}  // namespace fair::weights
