#include <array>
#include <random>
#include <utility>

#include "native/runs/clock.h"
#include "native/runs/database.h"
#include "native/runs/run_store.h"

namespace fair::runs {
namespace {

constexpr int layout = 1;
constexpr const char* schema = R"(
CREATE TABLE run(id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', config TEXT NOT NULL, metadata TEXT NOT NULL DEFAULT '{}');
CREATE TABLE step(run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, name TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL DEFAULT '', parameters TEXT NOT NULL, artifacts TEXT NOT NULL DEFAULT '{}', PRIMARY KEY(run, name));
CREATE TABLE line(run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, at TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX line_run ON line(run);
CREATE TABLE version(model TEXT NOT NULL, number INTEGER NOT NULL, uuid TEXT NOT NULL UNIQUE, run TEXT NOT NULL, stage TEXT NOT NULL,
  created_at TEXT NOT NULL, metadata TEXT NOT NULL, artifacts TEXT NOT NULL, PRIMARY KEY(model, number));
CREATE TABLE counter(model TEXT PRIMARY KEY, last INTEGER NOT NULL);
)";

constexpr std::array<const char*, 4> statuses{"running", "completed", "failed", "stopped"};
constexpr std::array<const char*, 4> stages{"none", "staging", "production", "archived"};

template <class Enum>
Enum from(const std::array<const char*, 4>& names, const std::string& text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (text == names[i]) return static_cast<Enum>(i);
  }
  return static_cast<Enum>(0);
}

Json json_of(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json::object() : json;
}

std::string hex(int digits) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::string text;
  while (static_cast<int>(text.size()) < digits) text += "0123456789abcdef"[random() & 15U];
  return text;
}

std::string new_uuid() {
  std::string text = hex(32);
  text[12] = '4';
  text[16] = "89ab"[static_cast<std::size_t>(text[16]) & 3U];
  return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" + text.substr(20);
}

class SqliteStore final : public RunStore {
 public:
  explicit SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Result<> prepare(const std::string& path) {
    FAIR_TRY(database_->execute("PRAGMA foreign_keys = ON"));
    FAIR_TRY_ASSIGN(const std::int64_t found, found_layout());
    if (found == layout) return {};
    if (found > layout) {
      return fail(Code::unsupported, path, "a run store of layout " + std::to_string(layout) + " or older", "layout " + std::to_string(found),
                  "use the newer version of fair that wrote it");
    }
    FAIR_TRY(database_->execute("PRAGMA journal_mode = WAL"));
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    FAIR_TRY_ASSIGN(const std::int64_t again, found_layout());  // another program may have been quicker
    if (again == layout) return {};
    FAIR_TRY(database_->execute(schema));
    FAIR_TRY(database_->execute("PRAGMA user_version = " + std::to_string(layout)));
    return transaction->commit();
  }

  Result<std::string> start(const std::string& kind, const std::string& name, const Json& config) override {
    const std::string now = utc_now();
    std::string id;  // sorts by time: 20260115-101530-3f9a
    for (const char c : now.substr(0, 19)) {
      if (c == 'T') id += '-';
      else if (c != '-' && c != ':') id += c;
    }
    id += '-';
    id += hex(4);
    FAIR_TRY(database_->prepare("INSERT INTO run(id, kind, name, status, started_at, config) VALUES(?,?,?,'running',?,?)")
                 .bind(id)
                 .bind(kind)
                 .bind(name)
                 .bind(now)
                 .bind(config.dump())
                 .run());
    return id;
  }

  Result<> start_step(const std::string& run, const std::string& step, const Json& parameters) override {
    return database_
        ->prepare(
            "INSERT INTO step(run, name, status, started_at, parameters) VALUES(?,?,'running',?,?) "
            "ON CONFLICT(run, name) DO UPDATE SET status='running', started_at=excluded.started_at, ended_at='', parameters=excluded.parameters")
        .bind(run)
        .bind(step)
        .bind(utc_now())
        .bind(parameters.dump())
        .run();
  }

  Result<> end_step(const std::string& run, const std::string& step, Status status, const Json& artifacts) override {
    return changed(database_->prepare("UPDATE step SET status=?, ended_at=?, artifacts=? WHERE run=? AND name=?")
                       .bind(statuses[static_cast<std::size_t>(status)])
                       .bind(utc_now())
                       .bind(artifacts.dump())
                       .bind(run)
                       .bind(step)
                       .run(),
                   "step " + step + " of run " + run);
  }

  Result<> log(const std::string& run, const std::string& line) override {
    return database_->prepare("INSERT INTO line(run, at, text) VALUES(?,?,?)").bind(run).bind(utc_now()).bind(line).run();
  }

  Result<> set_metadata(const std::string& id, const Json& metadata) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    auto query = database_->prepare("SELECT metadata FROM run WHERE id=?");
    query.bind(id);
    FAIR_TRY_ASSIGN(const bool found, query.step());
    if (!found) return no_run(id);
    Json merged = json_of(query.text(0));
    merged.update(metadata);
    FAIR_TRY(database_->prepare("UPDATE run SET metadata=? WHERE id=?").bind(merged.dump()).bind(id).run());
    return transaction->commit();
  }

  Result<> end(const std::string& run, Status status, const std::string& error) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    const std::string word = statuses[static_cast<std::size_t>(status)];
    const std::string now = utc_now();
    FAIR_TRY(database_->prepare("UPDATE step SET status=?, ended_at=? WHERE run=? AND status='running'").bind(word).bind(now).bind(run).run());
    FAIR_TRY(changed(database_->prepare("UPDATE run SET status=?, ended_at=?, error=? WHERE id=?").bind(word).bind(now).bind(error).bind(run).run(),
                     "run " + run));
    return transaction->commit();
  }

  Result<Run> run(const std::string& id) override {
    auto query = database_->prepare(std::string(run_columns) + " WHERE id=?");
    query.bind(id);
    FAIR_TRY_ASSIGN(const bool found, query.step());
    if (!found) return no_run(id);
    Run run = read_run(query);
    auto steps = database_->prepare("SELECT name, status, started_at, ended_at, parameters, artifacts FROM step WHERE run=? ORDER BY rowid");
    steps.bind(id);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, steps.step());
      if (!more) return run;
      run.steps.push_back(
          {steps.text(0), from<Status>(statuses, steps.text(1)), steps.text(2), steps.text(3), json_of(steps.text(4)), json_of(steps.text(5))});
    }
  }

  Result<std::vector<Run>> runs() override {
    std::vector<Run> all;
    auto query = database_->prepare(std::string(run_columns) + " ORDER BY started_at DESC, rowid DESC");
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return all;
      all.push_back(read_run(query));
    }
  }

  Result<std::vector<std::string>> log_lines(const std::string& run) override {
    std::vector<std::string> lines;
    auto query = database_->prepare("SELECT text FROM line WHERE run=? ORDER BY rowid");
    query.bind(run);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return lines;
      lines.push_back(query.text(0));
    }
  }

  Result<ModelVersion> add_version(const std::string& model, const std::string& run, const Json& metadata, const Json& artifacts) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    // A counter of its own: the number of a deleted version is never given again.
    FAIR_TRY(database_->prepare("INSERT INTO counter(model, last) VALUES(?, 1) ON CONFLICT(model) DO UPDATE SET last = last + 1").bind(model).run());
    auto last = database_->prepare("SELECT last FROM counter WHERE model=?");
    last.bind(model);
    FAIR_TRY(last.step());
    ModelVersion version;
    version.model = model;
    version.number = static_cast<int>(last.number(0));
    version.uuid = new_uuid();
    version.run_id = run;
    version.created_at = utc_now();
    version.metadata = metadata;
    version.artifacts = artifacts;
    FAIR_TRY(database_->prepare("INSERT INTO version(model, number, uuid, run, stage, created_at, metadata, artifacts) VALUES(?,?,?,?,'none',?,?,?)")
                 .bind(model)
                 .bind(std::int64_t{version.number})
                 .bind(version.uuid)
                 .bind(run)
                 .bind(version.created_at)
                 .bind(metadata.dump())
                 .bind(artifacts.dump())
                 .run());
    FAIR_TRY(transaction->commit());
    return version;
  }

  Result<std::vector<ModelVersion>> versions(const std::string& model) override {
    std::vector<ModelVersion> all;
    auto query = database_->prepare(
        "SELECT model, number, uuid, run, stage, created_at, metadata, artifacts FROM version WHERE ?1 = '' OR model = ?1 ORDER BY model, number");
    query.bind(model);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return all;
      all.push_back({query.text(0), static_cast<int>(query.number(1)), query.text(2), query.text(3), from<Stage>(stages, query.text(4)),
                     query.text(5), json_of(query.text(6)), json_of(query.text(7))});
    }
  }

  Result<> set_stage(const std::string& model, int number, Stage stage) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    if (stage == Stage::production) {
      FAIR_TRY(database_->prepare("UPDATE version SET stage='archived' WHERE model=? AND stage='production' AND number<>?")
                   .bind(model)
                   .bind(std::int64_t{number})
                   .run());
    }
    FAIR_TRY(changed(database_->prepare("UPDATE version SET stage=? WHERE model=? AND number=?")
                         .bind(stages[static_cast<std::size_t>(stage)])
                         .bind(model)
                         .bind(std::int64_t{number})
                         .run(),
                     model + " version " + std::to_string(number)));
    return transaction->commit();
  }

  Result<> remove_version(const std::string& model, int number) override {
    return changed(database_->prepare("DELETE FROM version WHERE model=? AND number=?").bind(model).bind(std::int64_t{number}).run(),
                   model + " version " + std::to_string(number));
  }

 private:
  static constexpr const char* run_columns = "SELECT id, kind, name, status, started_at, ended_at, error, config, metadata FROM run";

  Result<std::int64_t> found_layout() {
    auto version = database_->prepare("PRAGMA user_version");
    FAIR_TRY(version.step());
    return version.number(0);
  }
  static tl::unexpected<Error> no_run(const std::string& id) {
    return fail(Code::not_found, "run " + id, "a run of this workspace", "no such run", "see fair runs list");
  }
  static Run read_run(const Statement& row) {
    return {row.text(0),          row.text(1),          row.text(2), from<Status>(statuses, row.text(3)), row.text(4), row.text(5), row.text(6),
            json_of(row.text(7)), json_of(row.text(8)), {}};
  }
  Result<> changed(Result<> outcome, const std::string& thing) {
    FAIR_TRY(std::move(outcome));
    if (database_->changes() == 0)
      return fail(Code::not_found, thing, "to be in this workspace", "no such thing", "see fair runs list and fair list");
    return {};
  }

  std::unique_ptr<Database> database_;
};

}  // namespace

Result<std::unique_ptr<RunStore>> open_sqlite(const std::string& path) {
  FAIR_TRY_ASSIGN(auto database, Database::open(path));
  auto store = std::make_unique<SqliteStore>(std::move(database));
  FAIR_TRY(store->prepare(path));
  return std::unique_ptr<RunStore>(std::move(store));
}

}  // namespace fair::runs
