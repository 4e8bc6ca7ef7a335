// A plugin as somebody outside would write it: it knows the SDK and the standard library, nothing of this project's core. It uses what the published
// runtime symbol set promises (containers, strings, sort, exceptions, math), so that leaving something out of the set fails its build.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "core/plugin/sdk.h"
#include "core/plugin/sdk_model.h"
#include "plugins/outsider/description.h"

namespace outsider {
namespace {

/// A failure of the author's own kind.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Shape {
  virtual ~Shape() = default;
  [[nodiscard]] virtual double area() const = 0;
};
struct Square final : Shape {
  explicit Square(double s) : side(s) {}
  [[nodiscard]] double area() const override { return side * side; }
  double side;
};

double of_many_functions(double x) {
  return std::exp(x) + std::log(x + 2) + std::pow(x + 1, 1.5) + std::sin(x) + std::atan2(x, 2) + std::tanh(x) + std::cbrt(x) + std::fmod(x, 0.3);
}

/// Containers of every kind; the answer is a number that depends on all.
double of_containers(const std::vector<std::string>& words) {
  std::map<std::string, int> counted;
  std::unordered_map<std::string, double> weights;
  std::set<int> lengths;
  std::unordered_set<int> seen;
  std::deque<std::string> queue;
  std::list<std::string> chain;
  for (const std::string& word : words) {
    ++counted[word];
    weights[word + "!"] += 0.5 * static_cast<double>(word.size());
    lengths.insert(static_cast<int>(word.size()));
    seen.insert(static_cast<int>(word.size()) % 3);
    queue.push_front(word);
    chain.push_back(word.substr(0, 2));
  }
  std::vector<double> numbers;
  for (const auto& [word, n] : counted) numbers.push_back(n + weights.at(word + "!"));
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> sorted(queue.begin(), queue.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  std::vector<int> ints(lengths.begin(), lengths.end());
  std::sort(ints.begin(), ints.end(), std::greater<>());
  std::nth_element(ints.begin(), ints.begin() + static_cast<std::ptrdiff_t>(ints.size() / 2), ints.end());
  chain.sort();
  std::function<double(double)> twice = [](double v) { return 2 * v; };
  const std::unique_ptr<Shape> shape = std::make_unique<Square>(2);
  const std::shared_ptr<const Shape> kept = std::make_shared<Square>(3);
  const auto* square = dynamic_cast<const Square*>(shape.get());
  const std::variant<int, std::string> either = sorted.front();
  const std::optional<int> some = ints.front();
  return twice(std::accumulate(numbers.begin(), numbers.end(), 0.0)) + static_cast<double>(seen.size() + chain.size()) + kept->area() +
         (square != nullptr ? square->side : 0) + static_cast<double>(std::get<std::string>(either).size()) + some.value();
}

/// Strings cut, sought, joined and read as numbers.
double of_strings(std::string text) {
  text.replace(0, 1, "ab").append(3, 'x').insert(1, "--").erase(2, 1);
  text += std::to_string(text.find("x")) + std::to_string(text.rfind('x')) + std::to_string(text.compare("abc"));
  text.resize(text.size() + 1, '7');
  text.reserve(200);
  return std::stod("1.5") + std::stoi("12") + static_cast<double>(std::stoll("123456789012")) + std::strtof("2.5", nullptr) +
         static_cast<double>(text.size());
}

class Outsider final : public fair::sdk::Plugin {
 public:
  explicit Outsider(std::string_view config) : model_(config) {
    if (model_.output.classes.size() < 2)
      throw Refused("a model with two classes or more is wanted, this one has " + std::to_string(model_.output.classes.size()));
    try {
      number_ = of_containers(model_.output.classes) + of_strings(model_.output.classes.front()) + of_many_functions(number_ + 0.5);
      std::map<std::string, int> empty;
      number_ += empty.at("none");
    } catch (const std::out_of_range&) {
      number_ += 1;
    }
  }

  static std::string describe() { return fair::outsider::description; }

  void preprocess(std::span<const fair_image> windows, const fair_tensor& input) override {
    auto* out = static_cast<float*>(input.data);
    for (const fair_image& w : windows) {
      for (std::int32_t c = 0; c < model_.input.channels; ++c) {
        for (std::int32_t y = 0; y < w.height; ++y) {
          for (std::int32_t x = 0; x < w.width; ++x) *out++ = static_cast<float>(w.data[y * w.row_bytes + x * w.channels + c % w.channels]) / 255.0F;
        }
      }
    }
  }

  fair::sdk::Output postprocess(std::span<const fair_tensor> outputs) override {
    if (outputs.empty() || outputs[0].rank != 4) throw Refused("scores of four axes are wanted");
    const fair_tensor& t = outputs[0];
    fair::sdk::Output output;
    output.kind = FAIR_RESULT_SCORES;
    output.shape.assign(t.shape, t.shape + 4);
    const auto count = static_cast<std::size_t>(t.shape[0] * t.shape[1] * t.shape[2] * t.shape[3]);
    const auto* from = static_cast<const float*>(t.data);
    output.values.resize(count);
    std::transform(from, from + count, output.values.begin(), [](float v) { return 1.0F / (1.0F + std::exp(-v)); });
    return output;
  }

 private:
  fair::sdk::Model model_;
  double number_ = 0;
};

}  // namespace
}  // namespace outsider

FAIR_EXPORT_PLUGIN(outsider, outsider::Outsider)
