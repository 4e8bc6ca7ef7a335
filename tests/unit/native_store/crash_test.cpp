// Every action of the catalogue, with every operation it does on the disk failing in turn.
#include <gtest/gtest.h>

#include "core/catalog/lifecycle.h"
#include "native/store/file_catalog.h"
#include "tests/unit/catalog/memory_store.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/native_store/disk.h"

namespace fair::store {
namespace {

using test::Disk;
using test::Fault;
using test::small_item;

constexpr const char* now = "2026-02-01T00:00:00Z";

stac::Item version(int number) { return small_item("town-v" + std::to_string(number), "town", std::to_string(number)); }

struct Action {
  const char* name;
  Result<> (*run)(catalog::CatalogStore&);
};

template <class T>
Result<> only_whether(Result<T> result) {
  if (!result) return tl::unexpected(std::move(result).error());
  return {};
}

const Action actions[] = {
    {"register a model", [](catalog::CatalogStore& s) { return only_whether(register_base_model(s, small_item("yolo", "yolo"), now)); }},
    {"register a model again", [](catalog::CatalogStore& s) { return only_whether(register_base_model(s, small_item("unet", "unet"), now)); }},
    {"register a dataset", [](catalog::CatalogStore& s) { return only_whether(register_dataset(s, small_item("field", "field"), now)); }},
    {"register a dataset under another id",
     [](catalog::CatalogStore& s) { return only_whether(register_dataset(s, small_item("area-2", "area"), now)); }},
    {"promote", [](catalog::CatalogStore& s) { return only_whether(promote(s, version(4), now)); }},
    {"roll back", [](catalog::CatalogStore& s) { return only_whether(promote(s, version(1), now)); }},
    {"archive", [](catalog::CatalogStore& s) { return only_whether(archive(s, "town", "3", now)); }},
    {"delete a version", [](catalog::CatalogStore& s) { return remove_version(s, "town", "2", now); }},
    {"delete a model", [](catalog::CatalogStore& s) { return only_whether(remove_model(s, "town")); }},
};

/// Everything a reader finds by following links from catalog.json; or what is wrong.
std::string seen_by_a_reader(Disk& disk, const std::string& folder) {
  std::string all;
  const auto document = [&](const std::string& path) -> Json {
    const auto text = disk.read(path);
    if (!text) return Json("WRONG: nothing at " + path);
    const auto json = parse_json(*text, path);
    return json ? *json : Json("WRONG: " + json.error().message());
  };
  const Json catalog = document(folder + "/catalog.json");
  if (!catalog.is_object()) return catalog.get<std::string>();
  for (const Json& child : catalog["links"]) {
    if (child["rel"] != "child") continue;
    const std::string path = folder + child["href"].get<std::string>().substr(1), base = path.substr(0, path.rfind('/'));
    const Json collection = document(path);
    if (!collection.is_object()) return collection.get<std::string>();
    for (const Json& link : collection["links"]) {
      if (link["rel"] != "item") continue;
      const Json item = document(base + link["href"].get<std::string>().substr(1));
      if (!item.is_object()) return item.get<std::string>();
      all += item.dump() + "\n";
    }
  }
  return all;
}

std::unique_ptr<Disk> filled(const std::string& folder) {
  auto disk = std::make_unique<Disk>();
  disk->root(folder.substr(0, folder.rfind('/')));
  const std::shared_ptr<Files> files(std::shared_ptr<Files>(), disk.get());
  auto catalog = FileCatalog::create(folder, now, files);
  EXPECT_TRUE(catalog);
  EXPECT_TRUE(disk->sync_folder(folder.substr(0, folder.rfind('/'))));
  EXPECT_TRUE(register_base_model(**catalog, small_item("unet", "unet"), now));
  EXPECT_TRUE(register_dataset(**catalog, small_item("area", "area"), now));
  for (int n = 1; n <= 3; ++n) EXPECT_TRUE(promote(**catalog, version(n), now));
  return disk;
}

class Crash : public testing::TestWithParam<std::tuple<Fault, bool>> {};

TEST_P(Crash, EveryActionIsFinishedOrUndoneWhateverFails) {
  const auto [fault, lucky] = GetParam();
  const test::Scratch scratch;  // the lock is a real file
  const std::string folder = (scratch / "catalog").string();
  std::filesystem::create_directories(folder);
  const auto original = filled(folder);
  for (const Action& action : actions) {
    std::string before, after;
    int operations = 0;
    {
      const auto disk = original->copy();
      const std::shared_ptr<Files> files(std::shared_ptr<Files>(), disk.get());
      before = seen_by_a_reader(*disk, folder);
      auto catalog = FileCatalog::open(folder, files);
      ASSERT_TRUE(catalog);
      disk->arm(0, fault);
      ASSERT_TRUE(action.run(**catalog)) << action.name;
      operations = disk->counted;
      after = seen_by_a_reader(*disk, folder);
    }
    ASSERT_NE(before, after);
    ASSERT_GT(operations, 8) << action.name;
    int undone = 0;
    for (int k = 1; k <= operations; ++k) {
      const auto disk = original->copy();
      const std::shared_ptr<Files> files(std::shared_ptr<Files>(), disk.get());
      Result<> done;
      {
        auto catalog = FileCatalog::open(folder, files);
        ASSERT_TRUE(catalog);
        disk->arm(k, fault);
        done = action.run(**catalog);
      }
      ASSERT_FALSE(done) << action.name << ": operation " << k << " failed and nobody was told";
      if (fault != Fault::error) disk->power_cut(lucky);
      const std::string torn = seen_by_a_reader(*disk, folder);
      EXPECT_EQ(torn.find("WRONG"), std::string::npos) << action.name << ", operation " << k << ", before recovery: " << torn;
      disk->arm(0, fault);
      const auto again = FileCatalog::open(folder, files);
      ASSERT_TRUE(again) << action.name << ", operation " << k << ": " << again.error().message();
      const std::string now_there = seen_by_a_reader(*disk, folder);
      EXPECT_TRUE(now_there == before || now_there == after) << action.name << ", operation " << k << " of " << operations << " left:\n" << now_there;
      undone += now_there == before ? 1 : 0;
      for (const char* collection : {"base-models", "local-models", "datasets"}) {
        const auto names = disk->list(folder + "/" + collection);
        const auto items = (*again)->items(collection);
        ASSERT_TRUE(items);
        EXPECT_EQ(names->size(), items->size() + 1) << action.name << ", operation " << k << " left rubbish in " << collection;
      }
      EXPECT_FALSE(disk->exists(folder + "/.journal.json"));
    }
    EXPECT_GT(undone, 0) << action.name;
    EXPECT_LT(undone, operations) << action.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, Crash,
                         testing::Values(std::tuple(Fault::error, true), std::tuple(Fault::dead, false), std::tuple(Fault::dead, true),
                                         std::tuple(Fault::torn_write, false), std::tuple(Fault::torn_write, true)));

TEST(Create, CutShortIsMadeWholeTheNextTime) {
  const test::Scratch scratch;
  const std::string folder = (scratch / "catalog").string();
  std::filesystem::create_directories(folder);
  for (const bool lucky : {false, true}) {
    for (int k = 1; k < 100; ++k) {
      Disk disk;
      disk.root(scratch.path().string());
      const std::shared_ptr<Files> files(std::shared_ptr<Files>(), &disk);
      disk.arm(k, Fault::torn_write);
      if (FileCatalog::create(folder, now, files)) break;
      disk.power_cut(lucky);
      const auto made = FileCatalog::create(folder, now, files);
      ASSERT_TRUE(made) << "operation " << k << ": " << made.error().message();
      EXPECT_EQ(seen_by_a_reader(disk, folder), "");
      ASSERT_TRUE(register_base_model(**made, small_item("unet", "unet"), now));
    }
  }
}

}  // namespace
}  // namespace fair::store
