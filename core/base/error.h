// Errors as values: what every fallible function of core returns.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace fair {

/// What kind of failure, for programs. Hosts map it to exit codes and HTTP statuses.
enum class Code {
  usage,         ///< the caller asked for something meaningless
  not_found,     ///< the named thing is not there
  invalid,       ///< the thing is there and wrong (data, item, model)
  incompatible,  ///< two right things that do not fit each other
  unsupported,   ///< right, but this build or plugin cannot do it
  conflict,      ///< somebody else holds or has changed it
  io,            ///< the world failed: disk, network, permission
  cancelled,     ///< asked to stop
  internal,      ///< a fault of ours
};

/// The four things a reader of an error needs. Each part is plain UTF-8, no trailing full stop.
struct Error {
  Code code = Code::internal;
  std::string thing;     ///< what it is about: a path, an id, a field, a node
  std::string expected;  ///< what was expected of it
  std::string found;     ///< what was found instead
  std::string hint;      ///< what to do next; may be empty

  /// One line: "thing: expected …, found …; hint".
  [[nodiscard]] std::string message() const;
};

/// A value or an Error.
template <class T = void>
using Result = tl::expected<T, Error>;

/// Makes the failed side of any Result.
inline tl::unexpected<Error> fail(Code code, std::string thing, std::string expected, std::string found, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(thing), std::move(expected), std::move(found), std::move(hint)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// The word for a code as programs spell it ("not_found").
[[nodiscard]] const char* name(Code code);

}  // namespace fair

/// Leaves the enclosing function with the error of `expr`, a Result.
#define FAIR_TRY(expr)                                                            \
  do {                                                                            \
    if (auto fair_try_result = (expr); !fair_try_result) {                        \
      return ::tl::unexpected<::fair::Error>(std::move(fair_try_result).error()); \
    }                                                                             \
  } while (false)

#define FAIR_CONCAT_(a, b) a##b
#define FAIR_CONCAT(a, b) FAIR_CONCAT_(a, b)
/// `FAIR_TRY_ASSIGN(auto x, f());` binds the value, or leaves with the error.
#define FAIR_TRY_ASSIGN(declaration, expr)                                                          \
  auto FAIR_CONCAT(fair_result_, __LINE__) = (expr);                                                \
  if (!FAIR_CONCAT(fair_result_, __LINE__)) {                                                       \
    return ::tl::unexpected<::fair::Error>(std::move(FAIR_CONCAT(fair_result_, __LINE__)).error()); \
  }                                                                                                 \
  declaration = std::move(*FAIR_CONCAT(fair_result_, __LINE__))
