#include "native/runs/layout.h"

namespace fair::runs {
namespace {

constexpr int layout = 2;
constexpr const char* schema = R"(
CREATE TABLE run(id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', config TEXT NOT NULL, metadata TEXT NOT NULL DEFAULT '{}',
  process TEXT NOT NULL DEFAULT 'null');
CREATE TABLE step(run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, name TEXT NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  ended_at TEXT NOT NULL DEFAULT '', parameters TEXT NOT NULL, artifacts TEXT NOT NULL DEFAULT '{}', PRIMARY KEY(run, name));
CREATE TABLE line(run TEXT NOT NULL REFERENCES run(id) ON DELETE CASCADE, at TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX line_run ON line(run);
CREATE TABLE version(model TEXT NOT NULL, number INTEGER NOT NULL, uuid TEXT NOT NULL UNIQUE, run TEXT NOT NULL, stage TEXT NOT NULL,
  created_at TEXT NOT NULL, metadata TEXT NOT NULL, artifacts TEXT NOT NULL, PRIMARY KEY(model, number));
CREATE TABLE counter(model TEXT PRIMARY KEY, last INTEGER NOT NULL);
)";
constexpr const char* from_layout_1 = "ALTER TABLE run ADD COLUMN process TEXT NOT NULL DEFAULT 'null'";

Result<std::int64_t> found_layout(Database& database) {
  auto version = database.prepare("PRAGMA user_version");
  FAIR_TRY(version.step());
  return version.number(0);
}

}  // namespace

Result<> prepare_layout(Database& database, const std::string& path) {
  FAIR_TRY(database.execute("PRAGMA foreign_keys = ON"));
  FAIR_TRY_ASSIGN(const std::int64_t found, found_layout(database));
  if (found == layout) return {};
  if (found > layout) {
    return fail(Code::unsupported, path, "a run store of layout " + std::to_string(layout) + " or older", "layout " + std::to_string(found),
                "use the newer version of fair that wrote it");
  }
  FAIR_TRY(database.execute("PRAGMA journal_mode = WAL"));
  FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(database));
  FAIR_TRY_ASSIGN(const std::int64_t again, found_layout(database));  // another program may have been quicker
  if (again == layout) return {};
  FAIR_TRY(database.execute(again == 1 ? from_layout_1 : schema));
  FAIR_TRY(database.execute("PRAGMA user_version = " + std::to_string(layout)));
  return transaction->commit();
}

}  // namespace fair::runs
