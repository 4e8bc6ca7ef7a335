// What a program is about to do to a model's versions, told where others see it before it is done.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/store/workspace.h"

namespace fair::launch {

/// One note a model, which one program at a time can make. It stays where its program dies, or cannot finish: then whoever comes next finishes or
/// undoes what it says. On one machine the dead are known by their process; on another by a beat that no longer changes.
class Intent {
 public:
  /// Finishes or undoes what a note says: {verb, model, number, folders}.
  using Settle = std::function<Result<>(const Json& note)>;

  /// `what` holds at least verb and model. A note that somebody left is settled first; of another machine's program that is one which has not changed
  /// for `dead_after`. Code::conflict, naming who, where somebody is at it.
  [[nodiscard]] static Result<std::unique_ptr<Intent>> take(const store::Notes& notes, Json what, const Settle& settle,
                                                            std::chrono::milliseconds dead_after = std::chrono::seconds(15));
  Intent(const Intent&) = delete;
  Intent& operator=(const Intent&) = delete;
  /// Leaves the note where it is not `done`.
  ~Intent();

  [[nodiscard]] const Json& note() const { return note_; }
  /// Takes the note away.
  Result<> done();

  /// Notes whose programs ran on this machine and are at it no more. None where they cannot be listed.
  [[nodiscard]] static std::vector<Json> left_here(const store::Notes& notes);
  /// Takes a note away that was settled, where it is still that one.
  static Result<> forget(const store::Notes& notes, const Json& note);

 private:
  struct Beat;
  Intent(store::Notes notes, Json note);
  store::Notes notes_;
  Json note_;
  std::unique_ptr<Beat> beat_;
};

}  // namespace fair::launch
