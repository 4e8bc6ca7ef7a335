#include "native/io/dataset_pack.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/native_io/scratch.h"

namespace fair::io {
namespace {

using test::Scratch;
using test::slurp;
using test::spill;

struct Sample {
  std::vector<std::uint8_t> pixels, mask;
  std::vector<std::uint16_t> things = std::vector<std::uint16_t>(37 * 21);
  std::vector<PackedChip> chips;
  Json header = {{"task", "segmentation"}, {"gsd", 0.25}};

  Sample() : pixels(37 * 21 * 3), mask(37 * 21) {
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 7);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint8_t>(i % 3 == 0 ? 255 : i % 2);
    for (std::size_t i = 0; i < things.size(); ++i) things[i] = static_cast<std::uint16_t>(i * 91);
    PackedChip chip;
    chip.name = "a-1";
    chip.width = 37;
    chip.height = 21;
    chip.pixels = pixels.data();
    chip.mask = mask.data();
    chip.things = things.data();
    chip.labels = {{"crs", "EPSG:3857"}};
    chips.push_back(chip);
    chip.name = "b-2";
    chip.part = Part::holdout;
    chip.mask = nullptr;
    chip.things = nullptr;
    chip.labels = Json();
    chips.push_back(chip);
  }
};

TEST(DatasetPack, GivesBackWhatWasWritten) {
  const Scratch scratch;
  const Sample sample;
  ASSERT_TRUE(write_pack(scratch / "d.pack", sample.header, sample.chips));
  EXPECT_EQ(scratch.files(), 1U);
  const auto pack = DatasetPack::open(scratch / "d.pack");
  ASSERT_TRUE(pack) << pack.error().message();
  EXPECT_EQ((*pack)->header(), sample.header);
  const auto& chips = (*pack)->chips();
  ASSERT_EQ(chips.size(), 2U);
  EXPECT_EQ(chips[0].name, "a-1");
  EXPECT_EQ(chips[0].part, Part::train);
  EXPECT_EQ(chips[1].part, Part::holdout);
  EXPECT_EQ(chips[0].labels, sample.chips[0].labels);
  EXPECT_EQ(std::memcmp(chips[0].pixels, sample.pixels.data(), sample.pixels.size()), 0);
  EXPECT_EQ(std::memcmp(chips[0].mask, sample.mask.data(), sample.mask.size()), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(chips[0].mask) % 64, 0U);
  EXPECT_EQ(chips[1].mask, nullptr);
  EXPECT_EQ(std::memcmp(chips[0].things, sample.things.data(), 2 * sample.things.size()), 0);
  EXPECT_EQ(chips[1].things, nullptr);
}

TEST(DatasetPack, RefusesEveryTruncation) {
  const Scratch scratch;
  const Sample sample;
  ASSERT_TRUE(write_pack(scratch / "d.pack", sample.header, sample.chips));
  const std::string whole = slurp(scratch / "d.pack");
  for (std::size_t size = 0; size < whole.size(); size += size < 700 ? 7 : 501) {
    spill(scratch / "cut.pack", whole.substr(0, size));
    const auto pack = DatasetPack::open(scratch / "cut.pack");
    ASSERT_FALSE(pack) << size;
    EXPECT_EQ(pack.error().code, Code::invalid);
  }
}

TEST(DatasetPack, NoticesEveryFlippedByteThatMatters) {
  const Scratch scratch;
  const Sample sample;
  ASSERT_TRUE(write_pack(scratch / "d.pack", sample.header, sample.chips));
  const std::string whole = slurp(scratch / "d.pack");
  std::size_t noticed = 0;
  std::size_t tried = 0;
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    spill(scratch / "bad.pack", changed);
    ++tried;
    const auto pack = DatasetPack::open(scratch / "bad.pack");
    noticed += pack ? 0 : 1;
    // What goes unnoticed is padding: the data itself must be as it was.
    if (pack) {
      EXPECT_EQ(std::memcmp((*pack)->chips()[0].pixels, sample.pixels.data(), sample.pixels.size()), 0) << at;
    }
  }
  EXPECT_GT(noticed * 10, tried * 9);
}

TEST(DatasetPack, RefusesLyingSizesWithoutReadingOutside) {
  const Scratch scratch;
  spill(scratch / "x.pack", "just some text that is no pack but longer than its preamble would be, by a bit");
  EXPECT_FALSE(DatasetPack::open(scratch / "x.pack"));
  EXPECT_EQ(DatasetPack::open(scratch / "none.pack").error().code, Code::not_found);
  EXPECT_FALSE(DatasetPack::open(scratch.path()));
}

TEST(DatasetPack, LeavesNothingWhereItCannotWrite) {
  const Scratch scratch;
  const Sample sample;
  const auto written = write_pack(scratch / "no/such/folder.pack", sample.header, sample.chips);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().hint, "");
  std::vector<PackedChip> bad = sample.chips;
  bad[0].width = 0;
  EXPECT_FALSE(write_pack(scratch / "d.pack", sample.header, bad));
  EXPECT_EQ(scratch.files(), 0U);
}

}  // namespace
}  // namespace fair::io
