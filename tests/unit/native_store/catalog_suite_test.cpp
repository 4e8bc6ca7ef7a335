// One suite for every place a catalogue can lie. The API's part runs where FAIR_TEST_STAC names a STAC API with transactions
// ("http://127.0.0.1:8082"): tests/peers/run.sh starts one. It empties the three collections.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "core/catalog/lifecycle.h"
#include "core/catalog/version_links.h"
#include "native/store/file_catalog.h"
#include "tests/unit/catalog/memory_store.h"
#include "tests/unit/native_io/scratch.h"
#ifdef FAIR_WITH_CURL
#include "native/store/api_catalog.h"
#endif

namespace fair::store {
namespace {

constexpr const char* now = "2026-02-01T00:00:00Z";

stac::Item placed_item(const std::string& id, const std::string& family, const std::string& version = {}) {
  stac::Item item = test::small_item(id, family, version);
  item.json()["geometry"] = {{"type", "Point"}, {"coordinates", Json::array({85.5, 27.6})}};
  item.json()["bbox"] = Json::array({85.5, 27.6, 85.5, 27.6});
  return item;
}

class Catalogues : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "api") {
#ifdef FAIR_WITH_CURL
      if (std::getenv("FAIR_TEST_STAC") == nullptr)
        GTEST_SKIP() << "no STAC API: FAIR_TEST_STAC is not set; tests/peers/run.sh starts one and sets it";
#else
      GTEST_SKIP() << "a build without libcurl";
#endif
    }
    auto made = open();
    ASSERT_TRUE(made) << made.error().message();
    catalog_ = std::move(*made);
    empty();
  }
  void TearDown() override {
    if (catalog_) empty();
  }

  [[nodiscard]] Result<std::unique_ptr<catalog::CatalogStore>> open() const {
    if (std::string(GetParam()) == "files") {
      FAIR_TRY_ASSIGN(auto files, FileCatalog::create((scratch_ / "catalog").string(), now));
      return std::unique_ptr<catalog::CatalogStore>(std::move(files));
    }
#ifdef FAIR_WITH_CURL
    ApiOptions options;
    options.url = std::getenv("FAIR_TEST_STAC");
    options.lease_seconds = 3;
    FAIR_TRY_ASSIGN(auto api, ApiCatalog::open(options));
    return std::unique_ptr<catalog::CatalogStore>(std::move(api));
#else
    return fail(Code::unsupported, "STAC API", "a build with libcurl", "one without");
#endif
  }

  void empty() {
    for (const char* collection : {catalog::base_models, catalog::local_models, catalog::datasets}) {
      const auto all = catalog_->items(collection);
      ASSERT_TRUE(all) << all.error().message();
      std::vector<catalog::Write> writes;
      for (const stac::Item& item : *all) {
        catalog::Write write;
        write.kind = catalog::Write::Kind::remove, write.collection = collection, write.id = item.id();
        writes.push_back(std::move(write));
      }
      if (writes.empty()) continue;
      const auto emptied = catalog_->commit(writes);
      ASSERT_TRUE(emptied) << emptied.error().message();
    }
  }

  /// Ids with their links and state, one line an item.
  static std::string state(catalog::CatalogStore& store, const char* collection) {
    std::string out;
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    const auto all = store.items(collection);
    if (!all) return all.error().message();
    std::map<std::string, stac::Item> sorted;
    for (const stac::Item& item : *all) sorted.insert_or_assign(item.id(), item);
    for (const auto& [id, item] : sorted) {
      out += id + (item.deprecated() ? " deprecated" : " active") + " <- " + or_dash(catalog::linked(item, catalog::predecessor)) + " -> " +
             or_dash(catalog::linked(item, catalog::successor)) + ", latest " + or_dash(catalog::linked(item, catalog::latest)) + "\n";
    }
    return out;
  }

  test::Scratch scratch_;
  std::unique_ptr<catalog::CatalogStore> catalog_;
};

TEST_P(Catalogues, AVersionsLife) {
  catalog::CatalogStore& store = *catalog_;
  for (int i = 0; i < 3; ++i) {
    const auto registered = register_base_model(store, placed_item("unet", "unet"), now);
    ASSERT_TRUE(registered) << registered.error().message();
  }
  EXPECT_EQ(state(store, catalog::base_models),
            "unet active <- unet-v2 -> -, latest unet\n"
            "unet-v1 deprecated <- - -> unet-v2, latest -\n"
            "unet-v2 deprecated <- unet-v1 -> unet, latest -\n");
  for (const int n : {1, 2, 1}) {
    const auto promoted = promote(store, placed_item("town-v" + std::to_string(n), "town", std::to_string(n)), now);
    ASSERT_TRUE(promoted) << promoted.error().message();
  }
  EXPECT_EQ(state(store, catalog::local_models),
            "town-v1 active <- - -> town-v2, latest town-v1\n"  // a rollback
            "town-v2 deprecated <- town-v1 -> -, latest -\n");
  ASSERT_TRUE(archive(store, "town", "1", now));
  ASSERT_TRUE(remove_version(store, "town", "2", now));
  EXPECT_EQ(*remove_model(store, "town"), 1U);
  EXPECT_EQ(state(store, catalog::local_models), "");
  EXPECT_EQ(store.item(catalog::local_models, "town-v1").error().code, Code::not_found);
  EXPECT_EQ(store.item(catalog::local_models, "../x").error().code, Code::not_found);
}

TEST_P(Catalogues, WhatIsPutComesBack) {
  stac::Item item = placed_item("unet", "unet");
  item.json()["properties"]["fair:nested"] = Json::parse(R"({"a": [1, 2.5, "drei", null, true], "b": {"c": "ü \" \\ \n"}})");
  item.json()["assets"]["model"] = Json::parse(R"({"href": "https://example.org/m.onnx", "roles": ["mlm:model"], "file:size": 12})");
  item.add_link({"derived_from", "https://example.org/base", "", "the base"});
  catalog::Write write;
  write.collection = catalog::base_models, write.id = "unet", write.item = item;
  const auto put = catalog_->commit({write});
  ASSERT_TRUE(put) << put.error().message();
  const auto got = catalog_->item(catalog::base_models, "unet");
  ASSERT_TRUE(got) << got.error().message();
  // In whatever order a store keeps fields.
  const auto plain = [](const Json& json) { return nlohmann::json::parse(json.dump()); };
  EXPECT_EQ(plain(got->property("fair:nested")), plain(item.property("fair:nested")));
  EXPECT_EQ(plain(got->asset("model")), plain(item.asset("model")));
  ASSERT_TRUE(got->link("derived_from"));
  EXPECT_EQ(got->link("derived_from")->href, "https://example.org/base");
}

TEST_P(Catalogues, MoreItemsThanAPageHolds) {
  std::vector<catalog::Write> writes;
  for (int i = 0; i < 230; ++i) {
    catalog::Write write;
    write.collection = catalog::datasets, write.id = "d" + std::to_string(i), write.item = placed_item(write.id, write.id);
    writes.push_back(std::move(write));
  }
  const auto put = catalog_->commit(writes);
  ASSERT_TRUE(put) << put.error().message();
  const auto all = catalog_->items(catalog::datasets);
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(all->size(), 230U);
}

TEST_P(Catalogues, APlanMadeBeforeAnotherWriterCameIsRefused) {
  auto other = open();
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->items(catalog::base_models));
  ASSERT_TRUE(register_base_model(*catalog_, placed_item("unet", "unet"), now));
  catalog::Write write;
  write.collection = catalog::base_models, write.id = "unet", write.item = placed_item("unet", "unet");
  const auto late = (*other)->commit({write});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
  EXPECT_TRUE(register_base_model(**other, placed_item("unet", "unet"), now)) << "decided anew, it is the next version";
  EXPECT_EQ(catalog_->items(catalog::base_models)->size(), 2U);
}

TEST_P(Catalogues, ManyWritersAtOnceLoseNothing) {
  constexpr int writers = 4, each = 3;
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      auto mine = open();
      ASSERT_TRUE(mine) << mine.error().message();
      const std::string name = "m" + std::to_string(w);
      for (int i = 0; i < each;) {
        const auto done = register_base_model(**mine, placed_item(name, name), now);
        if (done) {
          ++i;
        } else {
          ASSERT_EQ(done.error().code, Code::conflict) << done.error().message();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto items = catalog_->items(catalog::base_models);
  ASSERT_TRUE(items) << items.error().message();
  EXPECT_EQ(items->size(), static_cast<std::size_t>(writers * each));
}

/// A promotion touches two items: a writer killed at any moment has done both or neither, and leaves a catalogue that goes on.
TEST_P(Catalogues, KilledWritersLeaveNothingHalfDone) {
  ASSERT_TRUE(promote(*catalog_, placed_item("town-v1", "town", "1"), now));
  const char* asked = std::getenv("FAIR_TEST_KILLS");
  const int kills = asked == nullptr ? 10 : std::atoi(asked);
  std::minstd_rand random(11);
  int version = 1;
  for (int i = 0; i < kills; ++i) {
    const std::string next = std::to_string(version + 1);
    const pid_t child = ::fork();
    if (child == 0) {
      auto mine = open();
      if (mine) (void)promote(**mine, placed_item("town-v" + next, "town", next), now);
      ::_exit(0);
    }
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, std::string(GetParam()) == "api" ? 400000 : 20000)(random)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    auto fresh = open();
    ASSERT_TRUE(fresh) << fresh.error().message();
    const auto all = (*fresh)->items(catalog::local_models);
    ASSERT_TRUE(all) << all.error().message();
    std::vector<std::string> active;
    bool there = false;
    for (const stac::Item& item : *all) {
      if (!item.deprecated()) active.push_back(item.id());
      if (item.id() == "town-v" + next) there = true;
    }
    ASSERT_EQ(active.size(), 1U) << "kill " << i;
    EXPECT_EQ(active.front(), there ? "town-v" + next : "town-v" + std::to_string(version));
    if (there) ++version;
  }
  const auto last = promote(*catalog_, placed_item("town-v999", "town", "999"), now);
  EXPECT_TRUE(last) << last.error().message();
}

INSTANTIATE_TEST_SUITE_P(Each, Catalogues, testing::Values("files", "api"), [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace fair::store
