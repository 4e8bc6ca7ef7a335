#include "native/launch/intent.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "core/base/field.h"
#include "native/runs/clock.h"
#include "native/runs/process.h"

namespace fair::launch {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto beat_every = std::chrono::seconds(3);

std::string key_of(const store::Notes& notes, const Json& note) { return notes.prefix + text_of(note, "model") + ".json"; }

/// The notes that this process is at: its own number says nothing of work that it gave up.
class AtWork {
 public:
  static void begin(const std::string& id) {
    const std::scoped_lock lock(mutex());
    ids().insert(id);
  }
  static void end(const std::string& id) {
    const std::scoped_lock lock(mutex());
    ids().erase(id);
  }
  static bool is(const std::string& id) {
    const std::scoped_lock lock(mutex());
    return ids().count(id) != 0;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static std::set<std::string>& ids() {
    static std::set<std::string> all;
    return all;
  }
};

/// Its program ran on this machine and is at it no more.
bool is_left(const Json& note) {
  const Json by = note.value("by", Json());
  if (by.is_object() && by == runs::this_process()) return !AtWork::is(text_of(note, "id"));
  return runs::has_ended(by);
}

Result<std::optional<Json>> read(const store::Notes& notes, const std::string& key) {
  const auto content = notes.store->read(key);
  if (!content && content.error().code == Code::not_found) return std::optional<Json>();
  if (!content) return fail(content.error());
  auto json = json_from(*content);
  if (!json || !json->is_object())
    return fail(Code::invalid, notes.store->name() + "/" + key, "a note of what is being done to that model", "something else",
                "remove it if no fair is at work");
  return json;
}

tl::unexpected<Error> busy(const Json& note) {
  const Json number = note.value("number", Json());
  std::string what = text_of(note, "verb") + " of " + (number.is_number_integer() && number > 0 ? "version " + number.dump() : "the model");
  return fail(Code::conflict, text_of(note, "model"), "nobody else to be changing its versions",
              what + " by " + runs::shown(note.value("by", Json())) + ", since " + text_of(note, "since"), "try again when it is done");
}

}  // namespace

/// Shows others that we live.
struct Intent::Beat {
  Beat(store::Notes notes, Json note) : thread([this, notes = std::move(notes), note = std::move(note)]() mutable { run(notes, note); }) {}
  Beat(const Beat&) = delete;
  Beat& operator=(const Beat&) = delete;
  ~Beat() {
    {
      const std::scoped_lock lock(mutex);
      stop = true;
    }
    wake.notify_all();
    thread.join();
  }
  void run(const store::Notes& notes, Json& note) {
    for (int beat = 1;; ++beat) {
      std::unique_lock lock(mutex);
      if (wake.wait_for(lock, beat_every, [this] { return stop; })) return;
      lock.unlock();
      const std::string key = key_of(notes, note);
      const auto there = read(notes, key);
      if (there && text_of(there->value_or(Json()), "id") != text_of(note, "id")) return;  // taken over: whoever took us for dead does the rest
      note["beat"] = beat;
      (void)notes.store->write(key, note.dump());  // one that is missed does no harm
    }
  }
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::thread thread;
};

Intent::Intent(store::Notes notes, Json note) : notes_(std::move(notes)), note_(std::move(note)) {
  AtWork::begin(text_of(note_, "id"));
  beat_ = std::make_unique<Beat>(notes_, note_);
}

Intent::~Intent() {
  beat_.reset();
  AtWork::end(text_of(note_, "id"));
}

Result<> Intent::forget(const store::Notes& notes, const Json& note) {
  const std::string key = key_of(notes, note);
  FAIR_TRY_ASSIGN(const auto there, read(notes, key));
  if (!there || text_of(*there, "id") != text_of(note, "id")) return {};
  return notes.store->remove(key);
}

Result<> Intent::done() {
  beat_.reset();
  return forget(notes_, note_);
}

Result<std::unique_ptr<Intent>> Intent::take(const store::Notes& notes, Json what, const Settle& settle, std::chrono::milliseconds dead_after) {
  std::random_device random;
  what["id"] = std::to_string(random()) + "-" + std::to_string(random());
  what["by"] = runs::this_process();
  what["since"] = runs::utc_now();
  what["beat"] = 0;
  const std::string key = key_of(notes, what), content = what.dump();
  std::optional<Json> watched;
  Clock::time_point changed;
  for (;;) {
    FAIR_TRY_ASSIGN(const bool made, notes.store->create(key, content));
    if (made) return std::unique_ptr<Intent>(new Intent(notes, std::move(what)));
    FAIR_TRY_ASSIGN(const auto there, read(notes, key));
    if (!there) continue;
    bool dead = is_left(*there);
    if (!dead) {
      if (runs::on_this_machine(there->value("by", Json()))) return busy(*there);
      // Of another machine: alive is who changes something; clocks of two machines are never compared.
      if (watched && *watched != *there) return busy(*there);
      if (!watched) changed = Clock::now();
      watched = there;
      dead = Clock::now() - changed > dead_after;
    }
    if (!dead) {
      std::this_thread::sleep_for(std::min(dead_after, std::chrono::milliseconds(500)));
      continue;
    }
    FAIR_TRY(settle(*there));
    FAIR_TRY(forget(notes, *there));
    watched.reset();
  }
}

std::vector<Json> Intent::left_here(const store::Notes& notes) {
  std::vector<Json> out;
  const auto listed = notes.store->list(notes.prefix);
  if (!listed) return out;
  for (const store::ObjectInfo& object : *listed) {
    const auto found = read(notes, object.key);
    Json note = found ? found->value_or(Json()) : Json();
    if (note.is_object() && is_left(note)) out.push_back(std::move(note));
  }
  return out;
}

}  // namespace fair::launch
