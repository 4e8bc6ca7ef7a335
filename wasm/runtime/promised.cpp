// What every plugin may use of the C++ runtime without bringing it along. Never shipped: it stands on the main module's link line as a side module,
// and the linker keeps and exports what it imports. Adding to it adds to what plugins may rely on; taking away from it breaks them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#define PROMISED extern "C" __attribute__((used, visibility("default"), noinline))

namespace {

using One = double (*)(double);
using OneFloat = float (*)(float);

struct Pure {
  virtual ~Pure() = default;
  virtual int get() const = 0;
};
struct Base : Pure {
  int get() const override { return 1; }
};
struct Derived : virtual Base {
  int get() const override { return 2; }
};
struct Virtual : virtual Base {};
struct Both : Derived, Virtual {};

/// As an author derives an exception from the standard's.
template <class E>
struct Own : E {
  using E::E;
};

template <class E>
void raise(const char* what) {
  if (*what == 'a') throw E(what);
  if (*what == 'b') throw E(std::string(what) + what);
  if (*what == 'c') throw Own<E>(what);
  throw Own<E>(std::string(what) + what);
}

}  // namespace

/// Mathematics. By address, so that nothing is computed at build time.
PROMISED double promised_math(int which, double x, double y) {
  static const One one[] = {std::exp,  std::exp2, std::expm1, std::log,  std::log2, std::log10, std::log1p, std::sin,   std::cos, std::tan,
                            std::asin, std::acos, std::atan,  std::sinh, std::cosh, std::tanh,  std::cbrt,  std::round, std::erf, std::sqrt};
  static const OneFloat one_float[] = {std::exp, std::exp2, std::expm1, std::log,  std::log2, std::log10, std::log1p, std::sin,
                                       std::cos, std::tan,  std::atan,  std::tanh, std::cbrt, std::round, std::sqrt};
  static double (*const two[])(double, double) = {std::pow, std::atan2, std::fmod, std::hypot};
  static float (*const two_float[])(float, float) = {std::pow, std::atan2, std::fmod, std::hypot};
  return one[which % 20](x) + static_cast<double>(one_float[which % 15](static_cast<float>(x))) + two[which % 4](x, y) +
         static_cast<double>(two_float[which % 4](static_cast<float>(x), static_cast<float>(y))) + static_cast<double>(std::lround(x)) +
         static_cast<double>(std::llround(x)) + std::ldexp(x, which) + std::frexp(x, &which);
}

/// Strings: made, changed, sought, compared, read as numbers and written.
PROMISED double promised_strings(const char* given, int n) {
  std::string text(given);
  std::string other = text;
  other = text;
  other.assign(given, static_cast<std::size_t>(n));
  other.assign(given);
  other.assign(static_cast<std::size_t>(n), 'a');
  text.replace(0, 1, given).replace(0, 1, given, 2).append(static_cast<std::size_t>(n), 'x').append(given).append(given, 1).append(text, 1, 2);
  text.insert(1, given).insert(2, given, 1).insert(0, text).erase(2, 1);
  text.insert(text.begin(), 'c');
  text.replace(0, 2, text, 1, 2);
  text += other + given;
  text = given + text;
  text.push_back('c');
  text.resize(static_cast<std::size_t>(n), '7');
  text.reserve(static_cast<std::size_t>(n));
  text.shrink_to_fit();
  std::size_t found = text.find(given) + text.rfind(given) + text.find('c') + text.rfind('c') + text.find_first_of(given) + text.find_last_of(given) +
                      text.find_first_not_of(given) + text.find_last_not_of(given);
  found += static_cast<std::size_t>(text.compare(other) + text.compare(given) + text.compare(1, 2, other) + text.compare(1, 2, given, 3));
  found += text.substr(1, 2).size() + text.at(0) + std::string(text, 1, 2).size() + std::string(static_cast<std::size_t>(n), 'z').size();
  found += (text == other) + (text < other) + std::hash<std::string>()(text) + std::hash<std::string_view>()(given);
  text += std::to_string(n) + std::to_string(static_cast<unsigned>(n)) + std::to_string(static_cast<long>(n)) + std::to_string(found) +
          std::to_string(static_cast<long long>(n)) + std::to_string(static_cast<unsigned long long>(n));
  return std::stod(text) + static_cast<double>(std::stof(text)) + std::stoi(text) + static_cast<double>(std::stol(text)) +
         static_cast<double>(std::stoul(text)) + static_cast<double>(std::stoll(text)) + static_cast<double>(std::stoull(text)) +
         std::strtod(given, nullptr) + static_cast<double>(std::strtof(given, nullptr)) + static_cast<double>(std::strtol(given, nullptr, 10)) +
         static_cast<double>(std::strtoul(given, nullptr, 10)) + static_cast<double>(std::strtoll(given, nullptr, 10)) + std::atoi(given) +
         static_cast<double>(found);
}

PROMISED int promised_memory(char* a, const char* b, unsigned n) {
  std::memcpy(a, b, n);
  std::memmove(a, a + 1, n);
  std::memset(a, 1, n);
  int sum = std::memcmp(a, b, n) + std::strcmp(a, b) + std::strncmp(a, b, n) + static_cast<int>(std::strlen(b));
  sum += std::strchr(b, 'c') != nullptr ? 1 : 0;
  sum += std::strstr(b, a) != nullptr ? 1 : 0;
  sum += std::memchr(b, 'c', n) != nullptr ? 1 : 0;
  void* volatile c = std::malloc(n);
  c = std::realloc(c, n + 1);
  std::free(c);
  c = std::calloc(n, 2);
  std::free(c);
  void* volatile d = ::operator new(n);
  ::operator delete(d);
  d = ::operator new[](n);
  ::operator delete[](d);
  d = ::operator new(n, std::nothrow);
  ::operator delete(d, std::size_t{n});
  d = ::operator new(n, std::align_val_t{32});
  ::operator delete(d, std::align_val_t{32});
  return sum;
}

/// Containers, smart pointers, functions, sorting.
PROMISED double promised_containers(const int* from, const int* to, const double* first, const double* last) {
  std::vector<int> ints(from, to);
  std::vector<float> floats(from, to);
  std::vector<double> doubles(first, last);
  std::vector<unsigned> unsigneds(from, to);
  std::sort(ints.begin(), ints.end());
  std::sort(floats.begin(), floats.end());
  std::sort(doubles.begin(), doubles.end());
  std::sort(unsigneds.begin(), unsigneds.end());
  std::map<int, std::string> map;
  std::set<double> set(first, last);
  std::unordered_map<std::string, int> hashed;
  std::unordered_set<int> hashed_set(from, to);
  std::deque<int> deque(from, to);
  std::list<int> list(from, to);
  for (const int i : ints) {
    map[i] = std::to_string(i);
    ++hashed[map[i]];
  }
  map.erase(map.begin());
  list.sort();
  const std::shared_ptr<Base> shared = std::make_shared<Both>();
  const std::weak_ptr<Base> weak = shared;
  const auto* derived = dynamic_cast<const Derived*>(shared.get());
  std::function<int(int)> function = [n = ints.size()](int i) { return i + static_cast<int>(n); };
  std::variant<int, std::string> either = map.begin()->second;
  std::optional<int> maybe;
  if (weak.lock()) maybe = function(1);
  return doubles.at(1) + maybe.value() + static_cast<double>(std::get<std::string>(either).size()) + derived->get() + *set.begin() +
         static_cast<double>(hashed.at("a") + hashed_set.size() + deque.at(0) + list.front()) + static_cast<double>(unsigneds.at(0)) +
         static_cast<double>(floats.at(0));
}

/// Exceptions: the standard's own, and classes derived from them.
PROMISED int promised_exceptions(int which, const char* what) {
  try {
    switch (which) {
      case 0: raise<std::runtime_error>(what); break;
      case 1: raise<std::logic_error>(what); break;
      case 2: raise<std::invalid_argument>(what); break;
      case 3: raise<std::out_of_range>(what); break;
      case 4: raise<std::length_error>(what); break;
      case 5: raise<std::domain_error>(what); break;
      case 6: raise<std::range_error>(what); break;
      case 7: raise<std::overflow_error>(what); break;
      case 8: raise<std::underflow_error>(what); break;
      case 9: throw std::bad_alloc();
      case 10: throw std::bad_cast();
      case 11: throw std::bad_optional_access();
      case 12: throw std::bad_variant_access();
      case 13: throw std::bad_function_call();
      case 18: throw which;
      case 19: throw std::bad_array_new_length();
      default: break;
    }
  } catch (const std::logic_error& e) {
    return static_cast<int>(std::strlen(e.what()));
  } catch (const std::runtime_error& e) {
    if (which == 17) throw;
    return static_cast<int>(std::strlen(e.what()));
  } catch (const std::exception& e) {
    return e.what()[0];
  } catch (...) {
    std::rethrow_exception(std::current_exception());
  }
  return typeid(Own<std::logic_error>).hash_code() == 0 ? 1 : 0;
}
